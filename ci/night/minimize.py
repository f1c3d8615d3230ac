# SPDX-License-Identifier: GPL-2.0-only
"""minimize.py - what was found by a program becomes a short one, with the swap that makes the difference if it raced.

A finding that turns out to be a race goes by the pair of functions that raced, not by the invariant that noticed.
"""
import json

from mmutorture_reports import reading, store

from . import plan
from .tools import FOUND, GRACE_S, Outcome, Tool, build_directory

REPLAYS = 100
EACH_S = 300


def waiting(night, tried):
    """The next sighting: of findings that have no program first, and short inputs first."""
    rows = night.db.execute(
        "SELECT s.id, s.input, s.origin, s.finding_id, f.key, f.class, f.name, f.title, g.flavour, g.kernel "
        "FROM sighting s JOIN finding f ON f.id = s.finding_id LEFT JOIN stage g ON g.id = s.stage_id "
        "WHERE s.input IS NOT NULL AND NOT s.minimized AND NOT f.known "
        "ORDER BY f.program IS NOT NULL, length(s.input), s.id").fetchall()
    return next((row for row in rows if row["id"] not in tried), None)


def programs(night, row):
    """Steps of a schedule are those of one build: the flavour that found it comes first, dev is the fastest."""
    kernel = next((tree for tree in night.options.kernel if tree.name == row["kernel"]), night.options.kernel[0])
    flavours = dict.fromkeys((row["flavour"] or "dev", "dev"))
    builds = [build_directory(night, kernel, flavour) / "mmutorture" for flavour in flavours if flavour in plan.TARGETS]
    return [program for program in builds if program.exists()]


def text(path):
    return path.read_text(encoding="utf-8") if path.exists() else None


async def minimize_one(night, tool, row, program):
    """Columns for the finding; None: this build does not show it."""
    directory = tool.next_directory()
    directory.mkdir(parents=True)
    given = directory / ("given.mmut" if row["input"].startswith(b"mmut") else "given.bin")
    given.write_bytes(row["input"])
    seconds = max(5, int(min(EACH_S, tool.left())))
    name = f"{row['class']} {row['name']}"
    differs = row["class"] == "difference"
    if differs:
        words = ["diff", given, "--minimize", "best.mmut"]
    else:
        words = ["minimize", given, "--finding", name, "--seconds", seconds, "--output", "best.mmut", "--json",
                 "lanes.json"]
    result, _ = await tool.run([program, *words], seconds + GRACE_S)
    best = text(directory / "best.mmut")
    if result.code != FOUND or not best:
        return None
    columns = {"program": best, "twin": text(directory / "best.twin.mmut")}
    swap = text(directory / "best.swap.mmut")
    lanes = text(directory / "lanes.json")
    if lanes:
        columns.update(program=swap or best, lanes=lanes, **reading.race_of(json.loads(lanes)))
    command = "diff" if differs else "replay" if "\nschedule" in columns["program"] else "run"
    columns["command"] = f"mmutorture {command} finding.mmut"
    columns.update(await replay(tool, program, directory / ("best.swap.mmut" if swap else "best.mmut"), command))
    return columns


async def replay(tool, program, path, command):
    """Under its schedule it is replayed so many times; without one a run is the same each time, and one shows it."""
    times = REPLAYS if command == "replay" else 1
    words = ["--times", times] if command == "replay" else []
    result, news = await tool.run([program, command, path, *words], GRACE_S + times)
    if command != "replay":
        return {"replayed": int(result.code == FOUND), "replays": times}
    lines = (result.directory / "out").read_text(encoding="utf-8", errors="replace").splitlines()
    words = lines[-1].split() if lines else []
    shown = int(words[0]) if len(words) == 3 and words[1] == "of" and words[0].isdigit() else 0
    return {"replayed": shown, "replays": times}


async def minimize(night, stage, directory, limit):
    tool = Tool(night, stage, directory, limit)
    tried, shown = set(), 0
    while tool.left() > 1:
        row = waiting(night, tried)
        if not row:
            break
        tried.add(row["id"])
        columns = None
        for program in programs(night, row):
            columns = columns or await minimize_one(night, tool, row, program)
        shown += bool(columns)
        record(night, row, columns or {})
    left = len(tried) and waiting(night, tried)
    why = f"{shown} of {len(tried)} shown again and made small" if tried else "nothing new"
    return Outcome("cut", why + ", not all in the time") if left else Outcome("clean", why)


def record(night, row, columns):
    key = columns.pop("key", row["key"])
    finding = row["finding_id"]
    if key != row["key"]:
        pair = key.removeprefix("race ").replace("|", " against ")
        finding = store.split_sighting(night.db, row["id"], key, title=f"{row['title']} ({pair})")
    kept = night.db.execute("SELECT program FROM finding WHERE id = ?", (finding,)).fetchone()["program"]
    if kept and columns.get("program") and len(kept) <= len(columns["program"]):
        columns = {}
    store.record_minimized(night.db, finding, row["id"], **columns)
