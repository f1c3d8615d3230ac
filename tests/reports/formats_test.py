# SPDX-License-Identifier: GPL-2.0-only
"""formats_test.py - what machines read of a night: report.json by its schema, SARIF, JUnit, Prometheus, mails.

The SARIF here is held to sarif.schema.json, which allows only what we write; sarif_schema_test.py holds it to the
standard's own schema.
"""
import collections
import copy
import email
import email.policy
import json
import pathlib
import re
import tempfile
import unittest
import xml.etree.ElementTree as xml

import example_night
import jsonschema
from mmutorture_reports import document, junit, mail, metrics, sarif

HERE = pathlib.Path(__file__).resolve().parent
SCHEMA = json.loads((HERE.parent.parent / "reports" / "report.schema.json").read_text(encoding="utf-8"))
SARIF_SCHEMA = json.loads((HERE / "sarif.schema.json").read_text(encoding="utf-8"))
SAMPLE = re.compile(r'^(mmutorture_[a-z_]+)(?:\{((?:[a-z]+="(?:[^"\\]|\\[\\n"])*",?)*)\})? (-?[0-9.e+]+)$')


def read(kind):
    with tempfile.TemporaryDirectory() as folder:
        db = example_night.build(pathlib.Path(folder), kind)
        found = document.read_document(db, example_night.AT)
        db.close()
    return found


DOCUMENTS = {kind: read(kind) for kind in example_night.KINDS}
WHOLE = DOCUMENTS["whole"]


def each(test):
    def run(self):
        for kind, found in DOCUMENTS.items():
            with self.subTest(kind=kind):
                test(self, found)
    return run


class Json(unittest.TestCase):
    validator = jsonschema.Draft202012Validator(SCHEMA)

    def test_schema(self):
        jsonschema.Draft202012Validator.check_schema(SCHEMA)

    @each
    def test_follows_its_schema(self, found):
        self.assertEqual([error.message for error in self.validator.iter_errors(found)], [])

    def test_each_object_is_strict(self):
        """A field more or less, anywhere, is noticed."""
        for path in (("night",), ("stages", 0), ("findings", 0), ("findings", 0, "lanes", "points", 0),
                     ("findings", 1, "stacks", 0, 0), ("coverage", 0, "functions", 0), ("trends", 0), ("canary",)):
            with self.subTest(path=path):
                more, less = copy.deepcopy(WHOLE), copy.deepcopy(WHOLE)
                self.inner(more, path)["more"] = 1
                self.inner(less, path).popitem()
                self.assertFalse(self.validator.is_valid(more))
                self.assertFalse(self.validator.is_valid(less))

    def inner(self, found, path):
        for step in path:
            found = found[step]
        return found


