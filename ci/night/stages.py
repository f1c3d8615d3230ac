# SPDX-License-Identifier: GPL-2.0-only
"""stages.py - which function does the stages of a kind."""
from . import checks, coverage, fuzz, minimize, search
from .build import build
from .report import report
from .tools import Outcome

STAGES = {
    "build": build,
    "regressions": checks.regressions,
    "stress": search.stress,
    "explore": search.explore,
    "libfuzzer": fuzz.libfuzzer,
    "afl": fuzz.afl,
    "minimize": minimize.minimize,
    "merge": fuzz.merge,
    "canary": checks.canary,
    "coverage": coverage.coverage,
    "report": report,
}
__all__ = ["STAGES", "Outcome"]
