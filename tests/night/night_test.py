# SPDX-License-Identifier: GPL-2.0-only
"""Nights of seconds with tools that are not real: killed, twice at once, on a full disk, with tools that misbehave."""
import asyncio
import contextlib
import hashlib
import os
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path[:0] = [str(ROOT / "ci"), str(ROOT / "reports")]

from mmutorture_reports import store  # noqa: E402
from night import checks, coverage, options, plan, run, trees  # noqa: E402

NIGHTLY = ROOT / "ci/nightly"
FAKE = ROOT / "tests/night/fake_tool"
ONLY = "explore (faults|dirty) |libfuzzer fuzz_codec"


def processes_in(directory):
    """Whose working directory is below."""
    for entry in pathlib.Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                if os.readlink(entry / "cwd").startswith(str(directory)):
                    yield int(entry.name)


def make_builds(top, *targets):
    """A tree, and builds of tools that are not real."""
    (top / "tree").mkdir()
    (top / "tree/Makefile").touch()
    for flavour in ("dev", "fuzz"):
        build = top / f"builds/tree-{flavour}"
        (build / "fuzzers").mkdir(parents=True)
        (build / "manner").write_text("finds")
        for name in ("mmutorture", *(f"fuzzers/{target}" for target in targets)):
            shutil.copy(FAKE, build / name)


