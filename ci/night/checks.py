# SPDX-License-Identifier: GPL-2.0-only
"""checks.py - stages that ask whether what was true is still so: regressions, and the rig's own ability to find."""
import re

from mmutorture_reports import store

from . import plan
from .options import ROOT
from .tools import CLEAN, FOUND, SKIPPED, Outcome, Tool, judge

RUN_S = 120
SCHEDULES_TSAN = 64  # of a recipe: TSan sees races that do not happen, so that few will do
CANARY_S = 60


def regression_commands(tool):
    """Programs with their exit codes as verdicts; under TSan on fibres, and then recipes, whose streams race."""
    regressions = sorted((ROOT / "corpora/regressions").glob("*.mmut"))
    if tool.stage.flavour != "tsan":
        for program in regressions:
            yield program, [tool.build / "mmutorture", "run", program, "--json", "result.json"]
        return
    fibres = tool.build / "mmutorture-fibres"
    for program in regressions:
        yield program, [fibres, "run", program, "--json", "result.json"]
    for program in sorted((ROOT / "corpora/recipes").glob("*.mmut")):
        yield program, [fibres, "explore", program, "--schedules", SCHEDULES_TSAN, "--seconds", 0, "--seed",
                        tool.seed(), "--output", "finding.mmut"]


async def regressions(night, stage, directory, limit):
    tool = Tool(night, stage, directory, limit)
    commands = list(regression_commands(tool))
    bad = []
    for number, (program, argv) in enumerate(commands):
        if tool.left() <= 0:
            return Outcome("cut", f"{number} of {len(commands)} programs in the time")
        result, news = await tool.run(argv, RUN_S, program=str(program))
        outcome = judge(result, news)
        if outcome and outcome.what != "skipped":
            bad.append((program.stem, outcome))
    if not bad:
        return Outcome("clean", f"{len(commands)} programs")
    name, first = bad[0]
    more = f" (and {len(bad) - 1} more)" if len(bad) > 1 else ""
    return Outcome(first.what, f"{name}: {first.why}{more}", first.code)


async def canary(night, stage, directory, limit):
    tool = Tool(night, stage, directory, limit)
    if stage.subject == "saboteurs":
        return await saboteurs(night, tool)
    result, _ = await tool.run([ROOT / "ci/canary", stage.kernel, night.state / "canary", stage.subject, CANARY_S],
                               limit)
    after = seconds_to_find(result)
    found = after is not None
    if found or "was NOT found" in result.last_line():  # else it was not looked for: its build failed, or was skipped
        store.record_row(night.db, "canary", night_id=night.id, bug=stage.subject, found=int(found), at=store.now(),
                         seconds=after if found else CANARY_S)
    return judge(result, [], found=()) or Outcome("clean", f"found after {after:.1f} s")


def seconds_to_find(result):
    """Without building; None: it was not."""
    text = (result.directory / "out").read_text(encoding="utf-8", errors="replace")
    match = re.search(r"^canary: \w+ was found after (\d+) ms$", text, re.M)
    return int(match[1]) / 1000 if match else None


async def saboteurs(night, tool):
    """Each invariant can fail: `stress --sabotage` spoils it, and it has to say so."""
    missed, shown = [], 0
    for tag, statement in plan.invariants():
        if tool.left() <= 0:
            return Outcome("cut", f"{shown} invariants in the time")
        result, _ = await tool.run([ROOT / "tests/saboteurs/trips", tool.build / "mmutorture", tag], RUN_S)
        if result.code == CLEAN:
            shown += 1
            store.record_row(night.db, "invariant", night_id=night.id, tag=tag, statement=statement,
                             saboteur_seen=store.now())
        elif result.code != SKIPPED:
            missed.append(tag)
    if missed:
        return Outcome("failed", f"spoilt, and not found: {', '.join(missed)}", FOUND)
    return Outcome("clean", f"{shown} invariants were spoilt and found")
