# SPDX-License-Identifier: GPL-2.0-only
"""search.py - stages that look for findings with scenarios and schedules."""
from .options import ROOT
from .tools import Outcome, Tool, judge, repeat

PROGRAMS = {"recipes": "corpora/recipes", "interleaving": "corpora/interleaving"}


async def stress(night, stage, directory, limit):
    tool = Tool(night, stage, directory, limit)

    def command(seconds):
        return [tool.build / "mmutorture", "stress", "--scenario", stage.subject, "--seconds", seconds,
                "--seed", tool.seed(), "--json", "result.json"], {}
    return await repeat(tool, command)


def explore_words(tool, seconds):
    return [tool.build / "mmutorture", "explore", "--seconds", seconds, "--seed", tool.seed(),
            "--output", "finding.mmut"]


async def explore(night, stage, directory, limit):
    tool = Tool(night, stage, directory, limit)
    if stage.subject in PROGRAMS:
        return await explore_programs(tool, sorted((ROOT / PROGRAMS[stage.subject]).glob("*.mmut")))
    return await repeat(tool, lambda seconds: ([*explore_words(tool, seconds), "--scenario", stage.subject], {}))


async def explore_programs(tool, programs):
    """Each its part of the time; one that finds something leaves the rest of it to those behind.  A night that is too
    short for all begins with another one than the last."""
    first = tool.seed() % len(programs)
    for number, program in enumerate(programs[first:] + programs[:first]):
        seconds = max(1, int(tool.left() / (len(programs) - number)))
        words = explore_words(tool, seconds)
        words.insert(2, program)
        result, news = await tool.run([*words, "--windows"], seconds + 60)
        bad = judge(result, news)
        if bad and bad.what != "skipped":
            return bad
        if tool.left() < 1 and number + 1 < len(programs):
            return Outcome("cut", f"{number + 1} of {len(programs)} programs in the time")
    return Outcome("clean")
