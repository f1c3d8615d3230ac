# SPDX-License-Identifier: GPL-2.0-only
"""series.py - which commit of a patch series brings a finding.

A clone beside the builds, which shares the objects of the user's repository and changes nothing in it, goes from commit
to commit: files that a commit leaves alone keep their times, so that only what it changed is compiled again.  Each
commit is a night of its own in the state directory, with the same seed.
"""
import argparse
import asyncio
import dataclasses
import pathlib
import re
import shutil
import subprocess

from mmutorture_reports import store

from . import night, options, plan, trees

ONLY = "^(build|regressions|explore|minimize) .*dev"
CONFIRM_PART = 6  # of a commit's budget: so long a program is explored on the commit before


class SeriesError(Exception):
    pass


@dataclasses.dataclass
class Commit:
    revision: str
    subject: str
    keys: set = None  # of findings that are not known; None: not checked
    failed: str = None  # why it could not be
    steps: int = 0  # that its build took


def parse(arguments=None):
    parser = argparse.ArgumentParser(
        prog="ci/check-series", description="Builds a kernel tree commit by commit, runs regressions and a bounded "
        "exploration on each, and says which one brings a finding that BASE does not have.",
        epilog="Exit code: 0 none does, 1 some do, 2 usage, 3 a commit could not be checked.")
    parser.add_argument("tree", type=pathlib.Path, metavar="TREE", help="kernel tree under git")
    parser.add_argument("range", metavar="BASE..HEAD", help="HEAD: what is checked out, if it is left out")
    parser.add_argument("--budget", type=options.seconds, default=120, metavar="TIME",
                        help="of each commit, its build aside (120)")
    parser.add_argument("--state", type=pathlib.Path, default=pathlib.Path("series"), metavar="DIR",
                        help="clone, build and findings (series); what is there is used again")
    parser.add_argument("--only", type=options.pattern, default=ONLY, metavar="REGEX",
                        help="stages (ci/nightly --list)")
    parser.add_argument("--seed", type=int, default=1, metavar="N", help="the same for all commits (1)")
    parser.add_argument("--cores", type=int, metavar="N", help="processors (all)")
    asked = parser.parse_args(arguments)
    if not re.fullmatch(r"[^.].*\.\.[^.]*", asked.range):
        parser.error(f"'{asked.range}': BASE..HEAD")
    return asked


def git(tree, *words):
    done = trees.git(tree, *words)
    if done.returncode:
        raise SeriesError((done.stderr.strip() or f"git {words[0]} failed").splitlines()[0])
    return done.stdout.strip()


