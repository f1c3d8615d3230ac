# SPDX-License-Identifier: GPL-2.0-only
"""document.py - one night, and what came before it, as plain data: what the page and every machine format is made of.

reports/report.schema.json says what is in it.  Times are ISO 8601 UTC text as in the store; nothing here asks a clock.
"""
import datetime
import json

from mmutorture_reports import frames

FORMAT = 1
NIGHTS_OF_TRENDS = 60
CANARY_STALE_H = 48  # two nights
# Of single invariants and windows, which have tables of their own; and what the time of a stage is.
NO_DETAILS = "name NOT LIKE 'checks %' AND name NOT LIKE 'window %' AND name != 'seconds'"
TREND_FIGURES = ("schedules", "programs", "executions", "accesses", "vms")


def read_document(db, at, night=None, alive=True):
    """@at: now, as text.  @night: an id; None: the newest one.  @alive: some process works on the state.

    A state without nights has a document, too."""
    row = newest_night(db, night)
    number = row["id"] if row else None
    stages = read_stages(db, number)
    document = {
        "format": FORMAT,
        "generated": at,
        "night": read_night(db, row, stages, alive),
        "stages": stages,
        "figures": read_figures(db, number),
        "findings": read_findings(db, number),
        "coverage": read_coverage(db, number),
        "trends": read_trends(db, number),
        "invariants": rows(db, "SELECT tag, statement, checked, saboteur_seen FROM invariant WHERE night_id = ?",
                           number),
        "windows": rows(db, "SELECT name, schedules, reached FROM race_window WHERE night_id = ? ORDER BY name",
                        number),
        "canaries": read_canaries(db, number),
    }
    document["canary"] = canary_freshness(document["canaries"], at)
    return document


def newest_night(db, night):
    if night is None:
        return db.execute("SELECT * FROM night ORDER BY id DESC LIMIT 1").fetchone()
    return db.execute("SELECT * FROM night WHERE id = ?", (night,)).fetchone()


def rows(db, query, *arguments):
    return [dict(row) for row in db.execute(query, arguments)]


def seconds_between(begin, end):
    if not begin or not end:
        return None
    return max(0, int((parse_time(end) - parse_time(begin)).total_seconds()))


def parse_time(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))


def read_night(db, row, stages, alive):
    """killed: it says that it is running, and nobody runs it, or a newer one has begun.  reporting: all that is left to
    do is the report, which is being made."""
    if row is None:
        return None
    night = {name: row[name] for name in ("id", "started", "ended", "state", "seed", "cores", "budget_s", "host",
                                          "version")}
    unfinished = {stage["kind"] for stage in stages if stage["outcome"] in ("running", "planned")}
    newer = db.execute("SELECT 1 FROM night WHERE id > ?", (row["id"],)).fetchone() is not None
    night["killed"] = row["state"] == "running" and (newer or not alive)
    night["reporting"] = row["state"] == "running" and not night["killed"] and unfinished == {"report"}
    night["seconds"] = seconds_between(row["started"], row["ended"])
    return night


def read_stages(db, night):
    stages = rows(db, "SELECT id, name, kind, subject, kernel, flavour, started, ended, budget_s, exit_code, outcome, "
                  "why, log, attempts FROM stage WHERE night_id = ? ORDER BY id", night)
    for stage in stages:
        stage["seconds"] = seconds_between(stage["started"], stage["ended"])
        stage["figures"] = rows(db, f"SELECT name, value, unit FROM figure WHERE stage_id = ? AND {NO_DETAILS} "
                                "ORDER BY name", stage.pop("id"))
    return stages


def read_figures(db, night):
    """By name, over all stages; what the night says of itself comes before what its stages say."""
    figures = {row["name"]: row["value"] for row in db.execute(
        "SELECT name, sum(value) AS value FROM figure WHERE night_id = ? AND stage_id IS NOT NULL AND unit IS NULL "
        f"AND {NO_DETAILS} GROUP BY name", (night,))}
    figures.update((row["name"], row["value"]) for row in db.execute(
        "SELECT name, value FROM figure WHERE night_id = ? AND stage_id IS NULL AND unit IS NULL", (night,)))
    return figures


def read_findings(db, night):
    """Those of this night first, news before what was seen before; known ones last."""
    findings = [one_finding(db, row, night) for row in db.execute(
        "SELECT * FROM finding WHERE first_night <= ? ORDER BY id", (night or 0,))]
    order = {"new": 0, "again": 1, "earlier": 2}
    return sorted(findings, key=lambda finding: (finding["known"], order[finding["seen"]], -finding["id"]))


