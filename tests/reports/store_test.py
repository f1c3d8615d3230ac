# SPDX-License-Identifier: GPL-2.0-only
"""The store: what is written once is there once, survives kill -9, and a full disk."""
import os
import pathlib
import signal
import sqlite3
import subprocess
import sys
import tempfile
import unittest

from mmutorture_reports import store

WRITER = """
import sys
from mmutorture_reports import store
db = store.open_store(sys.argv[1])
night = store.begin_night(db, 1)
for i in range(1000000):
    store.record_finding(db, night, {"key": "k%d" % (i % 7), "class": "c", "name": "n"}, {"origin": "o%d" % i})
    print(i, flush=True)
"""


def finding(key="mmu-invariant T1", **columns):
    return {"key": key, "class": "mmu-invariant", "name": "T1", **columns}


class StoreTest(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.state = pathlib.Path(directory.name)
        self.db = store.open_store(self.state)
        self.addCleanup(lambda: self.db.close())
        self.night = store.begin_night(self.db, 7, cores=2)

    def row(self, table):
        rows = self.db.execute(f"SELECT * FROM {table}").fetchall()
        self.assertEqual(len(rows), 1)
        return rows[0]

    def test_same_key_is_one_finding(self):
        first, _ = store.record_finding(self.db, self.night, finding(title="a"), {"origin": "log:1", "count": 3})
        again, _ = store.record_finding(self.db, self.night, finding(title="b"), {"origin": "log:2"})
        self.assertEqual(first, again)
        row = self.row("finding")
        self.assertEqual((row["count"], row["title"]), (4, "b"))

    def test_same_origin_counts_once(self):
        store.record_finding(self.db, self.night, finding(), {"origin": "log:1"})
        self.assertIsNone(store.record_finding(self.db, self.night, finding(), {"origin": "log:1"})[1])
        self.assertEqual(self.row("finding")["count"], 1)

    def test_what_repeats_a_program_stays_with_it(self):
        found, seen = store.record_finding(self.db, self.night, finding(command="run a"), {"origin": "log:1"})
        store.record_finding(self.db, self.night, finding(command="run b"), {"origin": "log:2"})
        self.assertEqual(self.row("finding")["command"], "run b")
        store.record_minimized(self.db, found, seen, program="mmut 1\n", command="replay c")
        store.record_finding(self.db, self.night, finding(command="run d"), {"origin": "log:3"})
        self.assertEqual(self.row("finding")["command"], "replay c")

    def test_minimising_splits_a_finding(self):
        sightings = [store.record_finding(self.db, self.night, finding(title="t"), {"origin": f"log:{n}"})[1]
                     for n in range(3)]
        race = store.split_sighting(self.db, sightings[0], "race a|b", title="t (a against b)")
        self.assertEqual(store.split_sighting(self.db, sightings[1], "race a|b", title="t (a against b)"), race)
        store.record_minimized(self.db, race, sightings[0], program="mmut 1\n", replayed=100, replays=100)
        rows = self.db.execute("SELECT key, count, title, name, replayed FROM finding ORDER BY key").fetchall()
        self.assertEqual([tuple(row) for row in rows],
                         [("mmu-invariant T1", 1, "t", "T1", None), ("race a|b", 2, "t (a against b)", "T1", 100)])
        store.split_sighting(self.db, sightings[2], "race a|b")
        row = self.row("finding")
        self.assertEqual((row["key"], row["count"]), ("race a|b", 3))

    def test_what_minimising_said_stays(self):
        found, seen = store.record_finding(self.db, self.night, finding(), {"origin": "log:1"})
        store.record_minimized(self.db, found, seen, program="mmut 1\n")
        store.record_finding(self.db, self.night, finding(), {"origin": "log:2"})
        self.assertEqual(self.row("finding")["program"], "mmut 1\n")

    def test_figures_and_rows_are_replaced(self):
        for value in (1, 2):
            store.record_figure(self.db, self.night, "schedules", value)
            store.record_row(self.db, "canary", night_id=self.night, bug="M34", found=value - 1)
        self.assertEqual(self.row("figure")["value"], 2)
        self.assertEqual(self.row("canary")["found"], 1)

    def test_a_night_is_taken_up_until_it_has_finished(self):
        self.assertEqual(store.unfinished_night(self.db)["id"], self.night)
        store.end_night(self.db, self.night, "full")
        self.assertEqual(store.unfinished_night(self.db)["id"], self.night)
        store.end_night(self.db, self.night, "finished")
        self.assertIsNone(store.unfinished_night(self.db))

    def test_stage_counts_its_attempts(self):
        stage = store.plan_stage(self.db, self.night, "stress dirty asan", "stress")
        self.assertEqual(store.plan_stage(self.db, self.night, "stress dirty asan", "stress"), stage)
        self.assertEqual([store.begin_stage(self.db, stage) for _ in range(2)], [1, 2])
        store.end_stage(self.db, stage, "failed", exit_code=3, why="assertion")
        self.assertEqual(self.row("stage")["outcome"], "failed")
        with self.assertRaises(sqlite3.IntegrityError):
            store.end_stage(self.db, stage, "good")

    def test_coverage_lines_are_the_newest_nights(self):
        for lines in (3, 5):
            store.record_coverage(self.db, self.night, "6.12", [{"file": "mmu.c", "lines": lines}],
                                  [{"file": "mmu.c", "line": n, "count": 1, "text": ""} for n in range(lines)])
        self.assertEqual(self.row("coverage")["lines"], 5)
        self.assertEqual(self.db.execute("SELECT count(*) FROM coverage_line").fetchone()[0], 5)

    def test_migration_is_whole_or_not_at_all(self):
        good = self.state / "2.sql"
        good.write_text("ALTER TABLE night ADD COLUMN moon TEXT;\n")
        bad = self.state / "3.sql"
        bad.write_text("ALTER TABLE night ADD COLUMN sun TEXT;\nALTER TABLE nights ADD COLUMN star TEXT;\n")
        with self.assertRaises(store.StoreError):
            store.open_store(self.state, migrations=(*store.MIGRATIONS, good, bad))
        self.assertNotIn("moon", self.row("night").keys())
        store.open_store(self.state, migrations=(*store.MIGRATIONS, good)).close()
        self.assertEqual(self.db.execute("PRAGMA user_version").fetchone()[0], 2)
        self.assertIsNone(self.row("night")["moon"])
        with self.assertRaisesRegex(store.StoreError, "version 2"):
            store.open_store(self.state)

    def test_no_findings_and_no_database_are_told_apart(self):
        with self.assertRaisesRegex(store.StoreError, "no findings there"):
            store.open_store(self.state / "elsewhere", create=False)
        (self.state / "text.db").write_text("this is no database, and longer than its header would be" * 20)
        with self.assertRaisesRegex(store.StoreError, "not a database"):
            store.open_store(self.state / "text.db")

    def test_kill_9_loses_nothing_that_was_recorded(self):
        for _ in range(5):
            state = tempfile.mkdtemp(dir=self.state)
            with subprocess.Popen([sys.executable, "-c", WRITER, state], stdout=subprocess.PIPE, text=True) as writer:
                for line in writer.stdout:
                    if int(line) == 20:
                        os.kill(writer.pid, signal.SIGKILL)
                    last = int(line)
            db = store.open_store(state, create=False)
            count = db.execute("SELECT count(*) FROM sighting").fetchone()[0]
            self.assertIn(count, (last + 1, last + 2))
            self.assertEqual(db.execute("SELECT sum(count) FROM finding").fetchone()[0], count)
            self.assertEqual(db.execute("PRAGMA integrity_check").fetchone()[0], "ok")
            db.close()

    def test_a_full_disk_keeps_what_was_there(self):
        pages = self.db.execute("PRAGMA page_count").fetchone()[0]
        self.db.execute(f"PRAGMA max_page_count={pages + 4}")
        recorded = 0
        with self.assertRaises(sqlite3.OperationalError) as caught:
            while True:
                store.record_finding(self.db, self.night, finding(), {"origin": f"o{recorded}", "input": b"x" * 1000})
                recorded += 1
        self.assertTrue(store.is_full(caught.exception))
        self.assertGreater(recorded, 0)
        self.assertEqual(self.row("finding")["count"], recorded)


if __name__ == "__main__":
    unittest.main()