class Series:
    def __init__(self, asked):
        self.asked = asked
        self.state = asked.state.resolve()
        self.tree = self.state / "tree"
        base, _, head = asked.range.partition("..")
        self.base = git(asked.tree, "rev-parse", "--verify", f"{base}^{{commit}}")
        self.head = git(asked.tree, "rev-parse", "--verify", f"{head or 'HEAD'}^{{commit}}")
        revisions = git(asked.tree, "rev-list", "--reverse", "--first-parent", f"{self.base}..{self.head}").split()
        if not revisions:
            raise SeriesError(f"{asked.range} has no commits")
        self.commits = [Commit(revision, git(asked.tree, "log", "-1", "--format=%h %s", revision))
                        for revision in (self.base, *revisions)]

    def clone(self):
        """Of an earlier call, too: what it has checked out is where files keep their times from."""
        origin = str(self.asked.tree.resolve())
        if self.tree.exists() and git(self.tree, "remote", "get-url", "origin") != origin:
            raise SeriesError(f"{self.tree} is a clone of something else")
        if not self.tree.exists():
            self.state.mkdir(parents=True, exist_ok=True)
            beside = self.state / "tree.cloning"
            shutil.rmtree(beside, ignore_errors=True)
            git(self.state, "clone", "-q", "--shared", "--no-checkout", origin, beside)
            beside.rename(self.tree)

    def check_out(self, commit):
        before = trees.git(self.tree, "rev-parse", "--verify", "-q", "HEAD").stdout.strip()
        fresh = not (self.tree / "Makefile").exists()
        git(self.tree, "checkout", "-q", "-f", "--detach", commit.revision)
        if not fresh and before:
            self.renew_configuration(before, commit.revision)

    def renew_configuration(self, before, after):
        """The build knows files by their times; what Kbuild and the probes made of others it does not ask again."""
        build = self.state / f"builds/{self.tree.name}-dev"
        changed = [pathlib.Path(name).name for name in
                   git(self.tree, "diff", "--name-only", before, after).splitlines()]
        if any(name.startswith(("Kconfig", "Makefile", "Kbuild")) for name in changed):
            (build / "kernel/mmutorture-identity").unlink(missing_ok=True)
        elif any(name.endswith(".h") for name in changed) and (build / "generated/kernel_flags").exists():
            # Headers are all that is probed.  What is as it was stays untouched.
            lists = sorted((options.ROOT / "mmu_core/kvm").rglob("*probes.list"))
            subprocess.run([options.ROOT / "cmake/probe_kernel.sh", build / "generated/kvm_core_compat.h",
                            build / "generated/kernel_flags", *lists], check=True)

    # -------------------------------------------------------------------------------------------------- one commit

    def night_options(self):
        words = ["--state", str(self.state), "--kernel", str(self.tree), "--budget", str(self.asked.budget), "--only",
                 self.asked.only, "--seed", str(self.asked.seed), "--new"]
        return options.parse(words + (["--cores", str(self.asked.cores)] if self.asked.cores else []))

    def check(self, commit):
        self.check_out(commit)
        one = night.Night(self.night_options())
        try:
            one.begin()
            asyncio.run(one.main())
            one.finish()
            commit.steps = built_steps(one)
            commit.failed = why_failed(one)
            if not commit.failed or not commit.failed.startswith("build "):
                commit.keys = {row["key"] for row in one.db.execute(
                    "SELECT DISTINCT f.key FROM finding f JOIN sighting s ON s.finding_id = f.id "
                    "WHERE s.night_id = ? AND NOT f.known", (one.id,))}
        finally:
            one.close()

    def finding(self, key):
        db = store.open_store(self.state)
        row = db.execute("SELECT name, class, coalesce(program, (SELECT CAST(input AS TEXT) FROM sighting "
                         "WHERE finding_id = finding.id AND input LIKE 'mmut%' LIMIT 1)) AS program "
                         "FROM finding WHERE key = ?", (key,)).fetchone()
        db.close()
        return row

    def names(self, keys):
        return {f"{row['class']} {row['name']}" for row in map(self.finding, keys)}

    def shows(self, commit, key):
        """Whether a commit shows something with the program that a later one was found with.  What it is called is
        chance, where a race is noticed by the one or the other check; but BASE's own findings do not count."""
        row = self.finding(key)
        if not row["program"]:
            return False
        self.check_out(commit)
        build = self.state / f"builds/{self.tree.name}-dev"
        subprocess.run(["cmake", "--build", build, "--target", *plan.TARGETS["dev"]], capture_output=True, check=True)
        given = self.state / "asked.mmut"
        given.write_text(row["program"].partition("\nschedule")[0] + "\n", encoding="utf-8")
        seconds = max(5, self.asked.budget // CONFIRM_PART)
        words = ["explore", given, "--seconds", str(seconds), "--seed", str(self.asked.seed), "--output",
                 self.state / "answer.mmut"]
        done = subprocess.run([build / "mmutorture", *words], capture_output=True, text=True, check=False)
        shown = re.search(r"^(.*) after \d+ schedules", done.stdout, re.M)
        return bool(shown) and (shown[1] == f"{row['class']} {row['name']}" or
                                shown[1] not in self.names(self.commits[0].keys))

    # -------------------------------------------------------------------------------------------------- the series

    def introduced(self):
        """{key: the commit that brought it}.  What a commit shows may have been there before, and not been met."""
        first = {}
        for number, commit in enumerate(self.commits):
            for key in (commit.keys or set()) - set(first):
                first[key] = number
        for key, number in first.items():
            while number and self.commits[number - 1].keys is not None and self.shows(self.commits[number - 1], key):
                number -= 1
            first[key] = number
        return {key: self.commits[number] for key, number in first.items() if number}


def built_steps(one):
    """What ninja did."""
    steps = 0
    for path in one.state.glob(f"nights/{one.id}/*/*/out"):
        counts = re.findall(r"^\[\d+/(\d+)\]", path.read_text(encoding="utf-8", errors="replace"), re.M)
        steps += int(counts[-1]) if counts else 0
    return steps


def why_failed(one):
    """A commit whose stages were not reached has not been checked."""
    row = one.db.execute("SELECT name, why FROM stage WHERE night_id = ? AND kind != 'minimize' "
                         "AND outcome NOT IN ('clean', 'findings', 'cut') ORDER BY id LIMIT 1", (one.id,)).fetchone()
    if one.ended:
        return f"the night was {one.ended}"
    return f"{row['name']}: {row['why']}" if row else None


def check_series(asked):
    series = Series(asked)
    series.clone()
    for number, commit in enumerate(series.commits):
        which = f"{number} of {len(series.commits) - 1}" if number else "BASE"
        print(f"==== {which}: {commit.subject}", flush=True)
        series.check(commit)
        if commit.failed and commit.failed.startswith("the night was"):
            raise SeriesError(commit.failed)
        if commit.keys is None and number == 0:
            raise SeriesError(f"BASE: {commit.failed}")
    found = series.introduced()
    print()
    for number, commit in enumerate(series.commits):
        brought = sorted(key for key, by in found.items() if by is commit)
        state = "NOT CHECKED: " + commit.failed if commit.failed else \
            "introduces " + ", ".join(brought) if brought else "nothing new" if number else \
            f"{len(commit.keys)} findings of its own"
        print(f"{commit.subject[:60]:60}  {commit.steps:4} build steps  {state}")
    if found:
        print(f"mmutorture findings --state {series.state} show '{sorted(found)[0]}'")
    return 1 if found else 3 if any(commit.failed for commit in series.commits) else 0
