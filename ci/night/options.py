# SPDX-License-Identifier: GPL-2.0-only
"""options.py - what ci/nightly can be asked for."""
import argparse
import os
import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def seconds(text):
    match = re.fullmatch(r"(\d+)([smhd]?)", text)
    if not match or not int(match[1]):
        raise argparse.ArgumentTypeError(f"'{text}': seconds, or with a unit: 90m, 8h")
    return int(match[1]) * UNITS[match[2] or "s"]


def tree(text):
    path = pathlib.Path(text).resolve()
    if not (path / "Makefile").is_file():
        raise argparse.ArgumentTypeError(f"no kernel tree in {text} (ci/kernel-source 6.12 fetches one)")
    return path


def pattern(text):
    try:
        return re.compile(text).pattern
    except re.error as error:
        raise argparse.ArgumentTypeError(f"'{text}': {error}")


def part(text):
    match = re.fullmatch(r"(\d+)/(\d+)", text)
    if not match or int(match[1]) >= int(match[2]):
        raise argparse.ArgumentTypeError(f"'{text}': 0/2 and 1/2 are the parts of two")
    return [int(match[1]), int(match[2])]


def parse(arguments=None):
    parser = argparse.ArgumentParser(
        prog="ci/nightly", description="One night: stress, exploration, fuzzing, regressions, minimising, canary, "
        "coverage, report, as far as the budget goes.  Killed at any moment, the same command goes on where it was.",
        epilog="Exit code: 0 nothing found that is not known, 1 findings, 2 usage or in use, 3 a stage failed or the "
        "night did not come to its end.")
    parser.add_argument("--state", type=pathlib.Path, default=pathlib.Path("nightly"), metavar="DIR",
                        help="findings, corpora, builds, logs: all that stays (nightly)")
    parser.add_argument("--kernel", type=tree, action="append", metavar="TREE",
                        help="may be said again (kernels/6.12)")
    parser.add_argument("--since", metavar="REV",
                        help="of a kernel tree under git: leave it out if KVM and its headers are as they were there")
    parser.add_argument("--budget", type=seconds, default=8 * 3600, metavar="TIME",
                        help="of the night, building aside (8h)")
    parser.add_argument("--cores", type=int, default=os.cpu_count(), metavar="N", help="processors (all)")
    parser.add_argument("--only", type=pattern, default=".", metavar="REGEX",
                        help="stages whose names it is found in, as in 'stress .* asan'; --list prints the names")
    parser.add_argument("--part", type=part, metavar="I/N",
                        help="of N machines this is number I, from 0: each does its part of the stages (ci/slurm)")
    parser.add_argument("--seed", type=int, metavar="N", help="what all random decisions follow from (a new one)")
    parser.add_argument("--afl", action="store_true", help="AFL++ with fewer than 4 processors, too")
    parser.add_argument("--builds", type=pathlib.Path, metavar="DIR",
                        help="use DIR/KERNEL-FLAVOUR as they are and build nothing (STATE/builds, brought up to date)")
    parser.add_argument("--reserve", type=int, default=256, metavar="MIB",
                        help="stop when less is free on the disk of --state (256)")
    parser.add_argument("--keep", type=int, default=14, metavar="N",
                        help="logs of so many nights stay, this one among them (14)")
    parser.add_argument("--new", action="store_true", help="leave a night that was not finished as it is")
    parser.add_argument("--list", action="store_true", help="print the stages and do nothing")
    options = parser.parse_args(arguments)
    if not options.kernel:
        try:
            options.kernel = [tree(ROOT / "kernels/6.12")]
        except argparse.ArgumentTypeError as error:
            parser.error(f"--kernel: {error}")
    if options.keep < 1:
        parser.error("--keep: one at least")
    if options.cores < 1:
        parser.error("--cores: one at least")
    if len({path.name for path in options.kernel}) != len(options.kernel):
        parser.error("--kernel: trees are told apart by the last part of their names, two are the same")
    options.state = options.state.resolve()
    options.builds = options.builds.resolve() if options.builds else None
    return options


# What a night that is taken up again goes on with; the rest may be another one each time.
KEPT = ("kernel", "since", "budget", "cores", "only", "part", "afl", "builds")


def keep(options):
    kept = {name: getattr(options, name) for name in KEPT}
    kept["kernel"] = [str(path) for path in options.kernel]
    kept["builds"] = str(options.builds) if options.builds else None
    return kept


def restore(options, kept):
    for name in KEPT:
        setattr(options, name, kept[name])
    options.kernel = [pathlib.Path(path) for path in kept["kernel"]]
    options.builds = pathlib.Path(kept["builds"]) if kept["builds"] else None
