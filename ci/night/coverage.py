# SPDX-License-Identifier: GPL-2.0-only
"""coverage.py - what of the MMU's files the corpora reach, of all targets together.

Each target's profile stays in the build (ci/coverage writes it); the objects that are measured are the same in all.
"""
import json
import subprocess

from mmutorture_reports import store

from .options import ROOT
from .fuzz import directories_of
from .tools import Outcome, Tool, judge

LLVM_COV = "llvm-cov-19"
LLVM_PROFDATA = "llvm-profdata-19"


def llvm(*words):
    return subprocess.run([str(word) for word in words], check=True, capture_output=True, text=True).stdout


async def coverage(night, stage, directory, limit):
    tool = Tool(night, stage, directory, limit)
    inputs = [path for path in directories_of(night, stage) if any(path.iterdir())]
    if not inputs:
        return Outcome("skipped", "no inputs")
    result, _ = await tool.run([ROOT / "ci/coverage", tool.build, stage.subject, *inputs], limit)
    bad = judge(result, [], found=())
    if bad:
        return bad
    functions, lines = measured(tool.build, stage.subject, stage.kernel)
    store.record_coverage(night.db, night.id, stage.kernel.name, functions, lines)
    total = [row for row in functions if row["function"] is None]
    hit, of = sum(row["lines_hit"] for row in total), sum(row["lines"] for row in total)
    store.record_figure(night.db, night.id, "lines reached", hit, stage=night.ids[stage.name])
    return Outcome("clean", f"{hit} of {of} lines, with all targets until now")


def measured(build, target, kernel):
    """Rows of the tables coverage and coverage_line."""
    data = build / "coverage.all.profdata"
    llvm(LLVM_PROFDATA, "merge", "-sparse", "-o", data,
         *(path for path in build.glob("coverage.fuzz_*.profdata")))
    sources = [*sorted((kernel / "arch/x86/kvm/mmu").glob("*.c")),
               *(kernel / "virt/kvm" / name for name in ("kvm_main.c", "guest_memfd.c", "dirty_ring.c", "pfncache.c"))]
    words = [build / "fuzzers" / target, f"-instr-profile={data}", *(path for path in sources if path.exists())]
    lines = read_lcov(llvm(LLVM_COV, "export", "-format=lcov", *words))
    regions = json.loads(llvm(LLVM_COV, "export", "-format=text", "-skip-branches", *words))["data"][0]["functions"]
    return functions_of(lines, regions, kernel), list(lines_of(lines, kernel))


def read_lcov(text):
    """{file: {line: [count, branches, branches that were taken]}}"""
    files, current = {}, None
    for line in text.splitlines():
        kind, _, rest = line.partition(":")
        words = rest.split(",")
        if kind == "SF":
            current = files.setdefault(rest, {})
        elif kind == "DA":
            current[int(words[0])] = [int(words[1]), 0, 0]
        elif kind == "BRDA" and int(words[0]) in current:
            row = current[int(words[0])]
            row[1] += 1
            row[2] += words[3] not in ("-", "0")
    return files


def sums(lines):
    rows = list(lines)
    return {"lines": len(rows), "lines_hit": sum(row[0] > 0 for row in rows), "branches": sum(row[1] for row in rows),
            "branches_hit": sum(row[2] for row in rows)}


def functions_of(files, regions, kernel):
    rows = []
    for file, lines in files.items():
        name = file.removeprefix(f"{kernel}/")
        rows.append({"file": name, "function": None, "line": None, **sums(lines.values())})
        seen = set()
        for function in regions:
            first, last = function["regions"][0][0], function["regions"][0][2]
            short = function["name"].rpartition(":")[2]
            if function["filenames"][0] != file or (short, first) in seen:
                continue
            seen.add((short, first))
            rows.append({"file": name, "function": short, "line": first,
                         **sums(row for line, row in lines.items() if first <= line <= last)})
    return rows


def lines_of(files, kernel):
    for file, lines in files.items():
        with open(file, encoding="utf-8", errors="replace") as source:
            for number, text in enumerate(source, 1):
                yield {"file": file.removeprefix(f"{kernel}/"), "line": number,
                       "count": lines[number][0] if number in lines else None, "text": text.rstrip("\n")}