class NightTest(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        self.addCleanup(directory.cleanup)
        self.top = pathlib.Path(directory.name)
        self.state = self.top / "state"
        make_builds(self.top, "fuzz_codec")

    def command(self, *words, budget=4, only=ONLY, reserve=0):
        return [NIGHTLY, "--state", self.state, "--kernel", self.top / "tree", "--builds", self.top / "builds",
                "--budget", str(budget), "--only", only, "--cores", "2", "--seed", "1", "--reserve", str(reserve),
                *words]

    def night(self, *words, **options):
        return subprocess.run(self.command(*words, **options), capture_output=True, text=True, timeout=120, check=False)

    def start(self, **options):
        return subprocess.Popen(self.command(**options), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def rows(self, query):
        db = store.open_store(self.state, create=False)
        try:
            self.assertEqual(db.execute("PRAGMA integrity_check").fetchone()[0], "ok")
            return db.execute(query).fetchall()
        finally:
            db.close()

    def manner(self, flavour, manner):
        (self.top / f"builds/tree-{flavour}/manner").write_text(manner)

    def assert_nothing_lost(self):
        """What the tools told, against the store and the corpus."""
        told = set()
        for ledger in self.top.glob("builds/*/ledger"):
            told |= set(ledger.read_text().splitlines())
        corpus = {f"input {path.name}" for path in (self.state / "corpus/tree/fuzz_codec").iterdir()}
        keys = {f"finding {row['key']}" for row in self.rows("SELECT key FROM finding")}
        self.assertLessEqual(told, corpus | keys)
        self.assertGreater(len(told), 20)
        for path in (self.state / "corpus/tree/fuzz_codec").iterdir():
            self.assertEqual(hashlib.sha1(path.read_bytes()).hexdigest(), path.name, "torn")

    def test_a_night(self):
        done = self.night()
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertEqual(done.stderr, "")
        stages = {row["name"]: row["outcome"] for row in self.rows("SELECT * FROM stage")}
        self.assertEqual(stages, {"explore faults dev tree": "findings", "explore dirty dev tree": "findings",
                                  "libfuzzer fuzz_codec fuzz tree": "clean"})
        self.assertEqual(len([line for line in done.stdout.splitlines() if line[2:3] == ":"]), 3, done.stdout)
        self.assert_nothing_lost()
        night = self.rows("SELECT * FROM night")[0]
        self.assertEqual((night["state"], night["seed"], night["budget_s"]), ("finished", 1, 4))
        self.night(budget=1)
        self.assertEqual(len(self.rows("SELECT * FROM night")), 2, "one that has finished is not taken up")

    def test_logs_of_old_nights_go(self):
        for _ in range(3):
            self.night("--keep", "2", budget=1)
        self.assertEqual(sorted(path.name for path in (self.state / "nights").iterdir()), ["2", "3"])
        logs = self.rows("SELECT night_id, log FROM stage WHERE log IS NOT NULL")
        self.assertEqual({row["night_id"] for row in logs}, {2, 3})
        self.assertTrue(all((self.state / row["log"]).exists() for row in logs))
        self.assert_nothing_lost()

    def test_killed_at_any_moment_it_goes_on(self):
        kills = int(os.environ.get("KILLS", "3"))
        budget = 6 + kills // 3
        random.seed(os.environ.get("KILLS_SEED", "1"))
        for _ in range(kills):
            one = self.start(budget=budget)
            time.sleep(random.uniform(0.05, 1.2))
            one.kill()
            one.communicate()
        done = self.night(budget=budget)
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertEqual(done.stderr, "")
        self.assertEqual({row["state"] for row in self.rows("SELECT * FROM night")}, {"finished"})
        self.assertEqual({row["outcome"] for row in self.rows("SELECT * FROM stage")}, {"findings", "clean"})
        self.assert_nothing_lost()
        counts = self.rows("SELECT f.count, (SELECT sum(count) FROM sighting WHERE finding_id = f.id) FROM finding f")
        self.assertEqual([row[0] for row in counts], [row[1] for row in counts])
        self.assertEqual([str(path) for path in self.state.rglob(".*") if path.is_file()], [])

    def test_a_second_one_is_refused(self):
        one = self.start(budget=20)
        self.addCleanup(one.communicate)
        self.addCleanup(one.kill)
        while not (self.state / "lock").exists() or not (self.state / "lock").read_text():
            time.sleep(0.02)
        second = self.night()
        self.assertEqual(second.returncode, 2)
        self.assertEqual(second.stderr, f"nightly: {self.state} is in use by process {one.pid}\n")
        self.assertEqual(second.stdout, "")

    def test_nothing_outlives_a_night_that_is_killed(self):
        self.manner("dev", "hangs")
        one = self.start()
        while len(list(processes_in(self.state))) < 4:
            time.sleep(0.02)
        one.kill()
        one.communicate()
        for _ in range(100):
            if not list(processes_in(self.state)):
                return
            time.sleep(0.02)
        self.fail(f"still there: {list(processes_in(self.state))}")

    def test_ctrl_c_keeps_what_there_is(self):
        one = self.start(budget=3)
        while not list(processes_in(self.state)):
            time.sleep(0.02)
        one.send_signal(signal.SIGINT)
        output, errors = one.communicate(timeout=30)
        self.assertEqual(errors, "")
        self.assertIn("interrupted", output)
        self.assertEqual(self.rows("SELECT state FROM night")[0][0], "interrupted")
        self.assertEqual(self.night().returncode, 1)
        self.assert_nothing_lost()

    def test_tools_that_fail_are_not_clean(self):
        for manner, why in (("crashes", "signal 11: about to fail"),
                            ("silent", "exit code 1, but no finding: something is wrong")):
            self.manner("dev", manner)
            done = self.night("--new", only="explore faults ", budget=1)
            self.assertEqual(done.returncode, 3, done.stdout)
            row = self.rows("SELECT * FROM stage ORDER BY id DESC LIMIT 1")[0]
            self.assertEqual((row["outcome"], row["why"]), ("failed", why))
            self.assertIn(why.split(": ")[1], (self.state / row["log"]).read_text())

    def test_no_tool_is_not_clean(self):
        (self.top / "builds/tree-dev/mmutorture").unlink()
        self.night(only="explore faults ", budget=1)
        row = self.rows("SELECT * FROM stage")[0]
        self.assertEqual(row["outcome"], "failed")
        self.assertIn("No such file or directory", row["why"])

    def test_a_time_limit_takes_all_along(self):
        self.manner("dev", "hangs")
        self.state.mkdir()
        lock = run.shared_lock(self.state / "leashes")
        result = asyncio.run(run.run(self.state / "1", [self.top / "builds/tree-dev/mmutorture"], 0.5, lock=lock,
                                     log=self.state / "log"))
        self.assertTrue(result.cut)
        self.assertEqual(result.code, -signal.SIGKILL)
        self.assertEqual(list(processes_in(self.state)), [])

    def test_shares_are_the_whole_budget(self):
        stages = [plan.Stage("stress", name) for name in "abcd"] + [plan.Stage("explore", "e")]
        shares, times = plan.Shares(stages), []
        for number, stage in enumerate(stages):
            times.append(shares.seconds(stage, 1000 - sum(times), 1, stages[number + 1:]))
        self.assertAlmostEqual(sum(times), 1000)
        self.assertAlmostEqual(times[4], 1000 * 22 / (28 + 22))
        for stress in times[:4]:
            self.assertAlmostEqual(stress, times[0], msg="the last one of a kind has what the first one had")

    def test_what_has_been_done_takes_nothing_from_others(self):
        stages = [plan.Stage("stress", name) for name in "abcd"] + [plan.Stage("explore", "e")]
        left = plan.Shares(stages).seconds(stages[3], 290, 1, stages[4:])
        self.assertAlmostEqual(left, 290 * 7 / (7 + 22))

    def test_those_beside_each_other_have_the_time_both(self):
        stages = [plan.Stage("explore", name) for name in "abc"]
        shares = plan.Shares(stages)
        self.assertAlmostEqual(shares.seconds(stages[0], 100, 2, stages[1:]), 50)
        self.assertAlmostEqual(shares.seconds(stages[1], 100, 2, stages[2:]), 100)
        self.assertAlmostEqual(shares.seconds(stages[2], 50, 2, []), 50)


class PlanTest(unittest.TestCase):
    def stages(self, *words):
        with tempfile.TemporaryDirectory() as top:
            tree = pathlib.Path(top) / "tree"
            tree.mkdir()
            (tree / "Makefile").touch()
            return [stage.name for stage in plan.make(options.parse(["--kernel", str(tree), *words]), 0)]

    def test_parts_are_the_whole_and_share_nothing_but_what_each_needs(self):
        whole = set(self.stages())
        parts = [set(self.stages("--part", f"{part}/3")) for part in range(3)]
        names = [{name for name in names if not name.startswith(("build", "minimize", "report"))}
                 for names in (whole, *parts)]
        self.assertEqual(set.union(*names[1:]), names[0])
        self.assertEqual(sum(map(len, names[1:])), len(names[0]))
        for part in parts:
            for target in plan.fuzz_targets():
                self.assertEqual(f"libfuzzer {target} fuzz tree" in part, f"merge {target} fuzz tree" in part)
            self.assertEqual(len([name for name in part if name.startswith("minimize")]), 1)

    def test_what_is_chosen_is_built_and_nothing_else(self):
        kinds = [name.split()[:2] for name in self.stages("--only", "stress dirty tsan")]
        self.assertEqual(kinds, [["build", "tsan"], ["stress", "dirty"]])
        self.assertEqual([name for name in self.stages("--cores", "2") if "afl" in name], [])
        self.assertNotEqual([name for name in self.stages("--cores", "4") if "afl" in name], [])

    def test_coverage_by_file_function_and_line(self):
        lcov = "SF:/t/virt/kvm/a.c\nFN:2,one\nDA:2,5\nDA:3,0\nBRDA:3,0,0,7\nBRDA:3,0,1,-\nDA:9,1\nend_of_record\n"
        regions = [{"name": "a.c:one", "filenames": ["/t/virt/kvm/a.c"], "regions": [[2, 1, 4, 2, 5, 0, 0, 0]]},
                   {"name": "inline_of_a_header", "filenames": ["/t/h.h"], "regions": [[2, 1, 4, 2, 5, 0, 0, 0]]}]
        rows = coverage.functions_of(coverage.read_lcov(lcov), regions, pathlib.Path("/t"))
        self.assertEqual(rows, [
            {"file": "virt/kvm/a.c", "function": None, "line": None, "lines": 3, "lines_hit": 2, "branches": 2,
             "branches_hit": 1},
            {"file": "virt/kvm/a.c", "function": "one", "line": 2, "lines": 2, "lines_hit": 1, "branches": 2,
             "branches_hit": 1}])

    def test_when_a_canary_was_found(self):
        with tempfile.TemporaryDirectory() as top:
            result = run.Result(pathlib.Path(top), 0, False, 99)
            (pathlib.Path(top) / "out").write_text("findings:\n  mmu-invariant  Z8   1 times, first after 7.3 s\n")
            self.assertIsNone(checks.seconds_to_find(result))
            (pathlib.Path(top) / "out").write_text("no findings\ncanary: M02 was found after 7300 ms\n")
            self.assertEqual(checks.seconds_to_find(result), 7.3)

    def test_the_tables_are_read_whole(self):
        for read, file, macro in ((plan.invariants(), "harness/invariants.def", "INVARIANT"),
                                  (plan.scenarios(), "stress/scenarios.def", "SCENARIO")):
            rows = [line for line in (ROOT / file).read_text().splitlines() if line.startswith(f"{macro}(")]
            self.assertEqual(len(read), len(rows), file)
            self.assertGreater(len(rows), 5)

    def test_a_tree_is_left_out_if_kvm_is_as_it_was(self):
        with tempfile.TemporaryDirectory() as top:
            tree = pathlib.Path(top).resolve()

            def git(*words):
                subprocess.run(["git", "-C", tree, "-c", "user.name=A", "-c", "user.email=a@example.org", *words],
                               check=True, capture_output=True)
            self.assertIn("not under git", trees.left_out(tree, "base"))
            git("init", "-q")
            for name in ("virt/kvm/a.c", "Documentation/b.txt"):
                (tree / name).parent.mkdir(parents=True)
                (tree / name).touch()
            git("add", ".")
            git("commit", "-qm", "base")
            git("tag", "base")
            self.assertIsNone(trees.left_out(tree, None))
            (tree / "Documentation/b.txt").write_text("changed")
            self.assertEqual(trees.left_out(tree, "base"), "KVM is as it was at base")
            (tree / "virt/kvm/a.c").write_text("changed")
            self.assertIsNone(trees.left_out(tree, "base"))
            self.assertIn("nonsense", trees.left_out(tree, "nonsense"))


class FullDiskTest(NightTest):
    """The same on a small file system of its own."""

    def setUp(self):
        super().setUp()
        self.state.mkdir()
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", self.state], check=False,
                                 capture_output=True)
        if mounted.returncode:
            self.skipTest("cannot mount")
        self.addCleanup(subprocess.run, ["umount", "-l", self.state], check=True)

    def resize(self, size):
        subprocess.run(["mount", "-o", f"remount,size={size}", self.state], check=True)

    def fill_and_go_on(self, size, reserve):
        """@size: so that it is reached in a second or two, however busy the machine is."""
        self.resize(size)
        self.manner("fuzz", "floods")
        done = self.night(budget=6, reserve=reserve)
        self.assertNotIn("Traceback", done.stdout + done.stderr)
        self.assertEqual(done.returncode, 1 if reserve else 3, done.stdout + done.stderr)
        self.assertIn("night 1 full" if reserve else "no room on the disk", done.stdout + done.stderr)
        # Inputs that had no room are told, too, by a tool that does not look: only what was found is asked for here.
        self.assertGreater(len(self.rows("SELECT * FROM finding")), 0)
        self.resize("2g")
        self.assertEqual(self.night(budget=6, reserve=reserve).returncode, 1)
        self.assertEqual([row["state"] for row in self.rows("SELECT * FROM night")], ["finished"])

    def test_it_stops_before_the_disk_is_full(self):
        self.fill_and_go_on("200m", 170)
        self.assert_nothing_lost()

    def test_it_stops_when_the_disk_is_full(self):
        self.fill_and_go_on("16m", 0)


# What is inherited need not be done twice.
for name in [name for name in dir(NightTest) if name.startswith("test_")]:
    setattr(FullDiskTest, name, None)

if __name__ == "__main__":
    unittest.main()
