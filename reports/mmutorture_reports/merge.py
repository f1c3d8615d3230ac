# SPDX-License-Identifier: GPL-2.0-only
"""merge.py - what several machines' nights found, in one state directory.

Each night of another directory becomes one of this one, once: it is known by its host, its beginning, its seed and its
options.  A merge that was killed is done again from its beginning, which changes nothing that is there.
"""
import hashlib
import os
import pathlib
import shutil

from . import store

COPIED = ("stage", "figure", "invariant", "race_window", "canary", "coverage")
ENTRY = ("host", "started", "seed", "options")


def columns_of(db, table):
    return [row["name"] for row in db.execute(f"PRAGMA table_info({table})")]


def merge_night(db, other, night, prefix):
    """In one transaction.  False: it is here already, as complete as there."""
    where = " AND ".join(f"{name} IS ?" for name in ENTRY)
    values = {name: night[name] for name in columns_of(db, "night") if name != "id"}
    with store.transaction(db):
        row = db.execute(f"SELECT id, state FROM night WHERE {where}", [night[name] for name in ENTRY]).fetchone()
        if row and row["state"] == "finished":
            return False
        here = row["id"] if row else store.insert(db, "night", values)
        store.update(db, "night", here, values)
        stages = {None: None}
        for table in COPIED:
            if table != "stage":
                db.execute(f"DELETE FROM {table} WHERE night_id = ?", (here,))
            for source in other.execute(f"SELECT * FROM {table} WHERE night_id = ?", (night["id"],)):
                merge_row(db, table, dict(source), here, stages, prefix)
        for sighting in other.execute("SELECT * FROM sighting WHERE night_id = ?", (night["id"],)):
            merge_sighting(db, other, dict(sighting), here, stages, prefix)
    return True


def merge_row(db, table, row, night, stages, prefix):
    row["night_id"] = night
    if table != "stage":
        if "stage_id" in row:
            row["stage_id"] = stages[row["stage_id"]]
        store.insert(db, table, row)
        return
    there = row.pop("id")
    if row["log"]:
        row["log"] = f"{prefix}/{row['log']}"
    known = db.execute("SELECT id FROM stage WHERE night_id = ? AND name = ?", (night, row["name"])).fetchone()
    if known:
        store.update(db, "stage", known["id"], row)
    stages[there] = known["id"] if known else store.insert(db, "stage", row)


def merge_sighting(db, other, sighting, night, stages, prefix):
    origin = f"{prefix}/{sighting['origin']}"
    source = dict(other.execute("SELECT * FROM finding WHERE id = ?", (sighting["finding_id"],)).fetchone())
    here = merge_finding(db, source, night)
    known = db.execute("SELECT id, finding_id FROM sighting WHERE origin = ?", (origin,)).fetchone()
    del sighting["id"]
    sighting.update(finding_id=here, night_id=night, stage_id=stages[sighting["stage_id"]], origin=origin)
    if known:
        store.update(db, "sighting", known["id"], sighting)
        store.recount(db, known["finding_id"])
        db.execute("DELETE FROM finding WHERE id = ? AND count = 0", (known["finding_id"],))
    else:
        store.insert(db, "sighting", sighting)
    store.recount(db, here)


def merge_finding(db, source, night):
    """The shorter program stays, with all that belongs to it; of the rest what was seen last."""
    row = db.execute("SELECT * FROM finding WHERE key = ?", (source["key"],)).fetchone()
    source = {**{name: value for name, value in source.items() if name not in ("id", "count")},
              "first_night": night, "last_night": night}
    if not row:
        return store.insert(db, "finding", source)
    changes = {}
    if source["program"] and (not row["program"] or len(source["program"]) < len(row["program"])):
        changes.update({name: source[name] for name in store.OF_MINIMIZING})
    if source["last_seen"] > row["last_seen"]:
        changes.update({name: source[name] for name in (*store.OF_SIGHTING, "last_seen", "last_night")
                        if source[name] is not None})
    if source["first_seen"] < row["first_seen"]:
        changes.update({"first_seen": source["first_seen"], "first_night": night})
    store.update(db, "finding", row["id"], changes)
    return row["id"]


def merge_corpora(state, other):
    """Inputs are named by their contents; the number of those that are new."""
    added = 0
    for path in sorted((other / "corpus").glob("*/*/*")):
        if not path.is_file() or path.parent.name.endswith(".before"):
            continue
        contents = path.read_bytes()
        here = state / path.relative_to(other).parent / hashlib.sha1(contents).hexdigest()
        if here.exists():
            continue
        here.parent.mkdir(parents=True, exist_ok=True)
        beside = here.with_name("." + here.name)
        shutil.copyfile(path, beside)
        os.replace(beside, here)
        added += 1
    return added


def merge_nights(db, other):
    """How many came, or came on."""
    source = store.open_store(other, create=False)
    try:
        nights = [merge_night(db, source, night, f"merged/{other.name}")
                  for night in source.execute("SELECT * FROM night ORDER BY id").fetchall()]
    finally:
        source.close()
    return sum(nights)


def merge_command(db, options):
    state = pathlib.Path(options.state)
    for name in options.other:
        other = pathlib.Path(name).resolve()
        nights = 0 if options.corpora_only else merge_nights(db, other)
        inputs = merge_corpora(state, other)
        print(f"{name}: {nights} nights and {inputs} inputs are new here")
