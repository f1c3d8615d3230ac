# SPDX-License-Identifier: GPL-2.0-only
"""plan.py - the stages of a night, and what part of its budget each gets."""
import collections
import dataclasses
import pathlib
import re

from .options import ROOT

# In this order; a kind begins when the one before it is over.  Share: of the budget, divided among its stages.
# Whole: a stage takes all processors (coverage: or a profile that is being written would be read), else as many run at
# once as there are.
@dataclasses.dataclass
class Kind:
    share: float
    whole: bool
    least: int  # seconds that a stage gets, however small its share


KINDS = {
    "build": Kind(0, True, 3600),
    "regressions": Kind(5, False, 60),
    "canary": Kind(4, True, 900),
    "stress": Kind(28, True, 1),
    "explore": Kind(22, False, 1),
    "libfuzzer": Kind(20, False, 1),
    "afl": Kind(10, True, 5),
    "minimize": Kind(10, False, 10),
    "merge": Kind(3, False, 60),
    "coverage": Kind(3, True, 60),
    "report": Kind(0, True, 300),
}
STRESS_FLAVOURS = ("asan", "tsan")
# The first is found by any rig that works; of the others another one each night.
CANARY_ALWAYS = "M02"
WITHOUT_CORE = "fuzz_codec"


@dataclasses.dataclass
class Stage:
    kind: str
    subject: str
    kernel: pathlib.Path = None
    flavour: str = None
    targets: tuple = ()  # of a build

    @property
    def name(self):
        words = (self.kind, self.subject, self.flavour, self.kernel and self.kernel.name)
        return " ".join(word for word in words if word)


def rows_of(path, macro):
    return re.findall(rf"^{macro}\((\w+)", path.read_text(encoding="utf-8"), re.M)


def scenarios():
    return rows_of(ROOT / "stress/scenarios.def", "SCENARIO")


def fuzz_targets():
    """fuzz_canary is for ci/canary: it is there to find planted bugs."""
    return sorted(path.stem for path in (ROOT / "fuzzers").glob("fuzz_*.c") if path.stem != "fuzz_canary")


def invariants():
    """[(tag, statement)]"""
    rows = (ROOT / "harness/invariants.def").read_text(encoding="utf-8")
    return re.findall(r'^INVARIANT\((\w+), \w+,\s+"(.*?)",\s', rows, re.M)


def bugs():
    """Those that ci/canary finds in the plain build."""
    return sorted(path.stem for path in (ROOT / "tests/planted").glob("*.cocci")
                  if re.search(r"^// found: *(stress|explore|run) ", path.read_text(encoding="utf-8"), re.M))


def of_kernel(kernel, with_afl):
    for flavour in ("dev", "tsan"):
        yield Stage("regressions", "corpora", kernel, flavour)
    for flavour in STRESS_FLAVOURS:
        for scenario in scenarios():
            yield Stage("stress", scenario, kernel, flavour)
    for subject in ("collision", *scenarios(), "recipes", "interleaving"):
        yield Stage("explore", subject, kernel, "dev")
    for target in fuzz_targets():
        yield Stage("libfuzzer", target, kernel, "fuzz")
        if with_afl:
            yield Stage("afl", target, kernel, "afl")
        yield Stage("merge", target, kernel, "fuzz")
        if target != WITHOUT_CORE:
            yield Stage("coverage", target, kernel, "coverage")


def for_all(kernels, number):
    others = [bug for bug in bugs() if bug != CANARY_ALWAYS]
    yield Stage("minimize", "new", kernels[0], "dev")
    yield Stage("canary", "saboteurs", kernels[0], "dev")
    for bug in (CANARY_ALWAYS, others[number % len(others)]):
        yield Stage("canary", bug, kernels[0])
    yield Stage("report", "all")


# What the stages of a flavour want to be built; minimising a fuzzer's finding may want the fuzzer's flavour.
TARGETS = {"dev": ("mmutorture",), "asan": ("mmutorture",), "tsan": ("mmutorture",), "fuzz": ("fuzzers", "mmutorture"),
           "afl": ("fuzzers",), "coverage": ("fuzzers",)}


def part_of(stages, part):
    """Of each kind every N-th, and all stages of a fuzz target, which share a corpus; what a machine finds it makes
    small itself, and who collects makes the report."""
    index, count = part
    targets, seen = fuzz_targets(), {}
    for stage in stages:
        if stage.kind == "report":
            continue
        number = seen.setdefault(stage.kind, 0)
        seen[stage.kind] += 1
        if stage.subject in targets:
            number = targets.index(stage.subject)
        if stage.kind == "minimize" or number % count == index:
            yield stage


def make(options, number):
    """@number: of the night, 0 the first."""
    with_afl = options.afl or options.cores >= 4
    stages = [stage for kernel in options.kernel for stage in of_kernel(kernel, with_afl)]
    stages += for_all(options.kernel, number)
    stages = [stage for stage in stages if re.search(options.only, stage.name)]
    if options.part:
        stages = list(part_of(stages, options.part))
    wanted = {}
    for stage in stages:
        if stage.kernel and stage.flavour:
            wanted[stage.kernel, stage.flavour] = TARGETS[stage.flavour]
    if not options.builds:
        stages += [Stage("build", "", kernel, flavour, targets) for (kernel, flavour), targets in wanted.items()]
    order = list(KINDS)
    return sorted(stages, key=lambda stage: order.index(stage.kind))


class Shares:
    """A kind's share is of what is left when its first stage begins, among the kinds that are still to come; what of it
    has been done in an earlier life of the night does not count again."""

    def __init__(self, stages):
        self.planned = collections.Counter(stage.kind for stage in stages)
        self.left_behind = {}  # seconds of the budget that are to be left when a kind is over

    def seconds(self, stage, left_s, cores, waiting):
        """Of @left_s for @stage, with those @waiting behind it."""
        kind = KINDS[stage.kind]
        if not kind.share:
            return kind.least
        counts = collections.Counter(one.kind for one in (stage, *waiting))
        if stage.kind not in self.left_behind:
            shares = {name: KINDS[name].share * count / self.planned[name] for name, count in counts.items()}
            self.left_behind[stage.kind] = left_s * (1 - shares[stage.kind] / sum(shares.values()))
        at_once = 1 if kind.whole else cores
        rounds = -(-counts[stage.kind] // at_once)
        return max(kind.least, (left_s - self.left_behind[stage.kind]) / rounds)