class Sarif(unittest.TestCase):
    validator = jsonschema.Draft202012Validator(SARIF_SCHEMA)

    @each
    def test_follows_its_schema(self, found):
        self.assertEqual([error.message for error in self.validator.iter_errors(sarif.log(found))], [])

    def results(self):
        return {result["ruleId"]: result for result in sarif.log(WHOLE)["runs"][0]["results"]}

    def test_race_with_lanes(self):
        result = self.results()["mmu-invariant/Z8"]
        self.assertEqual([place["physicalLocation"]["artifactLocation"]["uri"] for place in result["locations"]],
                         ["virt/kvm/kvm_main.c", "arch/x86/kvm/mmu/tdp_mmu.c"])
        flows = result["codeFlows"][0]["threadFlows"]
        self.assertEqual([flow["id"] for flow in flows], ["thread 1", "thread 0"])
        steps = [step for flow in flows for step in flow["locations"]]
        self.assertEqual(sorted(step["executionOrder"] for step in steps), list(range(1, 31)))
        self.assertEqual(sum(step["importance"] == "essential" for step in steps), 2)
        self.assertEqual(result["baselineState"], "new")

    def test_race_of_tsan(self):
        result = self.results()["data-race"]
        self.assertEqual([place["logicalLocations"][0]["name"] for place in result["locations"]],
                         ["track_possible_nx_huge_page", "untrack_possible_nx_huge_page"])
        self.assertEqual([stack["message"]["text"] for stack in result["stacks"]], ["first", "second"])
        flows = result["codeFlows"][0]["threadFlows"]
        self.assertEqual(len(flows), 2)
        innermost = flows[0]["locations"][-1]["location"]["logicalLocations"][0]["name"]
        self.assertEqual(innermost, "track_possible_nx_huge_page")
        self.assertEqual(result["baselineState"], "unchanged")

    def test_rules_are_those_of_the_results(self):
        run = sarif.log(WHOLE)["runs"][0]
        for result in run["results"]:
            self.assertEqual(run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"], result["ruleId"])

    def test_known_is_suppressed(self):
        suppressed = [name for name, result in self.results().items() if result["suppressions"]]
        self.assertEqual(suppressed, ["kernel-warn"])

    def test_failed_stage_is_told(self):
        invocation = sarif.log(WHOLE)["runs"][0]["invocations"][0]
        self.assertFalse(invocation["executionSuccessful"])
        self.assertIn("build tsan 6.12", invocation["toolExecutionNotifications"][0]["message"]["text"])


class Junit(unittest.TestCase):
    @each
    def test_counts_are_those_of_its_cases(self, found):
        root = xml.fromstring(junit.render(found))
        self.assertEqual(len(root), len(found["stages"]))
        for suite in [root, *root]:
            cases = suite.findall(".//testcase")
            self.assertEqual(int(suite.get("tests")), len(cases))
            for name, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
                self.assertEqual(int(suite.get(name)), sum(case.find(tag) is not None for case in cases))

    def test_what_becomes_of_stages_and_findings(self):
        root = xml.fromstring(junit.render(WHOLE))
        told = {(suite.get("name"), case.get("classname"), child.tag)
                for suite in root for case in suite for child in case}
        self.assertEqual(told, {
            ("build tsan 6.12", "build", "error"), ("fuzz_program 6.12", "libfuzzer", "skipped"),
            ("stress everything asan 6.12", "kernel-warn", "skipped"),
            ("stress everything tsan 6.12", "data-race", "failure"),
            ("explore collision 6.12", "mmu-invariant", "failure")})

    def test_what_xml_cannot_say(self):
        found = copy.deepcopy(WHOLE)
        found["stages"][0]["name"] = "a\x00b\x1b[31m\ud800"
        self.assertEqual(xml.fromstring(junit.render(found))[0].get("name"), "a?b?[31m?")


class Metrics(unittest.TestCase):
    @each
    def test_format(self, found):
        families, described = collections.Counter(), set()
        for line in metrics.render(found).splitlines():
            if line.startswith("# "):
                described.add(line.split()[2])
                continue
            sample = SAMPLE.match(line)
            self.assertTrue(sample, line)
            self.assertIn(sample[1], described)
            families[sample[1], sample[2]] += 1
        self.assertEqual([key for key, times in families.items() if times > 1], [])

    def test_values(self):
        lines = metrics.render(WHOLE).splitlines()
        self.assertIn('mmutorture_findings{class="data-race",seen="again"} 1', lines)
        self.assertIn('mmutorture_findings{class="kernel-warn",seen="known"} 1', lines)
        self.assertIn("mmutorture_findings_new 1", lines)
        self.assertIn("mmutorture_canary_stale 0", lines)
        self.assertIn("mmutorture_canary_stale 1", metrics.render(DOCUMENTS["killed"]).splitlines())

    def test_labels_are_escaped(self):
        found = copy.deepcopy(WHOLE)
        found["stages"][0]["name"] = 'a"b\\c\nd'
        self.assertIn(r'stage="a\"b\\c\nd"', metrics.render(found))


class Mail(unittest.TestCase):
    def mails(self, found):
        return [(finding, mail.render(finding, found["night"])) for finding in found["findings"]]

    @each
    def test_plain_and_narrow(self, found):
        for finding, text in self.mails(found):
            parsed = email.message_from_string(text, policy=email.policy.default)
            self.assertEqual(parsed.defects, [])
            self.assertFalse(parsed.is_multipart())
            self.assertEqual(parsed.get_content_type(), "text/plain")
            self.assertLessEqual(len(f"Subject: {parsed['subject']}"), 80)
            self.assertTrue(text.isascii())
            self.assertNotRegex(text, r"[\x00-\x08\x0b-\x1f\x7f\t ]\n|\t")
            programs = (finding["program"] or "").splitlines()
            long = [line for line in text.splitlines() if len(line) > 80 and line not in programs]
            self.assertEqual(long, [])

    def test_the_program_can_be_cut_out(self):
        finding, text = self.mails(WHOLE)[0]
        program = text.split("---- 8< ---- finding.mmut\n")[1].split("\n---- >8 ----")[0]
        self.assertEqual(program + "\n", finding["program"])

    def test_what_a_reader_needs(self):
        _, text = self.mails(WHOLE)[0]
        for words in ("Linux 6.12.107", "mmutorture replay finding.mmut", "1000 of 1000",
                      "switch from=0 step=226 to=1", ">   238     1  lock &(kvm)->mmu_lock",
                      "Stack of thread 1:", "virt/kvm/kvm_main.c:651", "What has to hold"):
            self.assertIn(words, text)
        _, text = self.mails(WHOLE)[1]
        self.assertIn("Stack, first:\n    track_possible_nx_huge_page arch/x86/kvm/mmu/mmu.c:849", text)

    def test_no_header_comes_in_by_a_title(self):
        finding = {**WHOLE["findings"][0], "title": "x\nBcc: everybody\r\n\r\nbody", "name": "ü"}
        parsed = email.message_from_string(mail.render(finding, WHOLE["night"]), policy=email.policy.default)
        self.assertEqual(parsed.keys(), ["Subject", "MIME-Version", "Content-Type", "Content-Transfer-Encoding"])

    def test_names_of_files(self):
        for finding, _ in self.mails(WHOLE):
            self.assertRegex(mail.file_name(finding), r"^[0-9]{3}-[a-z0-9-]+\.txt$")


if __name__ == "__main__":
    unittest.main()
