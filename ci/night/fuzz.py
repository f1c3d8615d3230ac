# SPDX-License-Identifier: GPL-2.0-only
"""fuzz.py - fuzz targets under libFuzzer and AFL++, and their corpora.

A corpus is STATE/corpus/KERNEL/TARGET, inputs under the SHA-1 of their contents.  libFuzzer writes into new/ of its
run, from which Night.adopt_inputs() takes what is whole; AFL++'s instances keep their own under STATE/afl and look into
it.
"""
import asyncio
import hashlib
import os
import pathlib
import shutil

from mmutorture_reports.files import write_whole

from .options import ROOT
from .tools import GRACE_S, Outcome, Tool, build_directory, judge, repeat

FUZZING_PART = 0.8  # of AFL++'s time; in the rest its crashes are told
INPUT_S = 60  # an input that takes longer is a finding
MEMORY_MIB = 4096


def repository_corpus(target):
    return ROOT / "corpora" / target.removeprefix("fuzz_")


def directories_of(night, stage):
    corpus = night.corpus(stage)
    corpus.mkdir(parents=True, exist_ok=True)
    ours = repository_corpus(stage.subject)
    return [corpus, ours] if ours.is_dir() else [corpus]


def prepare(night, stage):
    put_back(night.corpus(stage))
    return directories_of(night, stage)


async def libfuzzer(night, stage, directory, limit):
    tool = Tool(night, stage, directory, limit)
    inputs = prepare(night, stage)

    def command(seconds):
        new = tool.next_directory() / "new"
        new.mkdir(parents=True)
        return [tool.build / "fuzzers" / stage.subject, new, *inputs, f"-max_total_time={seconds}",
                f"-seed={tool.seed()}", "-artifact_prefix=./", "-print_final_stats=1", f"-timeout={INPUT_S}",
                f"-rss_limit_mb={MEMORY_MIB}", "-error_exitcode=1", "-timeout_exitcode=1", "-reload=0"], {}
    outcome = await repeat(tool, command)
    for number in range(1, tool.runs + 1):
        night.adopt_inputs(stage, directory / str(number))
    return outcome


# ------------------------------------------------------------------------------------------------------------- AFL++

AFL_ENVIRONMENT = {"AFL_NO_UI": "1", "AFL_SKIP_CPUFREQ": "1", "AFL_AUTORESUME": "1", "AFL_NO_AFFINITY": "1",
                   "AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES": "1"}


def afl_output(night, stage):
    path = night.state / "afl" / stage.kernel.name / stage.subject
    path.mkdir(parents=True, exist_ok=True)
    return path


def afl_command(night, stage, tool, number, seconds, inputs):
    """Instance 0 is the main one (-M), which looks into libFuzzer's corpus, too (-F); the others are secondaries."""
    words = ["afl-fuzz", "-i", inputs, "-o", afl_output(night, stage),
             "-V", seconds, "-s", tool.seed() + number, "-t", f"{INPUT_S * 1000}"]
    words += ["-M", "main", "-F", night.corpus(stage)] if number == 0 else ["-S", f"secondary-{number}"]
    cmplog = build_directory(night, stage.kernel, "afl-cmplog") / "fuzzers" / stage.subject
    if number == 1 and cmplog.exists():
        words += ["-c", cmplog]
    return [*words, "--", tool.build / "fuzzers" / stage.subject]


async def afl(night, stage, directory, limit):
    if not shutil.which("afl-fuzz"):
        return Outcome("skipped", "no afl-fuzz: apt-get install afl++")
    tool = Tool(night, stage, directory, limit)
    inputs = prepare(night, stage)[-1]
    if not any(inputs.iterdir()):
        return Outcome("skipped", f"no inputs to begin with in {inputs}")
    mutator = tool.build / "fuzzers" / f"{stage.subject}-mutator.so"
    environment = {**AFL_ENVIRONMENT, "AFL_CUSTOM_MUTATOR_LIBRARY": str(mutator)} if mutator.exists() \
        else AFL_ENVIRONMENT
    seconds = max(1, int(limit * FUZZING_PART))
    instances = [tool.run(afl_command(night, stage, tool, number, seconds, inputs), seconds + GRACE_S, env=environment)
                 for number in range(night.options.cores)]
    results = await asyncio.gather(*instances)
    take_statistics(night, stage, [result for result, _ in results])
    for result, news in results:
        bad = judge(result, news)
        if bad:
            return bad
    return await replay_crashes(night, stage, tool)


def take_statistics(night, stage, results):
    output = afl_output(night, stage)
    for result, instance in zip(results, ["main", *(f"secondary-{number}" for number in range(1, len(results)))]):
        path = output / instance / "fuzzer_stats"
        if path.exists():
            write_whole(result.directory / "fuzzer_stats", path.read_bytes())


async def replay_crashes(night, stage, tool):
    """AFL++ keeps inputs and says nothing of them; libFuzzer's build of the same target says what they show."""
    output = afl_output(night, stage)
    target = build_directory(night, stage.kernel, "fuzz") / "fuzzers" / stage.subject
    crashes = {hashlib.sha1(path.read_bytes()).hexdigest(): path for path in output.glob("*/crashes/id:*")}
    told = output / "told"
    told.mkdir(exist_ok=True)
    waiting = [(name, path) for name, path in sorted(crashes.items()) if not (told / name).exists()]
    for number, (name, path) in enumerate(waiting):
        if number and tool.left() < 0:
            return Outcome("cut", f"{number} of {len(waiting)} crashes told, the others come next night")
        if not target.exists():
            return Outcome("failed", f"{len(crashes)} crashes in {output}, and no {target} to show them")
        argv = [target, path, f"-timeout={INPUT_S}", "-error_exitcode=1", "-artifact_prefix=./"]
        result, news = await tool.run(argv, 2 * INPUT_S, kind="libfuzzer")
        bad = judge(result, news)
        if bad:
            return bad
        write_whole(told / name, "")
    return Outcome("clean")


# ------------------------------------------------------------------------------------------------------------ merge

def put_back(corpus):
    """What a merge that was killed has left (ci/corpus-merge)."""
    before = corpus.with_name(corpus.name + ".before")
    for beside in corpus.parent.glob(corpus.name + ".merging.*"):
        shutil.rmtree(beside)
    if not before.is_dir():
        return
    if corpus.is_dir():
        shutil.rmtree(before)
    else:
        os.replace(before, corpus)


async def merge(night, stage, directory, limit):
    corpus = night.corpus(stage)
    put_back(corpus)
    queues = sorted(afl_output(night, stage).glob("*/queue"))
    corpus.mkdir(parents=True, exist_ok=True)
    if not queues and not any(corpus.iterdir()):
        return Outcome("skipped", "no corpus yet")
    tool = Tool(night, stage, directory, limit)
    result, news = await tool.run([ROOT / "ci/corpus-merge", tool.build / "fuzzers" / stage.subject, corpus, *queues],
                                  limit)
    bad = judge(result, news)
    put_back(corpus)
    return bad or Outcome("clean", pathlib.Path(result.directory / "out").read_text(encoding="utf-8").strip()[:100])
