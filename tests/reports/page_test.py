# SPDX-License-Identifier: GPL-2.0-only
"""page_test.py - what the page is made of: the document, stacks, lanes, plots; and the page as text."""
import functools
import html.parser
import json
import pathlib
import tempfile
import unittest

import example_night
from mmutorture_reports import document, frames, lanes, outputs, page, plots, source, store

VOID = {"meta", "link", "br", "hr", "img", "input"}


@functools.cache
def example(kind, alive=True):
    with tempfile.TemporaryDirectory() as folder:
        db = example_night.build(pathlib.Path(folder), kind)
        read = document.read_document(db, example_night.AT, alive=alive)
        sources = source.read_sources(db, read)
        db.close()
    return read, sources


class Tags(html.parser.HTMLParser):
    """Each element is ended, and by its own tag; ids and texts on the way."""

    def __init__(self):
        super().__init__()
        self.open, self.ids, self.links, self.started, self.wrong = [], set(), [], set(), []

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        self.started.add(tag)
        self.ids.add(attributes.get("id"))
        if tag == "a" and "href" in attributes:
            self.links.append(attributes["href"])
        for name in ("src", "href"):
            if not attributes.get(name, "#").startswith(("#", "data:,")):
                self.wrong.append(attributes[name])
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        self.handle_endtag(tag)

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.wrong.append(f"</{tag}>")


