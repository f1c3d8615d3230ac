# SPDX-License-Identifier: GPL-2.0-only
"""findings.py - `mmutorture findings list|show|export|merge`: the store, for people.

Exit: 0 done, 1 no such finding, 2 usage.
"""
import argparse
import json
import os
import pathlib
import sys

from . import merge, store
from .files import write_whole


def select(db, names):
    """Findings by number or by the beginning of their key; all of them without names."""
    rows = db.execute("SELECT * FROM finding ORDER BY known, last_seen DESC, id").fetchall()
    if not names:
        return rows
    chosen = []
    for name in names:
        hits = [row for row in rows if name == str(row["id"]) or row["key"].startswith(name)]
        if not hits:
            raise LookupError(f"no finding '{name}'")
        chosen += [row for row in hits if row not in chosen]
    return chosen


def list_findings(db, options):
    rows = [row for row in select(db, []) if options.all or not row["known"]]
    if options.json:
        print(json.dumps([dict(row) for row in rows], indent=1))
        return
    for row in rows:
        rate = f"{row['replayed']}/{row['replays']}" if row["replays"] else "-"
        print(f"{row['id']:4}  {row['last_seen']}  {row['count']:6} times  replay {rate:10}"
              f"{'known  ' if row['known'] else ''}{row['key']}")
    hidden = db.execute("SELECT count(*) FROM finding WHERE known").fetchone()[0] if not options.all else 0
    print(f"{len(rows)} findings" + (f"; {hidden} known ones more with --all" if hidden else ""))


def text_of(db, row):
    """One finding, as a page of text."""
    rate = f"{row['replayed']} of {row['replays']}" if row["replays"] else None
    lines = [row["title"] or row["key"], ""]
    for name, value in (("key", row["key"]), ("class", row["class"]), ("name", row["name"]),
                        ("statement", row["statement"]), ("source", row["source"]), ("kernel", row["kernel"]),
                        ("commit", row["commit_id"]), ("known", "docs/FINDINGS.md" if row["known"] else None),
                        ("seen", f"{row['count']} times, {row['first_seen']} to {row['last_seen']}"),
                        ("replayed", rate), ("repeat", row["command"])):
        if value:
            lines.append(f"{name:10} {value}")
    for name, title in (("stack_first", "first"), ("stack_second", "second"), ("program", "program"),
                        ("twin", "the same in the other order, which shows nothing")):
        if row[name]:
            lines += ["", f"{title}:", *("    " + line for line in row[name].splitlines())]
    newest = db.execute("SELECT sighting.*, stage.name AS stage FROM sighting LEFT JOIN stage ON stage.id = stage_id "
                        "WHERE finding_id = ? ORDER BY sighting.id DESC LIMIT 1", (row["id"],)).fetchone()
    if newest:
        lines += ["", f"last seen by {newest['stage'] or '?'}, seed {newest['seed'] or '?'}:", "",
                  newest["text"] or ""]
    return "\n".join(lines).rstrip() + "\n"


def show_findings(db, options):
    print("\n".join(text_of(db, row) for row in select(db, options.finding)), end="")


def export_findings(db, options):
    """NUMBER.txt beside NUMBER.mmut, NUMBER.twin.mmut, NUMBER.lanes.json; NUMBER.input of one that is not minimised."""
    directory = pathlib.Path(options.output)
    directory.mkdir(parents=True, exist_ok=True)
    for row in select(db, options.finding):
        files = {"txt": text_of(db, row), "mmut": row["program"], "twin.mmut": row["twin"],
                 "lanes.json": row["lanes"]}
        if not row["program"]:
            given = db.execute("SELECT input FROM sighting WHERE finding_id = ? AND input IS NOT NULL "
                               "ORDER BY length(input) LIMIT 1", (row["id"],)).fetchone()
            if given:
                files["input.mmut" if given["input"].startswith(b"mmut") else "input"] = given["input"]
        for ending, text in files.items():
            if text:
                write_whole(directory / f"{row['id']}.{ending}", text)
                print(directory / f"{row['id']}.{ending}")


def parse(arguments):
    parser = argparse.ArgumentParser(prog="mmutorture findings", description="What nights have found (ci/nightly).")
    parser.add_argument("--state", default=os.environ.get("MMUTORTURE_STATE", "nightly"), metavar="DIR",
                        help="state directory of ci/nightly (MMUTORTURE_STATE, else ./nightly)")
    commands = parser.add_subparsers(dest="command", required=True)
    command = commands.add_parser("list", help="one line a finding")
    command.add_argument("--all", action="store_true", help="known ones, too")
    command.add_argument("--json", action="store_true", help="all columns, for machines")
    command.set_defaults(run=list_findings)
    command = commands.add_parser("show", help="all about findings")
    command.add_argument("finding", nargs="+", help="number, or the beginning of a key")
    command.set_defaults(run=show_findings)
    command = commands.add_parser("export", help="a text and the programs of each finding, as files")
    command.add_argument("finding", nargs="*", help="number, or the beginning of a key; none: all")
    command.add_argument("--output", default="findings", metavar="DIR", help="where to (findings)")
    command.set_defaults(run=export_findings)
    command = commands.add_parser("merge", help="takes findings and corpora of other state directories in")
    command.add_argument("other", nargs="+", help="state directory")
    command.add_argument("--corpora-only", action="store_true", help="no findings")
    command.set_defaults(run=merge.merge_command)
    return parser.parse_args(arguments)


def main(arguments=None):
    options = parse(arguments)
    try:
        db = store.open_store(options.state, create=options.command == "merge")
        options.run(db, options)
        db.close()
    except (store.StoreError, LookupError) as error:
        print(f"mmutorture findings: {error.args[0]}", file=sys.stderr)
        return 2 if isinstance(error, store.StoreError) else 1
    except BrokenPipeError:
        # head has seen enough.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0