def one_finding(db, row, night):
    finding = {name: row[name] for name in (
        "id", "key", "class", "name", "title", "statement", "source", "first_night", "last_night", "first_seen",
        "last_seen", "kernel", "count", "replayed", "replays", "program", "twin", "command")}
    finding["commit"] = row["commit_id"]
    finding["known"] = bool(row["known"])
    finding["title"] = row["title"] or row["key"]
    tonight = rows(db, "SELECT DISTINCT stage.name AS stage FROM sighting LEFT JOIN stage ON stage.id = stage_id "
                   "WHERE finding_id = ? AND sighting.night_id = ? ORDER BY stage.id", row["id"], night)
    finding["stages"] = [sighting["stage"] for sighting in tonight if sighting["stage"]]
    finding["seen"] = "earlier" if not tonight else "new" if row["first_night"] == night else "again"
    finding["lanes"] = {"spans": [], **json.loads(row["lanes"])} if row["lanes"] else None  # older ones have none
    finding["stacks"] = [frames.parse_stack(text) for text in (row["stack_first"], row["stack_second"]) if text]
    sighting = db.execute("SELECT seed, text, stage.name AS stage FROM sighting LEFT JOIN stage ON stage.id = stage_id "
                          "WHERE finding_id = ? ORDER BY sighting.id DESC LIMIT 1", (row["id"],)).fetchone()
    for name in ("seed", "text", "stage"):
        finding[name] = sighting[name] if sighting else None
    return finding


def read_coverage(db, night):
    files = rows(db, "SELECT kernel, file, lines, lines_hit, branches, branches_hit FROM coverage "
                 "WHERE night_id = ? AND function IS NULL ORDER BY kernel, file", night)
    for file in files:
        file["functions"] = rows(
            db, "SELECT function AS name, line, lines, lines_hit, branches, branches_hit FROM coverage "
            "WHERE night_id = ? AND kernel IS ? AND file = ? AND function IS NOT NULL ORDER BY line, function", night,
            file["kernel"], file["file"])
    return files


def read_trends(db, night):
    """Oldest first, up to this night."""
    nights = rows(db, "SELECT id AS night, started, state FROM night WHERE id <= ? ORDER BY id DESC LIMIT ?",
                  night or 0, NIGHTS_OF_TRENDS)
    for row in nights:
        figures = read_figures(db, row["night"])
        row.update({name: figures.get(name) for name in TREND_FIGURES})
        row["findings_new"] = db.execute("SELECT count(*) FROM finding WHERE first_night = ? AND NOT known",
                                         (row["night"],)).fetchone()[0]
        row["findings_seen"] = db.execute(
            "SELECT count(DISTINCT finding_id) FROM sighting JOIN finding ON finding.id = finding_id "
            "WHERE night_id = ? AND NOT known", (row["night"],)).fetchone()[0]
        lines, hit = db.execute("SELECT sum(lines), sum(lines_hit) FROM coverage WHERE night_id = ? "
                                "AND function IS NULL", (row["night"],)).fetchone()
        row["coverage_percent"] = round(100 * hit / lines, 2) if lines else None
    return nights[::-1]


def read_canaries(db, night):
    """Each planted bug that was ever tried: what came of it this night, and when it was last found."""
    canaries = rows(db, "SELECT bug, max(CASE WHEN found THEN at END) AS last_found FROM canary WHERE night_id <= ? "
                    "GROUP BY bug ORDER BY bug", night or 0)
    for canary in canaries:
        tonight = db.execute("SELECT found, seconds FROM canary WHERE night_id = ? AND bug = ?",
                             (night, canary["bug"])).fetchone()
        canary["found"] = None if tonight is None or tonight["found"] is None else bool(tonight["found"])
        canary["seconds"] = tonight["seconds"] if tonight else None
    return canaries


def canary_freshness(canaries, at):
    """A rig that has found no planted bug for two nights proves nothing by finding nothing else."""
    last = max((canary["last_found"] for canary in canaries if canary["last_found"]), default=None)
    hours = (parse_time(at) - parse_time(last)).total_seconds() / 3600 if last else None
    return {"last_found": last, "hours": None if hours is None else round(hours, 1),
            "stale": hours is None or hours > CANARY_STALE_H}
