# SPDX-License-Identifier: GPL-2.0-only
"""tools.py - what all stages do: run a tool, and judge how it ended."""
import collections
import hashlib
import time

from mmutorture_reports import collect

from . import run
from .trees import commit_of

Outcome = collections.namedtuple("Outcome", "what why code", defaults=(None, None))
CLEAN, FOUND, SKIPPED = 0, 1, 77  # exit codes of all our tools (stress/machine.h)
GRACE_S = 60  # beyond what a tool was told to take: it starts, audits, writes down what it has found
SAME_MAX = 3  # so often the same finding ends a stage: it would be found for the rest of the night


def build_directory(night, kernel, flavour):
    builds = night.options.builds or night.state / "builds"
    return builds / f"{kernel.name}-{flavour}"


class Tool:
    """Runs of one stage's attempt, each in a directory of its own."""

    def __init__(self, night, stage, directory, limit):
        self.night, self.stage, self.directory = night, stage, directory
        self.end = time.monotonic() + limit
        self.runs = 0
        self.seen = collections.Counter()  # keys that are not known
        self.build = build_directory(night, stage.kernel, stage.flavour) if stage.kernel and stage.flavour else None

    def left(self):
        return self.end - time.monotonic()

    def seed(self):
        """Of the next run: follows from the night's seed, the stage and the number of the run."""
        words = f"{self.night.seed} {self.stage.name} {self.directory.name} {self.runs}"
        return int.from_bytes(hashlib.sha256(words.encode()).digest()[:4], "big") or 1

    async def run(self, argv, limit, kind=None, **about):
        """(result, keys of findings that are not known)"""
        self.runs += 1
        directory = self.directory / str(self.runs)
        result = await run.run(
            directory, argv, limit, lock=self.night.leashes, log=self.directory / "log", kind=kind or self.stage.kind,
            flavour=self.stage.flavour, kernel=self.stage.kernel.name if self.stage.kernel else None,
            commit=commit_of(self.stage.kernel) if self.stage.kernel else None, **about)
        seen = collect.collect_run(self.night.db, self.night.state, self.night.id, self.night.ids[self.stage.name],
                                   directory)
        news = [key for _, key, known in seen if not known]
        self.seen.update(news)
        return result, news

    def next_directory(self):
        return self.directory / str(self.runs + 1)

    def enough(self):
        """Why there is no point in going on; None: there is."""
        for key, count in self.seen.items():
            if count >= SAME_MAX:
                return f"{count} times: {key}"
        return None


def judge(result, news, found=(FOUND,)):
    """None: the run is as it should be, with or without findings.  @found: exit codes that say so."""
    if result.cut:
        return Outcome("cut", f"ended after {result.seconds:.0f} s: {result.last_line()}", result.code)
    if result.code == CLEAN or result.code in found and news:
        return None
    if result.code == SKIPPED:
        return Outcome("skipped", result.last_line(), result.code)
    if result.code in found:
        return Outcome("failed", f"exit code {result.code}, but no finding: {result.last_line()}", result.code)
    how = f"signal {-result.code}" if result.code < 0 else f"exit code {result.code}"
    return Outcome("failed", f"{how}: {result.last_line()}", result.code)


async def repeat(tool, command, found=(FOUND,), least_s=1):
    """@command(seconds) until the time is up: a tool ends at its first finding.  How the stage ended."""
    while True:
        seconds = int(tool.left())
        if seconds < least_s and tool.runs:
            return Outcome("clean")
        argv, about = command(max(seconds, least_s))
        result, news = await tool.run(argv, max(seconds, least_s) + GRACE_S, **about)
        bad = judge(result, news, found)
        if bad:
            return bad
        if tool.enough():
            return Outcome("findings", tool.enough(), result.code)