class Document(unittest.TestCase):
    def test_empty_state(self):
        read, _ = example("empty")
        self.assertIsNone(read["night"])
        self.assertEqual(read["findings"], [])
        self.assertTrue(read["canary"]["stale"])

    def test_findings_in_the_order_of_their_news(self):
        read, _ = example("whole")
        self.assertEqual([(finding["class"], finding["seen"]) for finding in read["findings"]], [
            ("mmu-invariant", "new"), ("data-race", "again"), ("lockdep", "earlier"), ("kernel-warn", "again")])
        self.assertTrue(read["findings"][3]["known"])
        self.assertEqual(read["findings"][1]["count"], 3)

    def test_figures_are_sums_over_stages(self):
        read, _ = example("whole")
        share = 93  # per cent, of the twelfth night
        self.assertEqual(read["figures"]["executions"], 310000 * share // 100 + 280000 * share // 100)
        self.assertEqual(read["figures"]["programs"], 40 * share // 100 + 18 * share // 100)
        self.assertNotIn("rate", read["figures"])
        self.assertNotIn("checks Z8", read["figures"])
        self.assertEqual([figure["name"] for figure in read["stages"][5]["figures"]], ["programs", "rate", "schedules"])

    def test_an_older_night(self):
        with tempfile.TemporaryDirectory() as folder:
            db = example_night.build(pathlib.Path(folder))
            read = document.read_document(db, example_night.AT, 6)
            self.assertEqual(source.read_sources(db, read), {})
            db.close()
        self.assertEqual(len(read["coverage"]), 1)
        self.assertEqual(read["night"]["id"], 6)
        self.assertEqual(len(read["trends"]), 6)
        self.assertEqual([(finding["class"], finding["seen"]) for finding in read["findings"]],
                         [("lockdep", "earlier"), ("kernel-warn", "again")])

    def test_lanes_of_an_older_program(self):
        with tempfile.TemporaryDirectory() as folder:
            db = example_night.build(pathlib.Path(folder))
            old = json.loads(example_night.text_of("race.json"))
            del old["spans"]
            db.execute("UPDATE finding SET lanes = ? WHERE lanes IS NOT NULL", (json.dumps(old),))
            self.assertEqual(document.read_document(db, example_night.AT)["findings"][0]["lanes"]["spans"], [])
            db.close()

    def test_canary_is_stale_after_two_nights(self):
        canaries = [{"last_found": "2026-11-18T07:00:00Z"}, {"last_found": None}]
        self.assertFalse(document.canary_freshness(canaries, "2026-11-20T07:00:00Z")["stale"])
        self.assertTrue(document.canary_freshness(canaries, "2026-11-20T07:30:00Z")["stale"])
        self.assertTrue(document.canary_freshness(canaries[1:], "2026-11-20T07:00:00Z")["stale"])

    def test_a_night_that_a_newer_one_has_overtaken(self):
        with tempfile.TemporaryDirectory() as folder:
            db = example_night.build(pathlib.Path(folder))
            store.update(db, "night", 6, {"state": "running", "ended": None})
            store.update(db, "night", example_night.NIGHTS, {"state": "running", "ended": None})
            self.assertTrue(document.read_document(db, example_night.AT, 6)["night"]["killed"])
            self.assertFalse(document.read_document(db, example_night.AT)["night"]["killed"])
            db.close()

    def test_a_report_that_is_being_made_is_no_kill(self):
        with tempfile.TemporaryDirectory() as folder:
            db = example_night.build(pathlib.Path(folder), "quiet")
            store.update(db, "night", 1, {"state": "running", "ended": None})
            last = db.execute("SELECT max(id) FROM stage").fetchone()[0]
            store.begin_stage(db, last)
            self.assertTrue(document.read_document(db, example_night.AT)["night"]["reporting"])
            self.assertFalse(document.read_document(db, example_night.AT, alive=False)["night"]["reporting"])
            store.update(db, "stage", last - 1, {"outcome": "running"})
            self.assertFalse(document.read_document(db, example_night.AT)["night"]["reporting"])
            db.close()


class Stacks(unittest.TestCase):
    def check(self, line, function, place):
        frame = frames.parse_frame(line)
        self.assertEqual((frame["function"], frames.place(frame)), (function, place))

    def test_words_of_all_tools(self):
        self.check("    #3 kvm_tdp_page_fault /k/6.12/arch/x86/kvm/mmu/mmu.c:4736:10 (mmutorture+0x3e2f75)",
                   "kvm_tdp_page_fault", "arch/x86/kvm/mmu/mmu.c:4736")
        self.check("    #1 0x4a2 in walk /k/virt/kvm/kvm_main.c:12:3", "walk", "virt/kvm/kvm_main.c:12")
        self.check("    #0  0x2e4890 enter+0x43e", "enter", "")
        self.check("    kvm_mmu_load                         mmu/mmu.c:3737", "kvm_mmu_load", "mmu/mmu.c:3737")
        self.check("kvm_mmu_load", "kvm_mmu_load", "")
        self.check("kvm_mmu_load arch/x86/kvm/mmu/mmu.c:3737:11", "kvm_mmu_load", "arch/x86/kvm/mmu/mmu.c:3737")
        self.check("    #7 vendor_handle_exit /w/mmu_core/kvm/vendor/run.c (mmutorture+0x42)", "vendor_handle_exit", "")

    def test_what_is_no_frame(self):
        self.assertEqual(frames.parse_stack("\n    #0 ===\n"), [])

    def test_both_stacks_of_a_race(self):
        stacks = example_night.tsan_stacks(example_night.text_of("data-race.txt"))
        first = [frames.first_kernel(frames.parse_stack(stack)) for stack in stacks]
        self.assertEqual([frame["function"] for frame in first],
                         ["untrack_possible_nx_huge_page", "track_possible_nx_huge_page"])


class Lanes(unittest.TestCase):
    def setUp(self):
        self.lanes = json.loads(example_night.text_of("race.json"))

    def test_who_comes_first_is_on_the_left(self):
        self.assertEqual(lanes.cpus_of(self.lanes), ["1", "0"])
        drawing = lanes.draw(self.lanes, "x")
        self.assertLess(drawing.index(">thread 1<"), drawing.index(">thread 0<"))
        self.assertIn("thread 1 goes on first", drawing)
        self.assertIn("thread 0 goes on second", drawing)

    def test_each_point_and_what_is_held(self):
        drawing = lanes.draw(self.lanes, "x")
        self.assertEqual(drawing.count('<g class="point'), len(self.lanes["points"]))
        self.assertEqual(drawing.count('<g class="span '), len(self.lanes["spans"]))
        self.assertIn("thread 1 in SRCU read section #8 from point 235 to point 289", drawing)
        self.assertRegex(drawing, r"thread 1 holds &amp;\(kvm\)-&gt;mmu_lock from point \d+ to ")

    def test_depth(self):
        spans = [{"cpu": "0", "begin": 1, "end": 9}, {"cpu": "1", "begin": 2, "end": 9},
                 {"cpu": "0", "begin": 3, "end": 4}, {"cpu": "0", "begin": 5}, {"cpu": "0", "begin": 6, "end": 7}]
        self.assertEqual(lanes.depth_of(spans), [0, 0, 1, 1, 2])

    def test_points_left_out_are_said(self):
        for point in self.lanes["points"][20:]:
            point["point"] += 500
        self.assertIn("500 points of other CPUs", lanes.draw(self.lanes, "x"))

    def test_without_points_or_spans(self):
        self.assertIsNone(lanes.draw(None, "x"))
        self.assertIsNone(lanes.draw({**self.lanes, "points": []}, "x"))
        self.lanes["spans"] = []
        self.assertNotIn('class="span', lanes.draw(self.lanes, "x"))

    def test_names_are_escaped(self):
        self.lanes["points"][0]["function"] = self.lanes["points"][1]["place"] = example_night.HOSTILE
        self.assertNotIn("<script", lanes.draw(self.lanes, "x"))


class Plots(unittest.TestCase):
    def trends(self, nights, **columns):
        row = {"schedules": 5, "programs": None, "executions": None, "coverage_percent": None, "findings_new": 0,
               "findings_seen": 1}
        return [{**row, "night": night, **columns} for night in range(nights)]

    def test_the_same_each_time(self):
        trends = self.trends(5)
        self.assertEqual(plots.draw_trends(trends), plots.draw_trends(trends))

    def test_one_night_has_no_trend(self):
        self.assertEqual(plots.draw_trends(self.trends(1)), [])

    def test_what_is_not_known_is_not_drawn(self):
        self.assertEqual([title for title, _ in plots.draw_trends(self.trends(3))], ["Schedules a night", "Findings"])

    def test_colours_are_the_pages(self):
        for _, svg in plots.draw_trends(self.trends(3)):
            self.assertNotRegex(svg, "#0[0-9]0[0-9]0[0-9]")
            self.assertIn("var(--ink)", svg)

    def test_short_numbers(self):
        self.assertEqual([plots.short_number(value) for value in (0, 7, 999, 1234, 5600000, 2.5e9)],
                         ["0", "7", "999", "1.23 k", "5.6 M", "2.5 G"])


@functools.cache
def rendered(kind):
    return page.render(*example(kind))


class Page(unittest.TestCase):
    def test_well_formed_and_self_contained(self):
        for kind in example_night.KINDS:
            with self.subTest(kind=kind):
                tags = Tags()
                tags.feed(rendered(kind))
                self.assertEqual((tags.wrong, tags.open), ([], []))
                self.assertNotIn("script", tags.started)
                self.assertEqual([link for link in tags.links if link[1:] not in tags.ids], [])

    def test_the_same_each_time(self):
        self.assertEqual(page.render(*example("whole")), rendered("whole"))

    def test_what_it_says_of_a_night(self):
        self.assertIn("This night was killed", page.render(*example("killed", alive=False)))
        for kind, pill, sentence in (("quiet", "finished", "No new finding; 12 of 12 stages ran to the end."),
                                     ("killed", "not over", "This night is not over"),
                                     ("full", "disk full", "The disk was full"),
                                     ("whole", "finished", "1 new finding, 1 seen again; 10 of 12 stages")):
            with self.subTest(kind=kind):
                text = rendered(kind)
                self.assertIn(f">{pill}</span>", text)
                self.assertIn(sentence, text)
        self.assertIn("No night has been run", rendered("empty"))
        self.assertEqual(rendered("full").count(">not reached</span>"), 7)
        self.assertNotIn(">not reached</span>", rendered("killed"))

    def test_old_canary(self):
        self.assertIn("The canary is old", rendered("killed"))
        self.assertNotIn("The canary is old", rendered("whole"))

    def test_lines_of_the_source(self):
        text = rendered("whole")
        self.assertRegex(text, r"<b>    10 +0  \{</b>")
        self.assertRegex(text, r"</a><i>     3 {10}</i>int walk_once")
        self.assertIn("&lt;/pre&gt;&lt;script&gt;", text)


class Outputs(unittest.TestCase):
    def test_nothing_else_is_left(self):
        with tempfile.TemporaryDirectory() as folder:
            db = example_night.build(pathlib.Path(folder) / "state", "quiet")
            outputs.write(db, pathlib.Path(folder) / "out", example_night.AT)
            db.close()
            names = [path.name for path in pathlib.Path(folder, "out").rglob("*")]
            self.assertEqual([name for name in names if name.startswith(".")], [])
            self.assertIn("index.html", names)

    def test_no_such_night(self):
        with tempfile.TemporaryDirectory() as folder:
            db = example_night.build(pathlib.Path(folder), "quiet")
            with self.assertRaises(outputs.NoSuchNight):
                outputs.write(db, pathlib.Path(folder), example_night.AT, 5)
            db.close()


if __name__ == "__main__":
    unittest.main()
