# SPDX-License-Identifier: GPL-2.0-only
"""store.py - findings.db of a state directory; reports/schema.sql says what its columns mean.

Each function that writes is one transaction, and what it has returned from survives kill -9 and a power cut (WAL with
synchronous=FULL).  A full disk raises sqlite3.OperationalError (is_full()) and leaves what was there.  One writer at a
time: others wait for BUSY_S; readers never wait.
"""
import contextlib
import datetime
import pathlib
import sqlite3

SCHEMA = pathlib.Path(__file__).resolve().parent.parent / "schema.sql"
# Script N takes a database from version N to N + 1.  A release's scripts are never changed, only added to.
MIGRATIONS = (SCHEMA,)
BUSY_S = 30
NAME = "findings.db"

# What a later sighting may say anew, and what belongs to the program.
OF_SIGHTING = ("class", "name", "title", "statement", "source", "kernel", "commit_id", "known")
OF_MINIMIZING = ("replayed", "replays", "command", "program", "twin", "lanes", "stack_first", "stack_second")


class StoreError(Exception):
    """A database that this program cannot use; the text is for people."""


def now():
    return datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def is_full(error):
    return isinstance(error, sqlite3.OperationalError) and "full" in str(error)


def open_store(path, create=True, migrations=MIGRATIONS):
    """@path: a state directory, or a database.  Brings an older one up to date; refuses a newer one."""
    path = pathlib.Path(path)
    if path.is_dir() or (create and path.suffix != ".db"):
        path = path / NAME
    if not create and not path.exists():
        raise StoreError(f"{path}: no findings there")
    path.parent.mkdir(parents=True, exist_ok=True)
    db = sqlite3.connect(path, timeout=BUSY_S, isolation_level=None)
    db.row_factory = sqlite3.Row
    try:
        db.execute("PRAGMA journal_mode=WAL")
        db.execute("PRAGMA synchronous=FULL")
        db.execute("PRAGMA foreign_keys=ON")
        migrate(db, path, migrations)
    except sqlite3.DatabaseError as error:
        db.close()
        if is_full(error):
            raise
        raise StoreError(f"{path}: {error}") from error
    except StoreError:
        db.close()
        raise
    return db


def migrate(db, path, migrations):
    if db.execute("PRAGMA user_version").fetchone()[0] == len(migrations):
        return
    with transaction(db):
        version = db.execute("PRAGMA user_version").fetchone()[0]
        if version > len(migrations):
            raise StoreError(f"{path}: version {version} of the database, this program knows up to {len(migrations)}")
        for script in migrations[version:]:
            # Not executescript(), which would commit half of it.
            for statement in statements(script.read_text(encoding="utf-8")):
                db.execute(statement)
        db.execute(f"PRAGMA user_version={len(migrations)}")


def statements(script):
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""


@contextlib.contextmanager
def transaction(db):
    db.execute("BEGIN IMMEDIATE")
    try:
        yield
        db.execute("COMMIT")
    except BaseException:
        # A full disk has rolled it back already.
        if db.in_transaction:
            db.execute("ROLLBACK")
        raise


def begin_night(db, seed, **columns):
    columns = {"started": now(), "state": "running", "seed": seed, **columns}
    return insert(db, "night", columns)


def end_night(db, night, state):
    update(db, "night", night, {"state": state, "ended": now()})


def resume_night(db, night):
    update(db, "night", night, {"state": "running", "ended": None})


def unfinished_night(db):
    """The newest night if it is to be taken up again, else None."""
    row = db.execute("SELECT * FROM night ORDER BY id DESC LIMIT 1").fetchone()
    return row if row and row["state"] != "finished" else None


def plan_stage(db, night, name, kind, **columns):
    """The stage's id; one that is planned already stays as it is."""
    row = db.execute("SELECT id FROM stage WHERE night_id = ? AND name = ?", (night, name)).fetchone()
    if row:
        return row["id"]
    return insert(db, "stage", {"night_id": night, "name": name, "kind": kind, "outcome": "planned", **columns})


def begin_stage(db, stage, **columns):
    """The number of the attempt, from 1."""
    with transaction(db):
        attempts = db.execute("SELECT attempts FROM stage WHERE id = ?", (stage,)).fetchone()["attempts"] + 1
        update(db, "stage", stage, {"started": now(), "ended": None, "outcome": "running", "why": None,
                                    "attempts": attempts, **columns})
    return attempts


def end_stage(db, stage, outcome, **columns):
    update(db, "stage", stage, {"ended": now(), "outcome": outcome, **columns})


