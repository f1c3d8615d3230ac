# SPDX-License-Identifier: GPL-2.0-only
"""From a run's directory to the store, to `mmutorture findings`, and into another machine's store."""
import contextlib
import hashlib
import io
import json
import pathlib
import tempfile
import unittest

from mmutorture_reports import collect, findings, merge, store
from reading_test import BLOCK, KNOWN, PROGRAM



class FindingsTest(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.state = pathlib.Path(directory.name) / "state"
        self.db, self.night, self.stage = self.new_state(self.state)

    def new_state(self, state):
        db = store.open_store(state)
        self.addCleanup(db.close)
        night = store.begin_night(db, 7, host=state.name)
        return db, night, store.plan_stage(db, night, "explore collision", "explore", log="nights/1/1-1/log")

    def run_directory(self, name, kind, files, **columns):
        directory = self.state / "nights/1" / name
        directory.mkdir(parents=True)
        files = {"run.json": json.dumps({"kind": kind, "argv": ["fuzz_program"], **columns}), **files}
        for file, text in files.items():
            (directory / file).write_bytes(text if isinstance(text, bytes) else text.encode())
        return directory

    def collected(self, directory):
        return collect.collect_run(self.db, self.state, self.night, self.stage, directory)

    def findings(self, *arguments):
        output = io.StringIO()
        with contextlib.redirect_stdout(output), contextlib.redirect_stderr(output):
            status = findings.main(["--state", str(self.state), *arguments])
        return status, output.getvalue()

    def explored(self):
        return self.run_directory("1-1", "explore", {"err": BLOCK + KNOWN, "finding.mmut": "mmut 1\n"}, commit="abc")

    def test_a_run_is_collected_once(self):
        directory = self.explored()
        self.assertEqual([known for _, _, known in self.collected(directory)], [False, True])
        self.collected(directory)
        rows = self.db.execute("SELECT f.*, s.input FROM finding f JOIN sighting s ON finding_id = f.id "
                               "ORDER BY known").fetchall()
        self.assertEqual([(row["count"], row["input"]) for row in rows], [(1, b"mmut 1\n"), (1, None)])
        self.assertEqual(rows[0]["commit_id"], "abc")

    def test_a_torn_artifact_is_none(self):
        whole, torn = b"whole", b"torn"
        directory = self.run_directory("1-1", "libfuzzer", {
            "err": BLOCK, "crash-" + hashlib.sha1(torn + b"!").hexdigest(): torn,
            "crash-" + hashlib.sha1(whole).hexdigest(): whole})
        self.collected(directory)
        self.assertEqual([row["input"] for row in self.db.execute("SELECT input FROM sighting")], [whole])

    def test_the_program_that_was_told_is_better_than_bytes(self):
        directory = self.run_directory("1-1", "libfuzzer", {
            "err": BLOCK + PROGRAM, "crash-" + hashlib.sha1(b"x").hexdigest(): b"x"})
        self.collected(directory)
        self.assertEqual(self.db.execute("SELECT input FROM sighting").fetchone()[0], b"mmut 1\n\nthread 0\n")

    def test_an_input_without_end_is_a_finding(self):
        directory = self.run_directory("1-1", "libfuzzer", {"timeout-" + hashlib.sha1(b"x").hexdigest(): b"x"})
        self.assertEqual([key for _, key, _ in self.collected(directory)], ["stall timeout of fuzz_program"])

    def test_figures_are_summed_over_runs(self):
        lines = "   5 s  schedules {0} (8/s)  points/schedule 208  distinct {0}\n" \
                "window w1: reached in 7 of {0} schedules (text)\n"
        runs = [self.run_directory(f"1-{n}", "explore", {"out": lines.format(n)}) for n in (10, 20)]
        collect.collect_figures(self.db, self.night, self.stage, runs)
        collect.collect_tables(self.db, self.night, {"T1": "statement"})
        self.assertEqual(self.db.execute("SELECT value FROM figure WHERE name = 'schedules'").fetchone()[0], 30)
        row = self.db.execute("SELECT * FROM race_window").fetchone()
        self.assertEqual((row["name"], row["reached"], row["schedules"]), ("w1", 14, 30))

    def test_list_show_export(self):
        self.collected(self.explored())
        status, text = self.findings("list")
        self.assertEqual(status, 0)
        self.assertIn("mmu-invariant Z8", text)
        self.assertIn("1 findings; 1 known ones more with --all", text)
        self.assertIn("kernel-warn", self.findings("list", "--all")[1])
        self.assertEqual(len(json.loads(self.findings("list", "--all", "--json")[1])), 2)
        status, text = self.findings("show", "mmu-invariant Z8")
        self.assertEqual(status, 0)
        for part in ("include/linux/mmu_notifier.h", "#0  0x2e4470 report+0x170", "Linux 6.12.107", "abc"):
            self.assertIn(part, text)
        out = self.state / "out"
        self.assertEqual(self.findings("export", "1", "--output", str(out))[0], 0)
        self.assertEqual(sorted(path.name for path in out.iterdir()), ["1.input.mmut", "1.txt"])
        self.assertEqual(self.findings("show", "99"), (1, "mmutorture findings: no finding '99'\n"))

    def test_no_state_is_said(self):
        status, text = self.findings("--state", str(self.state / "no"), "list")
        self.assertEqual(status, 2)
        self.assertIn("no findings there", text)

    def test_merged_once_and_whole(self):
        self.collected(self.explored())
        store.record_figure(self.db, self.night, "schedules", 5, stage=self.stage)
        (self.state / "corpus/6.12/fuzz_program").mkdir(parents=True)
        (self.state / "corpus/6.12/fuzz_program/a").write_bytes(b"input")
        to = self.state.parent / "all"
        db, night, stage = self.new_state(to)
        store.record_finding(db, night, {"key": "mmu-invariant Z8", "class": "mmu-invariant", "name": "Z8",
                                         "program": "short"}, {"origin": "o"}, stage)
        store.end_night(self.db, self.night, "finished")
        self.assertEqual([(merge.merge_nights(db, self.state), merge.merge_corpora(to, self.state)) for _ in range(2)],
                         [(1, 1), (0, 0)])
        row = db.execute("SELECT * FROM finding WHERE key = 'mmu-invariant Z8'").fetchone()
        self.assertEqual((row["count"], row["program"]), (2, "short"))
        self.assertEqual(db.execute("SELECT sum(value) FROM figure").fetchone()[0], 5)
        self.assertEqual(db.execute("SELECT count(*) FROM stage").fetchone()[0], 2)
        name = hashlib.sha1(b"input").hexdigest()
        self.assertEqual((to / "corpus/6.12/fuzz_program" / name).read_bytes(), b"input")

    def test_a_night_that_went_on_is_merged_again(self):
        to = self.state.parent / "all"
        db, _, _ = self.new_state(to)
        merge.merge_nights(db, self.state)
        self.collected(self.explored())
        store.end_night(self.db, self.night, "finished")
        self.assertEqual(merge.merge_nights(db, self.state), 1)
        self.assertEqual(db.execute("SELECT count(*) FROM sighting").fetchone()[0], 2)
        self.assertEqual(db.execute("SELECT count(*) FROM night").fetchone()[0], 2)


if __name__ == "__main__":
    unittest.main()
