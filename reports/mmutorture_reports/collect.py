# SPDX-License-Identifier: GPL-2.0-only
"""collect.py - what a run of a tool left in its directory goes into the store; once, however often it is read.

A run directory has run.json (written before the run: kind, argv, flavour, kernel, commit), out, err, and what the tool
writes itself: result.json (--json), finding.mmut (explore), crash-* and the like (libFuzzer).
"""
import hashlib
import json
import pathlib
import re

from . import reading, store

TEXT_MAX = 1 << 16  # a report's first bytes say it all
ARTIFACT = re.compile(r"^(?:(crash|timeout|oom|leak)-)?([0-9a-f]{40})$")
SCHEDULES = re.compile(r"schedules (\d+) \([\d.]+/s\)  points/schedule \d+  distinct >?(\d+)(?:  programs (\d+))?")
WINDOW = re.compile(r"^window (\S+): reached in (\d+) of (\d+) schedules", re.M)
FUZZER_LINE = re.compile(r"^#\d+\t.* cov: (\d+) ft: (\d+) corp: (\d+)/", re.M)
EXECUTIONS = re.compile(r"^(?:stat::number_of_executed_units: +|#)(\d+)", re.M)
AFL_STATS = {"execs_done": "executions", "edges_found": "edges", "corpus_count": "corpus"}
STRESS_FIGURES = ("accesses", "faults", "zaps", "vms", "audits", "migrations")
SIGHTING = ("seed", "count", "text")
# What other runs print is of planted bugs, or of findings that are there already.
SEARCHES = ("stress", "explore", "libfuzzer", "regressions")


def read(path):
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return ""


def read_json(path):
    """Empty where the tool did not come to write it; the tools rename it into place whole."""
    text = read(path)
    return json.loads(text) if text else {}


def whole_inputs(directory):
    """Of files that libFuzzer wrote: it names them by their contents, which tells those that a kill has cut short."""
    for path in sorted(directory.iterdir()):
        name = ARTIFACT.match(path.name)
        if name and hashlib.sha1(path.read_bytes()).hexdigest() == name[2]:
            yield path


def artifacts(directory):
    """[(why libFuzzer kept it, path)]"""
    return [(path.name.split("-")[0], path) for path in whole_inputs(directory) if "-" in path.name]


def findings_of(directory, run):
    """(findings, input of the first one that is news or None)"""
    output = read(directory / "err") + "\n" + read(directory / "out")
    findings = reading.read_result(read_json(directory / "result.json"), output)
    given = read(directory / "finding.mmut").encode() or None
    if run["kind"] == "libfuzzer":
        kept = artifacts(directory)
        programs = reading.programs_in(output)
        if kept:
            given = programs[-1].encode() if programs else kept[0][1].read_bytes()
        # An input that takes for ever, or all memory, is not told of by the core.
        if kept and kept[0][0] in ("timeout", "oom") and not any(not finding["known"] for finding in findings):
            name = f"{kept[0][0]} of {pathlib.Path(run['argv'][0]).name}"
            findings.append({**reading.finding_of("stall", name, output[-TEXT_MAX:]), "title": name})
    elif run.get("program") and not given:
        given = pathlib.Path(run["program"]).read_bytes()
    return findings, given


def figures_of(directory, run):
    output, errors = read(directory / "out"), read(directory / "err")
    figures = {}
    if run["kind"] in ("stress", "regressions"):
        result = read_json(directory / "result.json")
        figures = {name: result[name] for name in STRESS_FIGURES if name in result}
        for row in result.get("invariants", []):
            figures["checks " + row["id"]] = row["checks"]
    elif run["kind"] == "libfuzzer":
        executions = EXECUTIONS.findall(errors)
        if executions:
            figures["executions"] = int(executions[-1])
        lines = FUZZER_LINE.findall(errors)
        if lines:
            figures["edges"], figures["features"], figures["corpus"] = map(int, lines[-1])
    elif run["kind"] == "afl":
        for name, value in re.findall(r"^(\w+) +: (\d+)$", read(directory / "fuzzer_stats"), re.M):
            if name in AFL_STATS:
                figures[AFL_STATS[name]] = int(value)
    # A run of regressions under TSan explores, too.
    schedules = SCHEDULES.findall(output)
    if schedules:
        figures["schedules"], figures["distinct"] = int(schedules[-1][0]), int(schedules[-1][1])
        if schedules[-1][2]:
            figures["programs"] = int(schedules[-1][2])
    for name, reached, looked in WINDOW.findall(output):
        figures["window " + name] = int(reached)
        figures["window schedules"] = int(looked)
    return figures


def collect_run(db, state, night, stage, directory):
    """[(the finding's id, its key, whether it is known)] of a run directory."""
    run = read_json(directory / "run.json")
    if run.get("kind") not in SEARCHES:
        return []
    findings, given = findings_of(directory, run)
    seen = []
    for finding in findings:
        sighting = {name: finding.pop(name) for name in SIGHTING if finding.get(name) is not None}
        sighting["text"] = sighting.get("text", "")[:TEXT_MAX]
        sighting["origin"] = f"{directory.relative_to(state)}:{finding['key']}"
        if given and not finding["known"]:
            sighting["input"], given = given, None
        finding["commit_id"] = run.get("commit")
        finding.setdefault("command", None)
        found, _ = store.record_finding(db, night, finding, sighting, stage)
        seen.append((found, finding["key"], bool(finding["known"])))
    return seen


# Of several runs of a stage: what they came to together, and what the last of them had reached.
REACHED = ("edges", "features", "corpus")


def collect_figures(db, night, stage, directories):
    """Sums over the runs of a stage, all attempts."""
    sums = {}
    for directory in directories:
        run = read_json(directory / "run.json")
        for name, value in (figures_of(directory, run) if run else {}).items():
            sums[name] = max(sums.get(name, 0), value) if name in REACHED else sums.get(name, 0) + value
    for name, value in sums.items():
        store.record_figure(db, night, name, value, stage=stage)
    return sums


def collect_tables(db, night, statements):
    """The tables invariant and race_window, out of the figures of the night's stages.  @statements: by tag."""
    sums = {row["name"]: int(row["value"]) for row in db.execute(
        "SELECT name, sum(value) AS value FROM figure WHERE night_id = ? AND stage_id IS NOT NULL GROUP BY name",
        (night,))}
    for tag, statement in statements.items():
        store.record_row(db, "invariant", night_id=night, tag=tag, statement=statement,
                         checked=sums.get("checks " + tag, 0))
    for name, value in sums.items():
        if name.startswith("window ") and name != "window schedules":
            store.record_row(db, "race_window", night_id=night, name=name[len("window "):], reached=value,
                             schedules=sums["window schedules"])