def record_finding(db, night, finding, sighting, stage=None):
    """@finding: columns of the table; key, class and name at least.  @sighting: columns; origin at least, and count if
    it stands for more than one.  Returns (the finding's id, the sighting's id); an origin that is there already
    changes nothing, and the sighting's id is None."""
    at = sighting.get("at") or now()
    with transaction(db):
        row = db.execute("SELECT id, finding_id FROM sighting WHERE origin = ?", (sighting["origin"],)).fetchone()
        if row:
            return row["finding_id"], None
        row = db.execute("SELECT id, program FROM finding WHERE key = ?", (finding["key"],)).fetchone()
        found = row["id"] if row else insert(db, "finding", {
            "key": finding["key"], "class": finding["class"], "name": finding["name"],
            "first_night": night, "first_seen": at})
        columns = {name: sighting[name] for name in ("seed", "text", "input", "origin", "count") if name in sighting}
        seen = insert(db, "sighting", {"finding_id": found, "night_id": night, "stage_id": stage, "at": at, **columns})
        said = {name: finding[name] for name in OF_SIGHTING + OF_MINIMIZING if finding.get(name) is not None}
        if row and row["program"]:
            said.pop("command", None)  # it repeats that program, and not what was seen now
        update(db, "finding", found, {"last_night": night, "last_seen": at, **said})
        recount(db, found)
    return found, seen


def split_sighting(db, sighting, key, **columns):
    """Minimising has told what it really was: it belongs to the finding @key from now on, which is made as a copy of
    the one that it was counted as, with @columns changed, if there is none.  That one goes when nothing is left of it.
    """
    with transaction(db):
        before = db.execute("SELECT f.* FROM finding f JOIN sighting s ON s.finding_id = f.id WHERE s.id = ?",
                            (sighting,)).fetchone()
        row = db.execute("SELECT id FROM finding WHERE key = ?", (key,)).fetchone()
        seen = {name: before[name] for name in ("last_night", "last_seen", *OF_SIGHTING)}
        seen.update(columns)
        if row:
            finding = row["id"]
            update(db, "finding", finding, seen)
        else:
            finding = insert(db, "finding", {"key": key, "first_night": before["last_night"],
                                             "first_seen": before["last_seen"], **seen})
        update(db, "sighting", sighting, {"finding_id": finding})
        recount(db, finding)
        recount(db, before["id"])
        db.execute("DELETE FROM finding WHERE id = ? AND count = 0", (before["id"],))
    return finding


def recount(db, finding):
    db.execute("UPDATE finding SET count = (SELECT coalesce(sum(count), 0) FROM sighting "
               "WHERE finding_id = finding.id) WHERE id = ?", (finding,))


def record_minimized(db, finding, sighting, **columns):
    """What minimising the sighting's input gave; columns of OF_MINIMIZING, none if it gave nothing."""
    with transaction(db):
        update(db, "finding", finding, columns)
        update(db, "sighting", sighting, {"minimized": 1})


def record_figure(db, night, name, value, unit=None, stage=None):
    with transaction(db):
        # Two NULLs are not the same to UNIQUE.
        db.execute("DELETE FROM figure WHERE night_id = ? AND stage_id IS ? AND name = ?", (night, stage, name))
        insert(db, "figure", {"night_id": night, "stage_id": stage, "name": name, "value": value, "unit": unit})


def record_row(db, table, **columns):
    """A row of invariant, race_window or canary; one that is there already gets these columns."""
    key = {"invariant": "tag", "race_window": "name", "canary": "bug"}[table]
    names = list(columns)
    db.execute(f"INSERT INTO {table} ({', '.join(names)}) VALUES ({', '.join('?' * len(names))}) "
               f"ON CONFLICT (night_id, {key}) DO UPDATE SET {', '.join(f'{n} = excluded.{n}' for n in names)}",
               list(columns.values()))


def record_coverage(db, night, kernel, functions, lines):
    """Replaces the night's: rows of coverage as dicts, and the lines, which are kept of the newest night only."""
    with transaction(db):
        db.execute("DELETE FROM coverage WHERE night_id = ? AND kernel IS ?", (night, kernel))
        db.execute("DELETE FROM coverage_line WHERE kernel IS ?", (kernel,))
        for row in functions:
            insert(db, "coverage", {"night_id": night, "kernel": kernel, **row})
        db.executemany("INSERT INTO coverage_line (kernel, file, line, count, text) VALUES (?, ?, ?, ?, ?)",
                       ((kernel, row["file"], row["line"], row["count"], row["text"]) for row in lines))


def insert(db, table, columns):
    names = list(columns)
    cursor = db.execute(f"INSERT INTO {table} ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})",
                        list(columns.values()))
    return cursor.lastrowid


def update(db, table, row, columns):
    if columns:
        db.execute(f"UPDATE {table} SET {', '.join(f'{name} = ?' for name in columns)} WHERE id = ?",
                   [*columns.values(), row])
