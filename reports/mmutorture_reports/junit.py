# SPDX-License-Identifier: GPL-2.0-only
"""junit.py - a night as JUnit XML, as Jenkins and GitLab read it: a suite a stage, a case for the stage itself and one
for each finding that it came back with."""
import re
import xml.etree.ElementTree as xml

# XML 1.0 has no way to say these, not even escaped.
NO_XML = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
SKIPPED = {"planned": "was not reached", "skipped": "was skipped", "running": "had not ended", "cut": "was cut short"}


def clean(text):
    return NO_XML.sub("?", text or "")


def render(document):
    root = xml.Element("testsuites", name="mmutorture")
    for stage in document["stages"]:
        suite(root, stage, [f for f in document["findings"] if stage["name"] in f["stages"]])
    for name in ("tests", "failures", "errors", "skipped"):
        root.set(name, str(sum(int(child.get(name)) for child in root)))
    xml.indent(root)
    return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n" + xml.tostring(root, encoding="unicode") + "\n"


def suite(root, stage, findings):
    made = xml.SubElement(root, "testsuite", name=clean(stage["name"]), time=str(stage["seconds"] or 0))
    if stage["started"]:
        made.set("timestamp", stage["started"].rstrip("Z"))
    case = xml.SubElement(made, "testcase", classname=clean(stage["kind"]), name="the stage itself",
                          time=str(stage["seconds"] or 0))
    if stage["outcome"] == "failed":
        xml.SubElement(case, "error", message=clean(stage["why"] or "failed"))
    elif stage["outcome"] in SKIPPED:
        xml.SubElement(case, "skipped", message=clean(stage["why"] or SKIPPED[stage["outcome"]]))
    for finding in findings:
        finding_case(made, finding)
    made.set("tests", str(len(made)))
    for name, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        made.set(name, str(len(made.findall(f"testcase/{tag}"))))


def finding_case(made, finding):
    case = xml.SubElement(made, "testcase", classname=clean(finding["class"]), name=clean(finding["key"]), time="0")
    if finding["known"]:
        xml.SubElement(case, "skipped", message=clean(f"known: {finding['title']}"))
        return
    failure = xml.SubElement(case, "failure", type=clean(finding["class"]), message=clean(finding["title"]))
    told = (finding[name] for name in ("text", "program", "command"))
    failure.text = clean("\n\n".join(text for text in told if text))
