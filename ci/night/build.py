# SPDX-License-Identifier: GPL-2.0-only
"""build.py - a flavour for a kernel tree, brought up to date."""
import shutil

from .options import ROOT
from .tools import Outcome, Tool, judge


async def build(night, stage, directory, limit):
    tool = Tool(night, stage, directory, limit)
    configure = ["cmake", "--preset", stage.flavour, "-S", ROOT, "-B", tool.build, f"-DKVM_SOURCE={stage.kernel}"]
    if shutil.which("ccache"):
        configure.append("-DCMAKE_C_COMPILER_LAUNCHER=ccache")
    make = ["cmake", "--build", tool.build, "-j", night.options.cores, "--target", *stage.targets]
    for argv in (configure, make):
        result, _ = await tool.run(argv, tool.left(), cwd=ROOT)
        bad = judge(result, [], found=())
        if bad:
            return bad
    return Outcome("clean")
