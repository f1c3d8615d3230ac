# SPDX-License-Identifier: GPL-2.0-only
"""report.py - what people read in the morning, made by reports/report."""
from mmutorture_reports import collect

from . import plan
from .options import ROOT
from .tools import Outcome, Tool, judge


async def report(night, stage, directory, limit):
    program = ROOT / "reports/report"
    if not program.exists():
        return Outcome("skipped", "no reports/report")
    collect.collect_tables(night.db, night.id, dict(plan.invariants()))
    result, _ = await Tool(night, stage, directory, limit).run(
        [program, night.state, "--output", night.state / "report"], limit)
    return judge(result, [], found=()) or Outcome("clean")
