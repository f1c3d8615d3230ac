# SPDX-License-Identifier: GPL-2.0-only
"""sarif.py - findings as SARIF 2.1.0 (OASIS standard, 27 March 2020; section numbers below are its).

A race has two locations, a stack each, and a code flow with a thread flow a thread, whose steps are numbered through
(executionOrder, 3.38.11), so that a viewer can show the interleaving.
"""
import json
import urllib.parse

from mmutorture_reports import frames, lanes

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/schemas/sarif-schema-2.1.0.json"
TREE = "KERNEL"  # what paths of the kernel's files are relative to
BASELINE = {"new": "new", "again": "unchanged", "earlier": "absent"}  # 3.27.24


def render(document):
    return json.dumps(log(document), indent=1, ensure_ascii=False) + "\n"


def log(document):
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run(document)] if document["night"] else []}


def run(document):
    night, findings = document["night"], document["findings"]
    rules = list(dict.fromkeys(rule_id(finding) for finding in findings))
    driver = {"name": "mmutorture", "rules": [rule(name, findings) for name in rules]}
    if night["version"]:
        driver["version"] = night["version"]
    return {
        "tool": {"driver": driver},
        "automationDetails": {"id": f"mmutorture/night/{night['id']}"},
        "invocations": [invocation(document)],
        "originalUriBaseIds": {TREE: {"description": {"text": "the kernel tree whose KVM was put to the test"}}},
        "columnKind": "utf16CodeUnits",
        "results": [result(finding, rules) for finding in findings],
    }


def invocation(document):
    night = document["night"]
    failed = [stage for stage in document["stages"] if stage["outcome"] == "failed"]
    made = {"executionSuccessful": not failed and not night["killed"] and night["state"] != "full",
            "startTimeUtc": night["started"],
            "toolExecutionNotifications": [
                {"level": "error", "message": {"text": f"stage {stage['name']} failed: {stage['why'] or 'no reason'}"}}
                for stage in failed]}
    if night["ended"]:
        made["endTimeUtc"] = night["ended"]
    return made


def rule_id(finding):
    """An invariant is a rule; of what the core itself or a sanitizer complains of, the class is."""
    return f"{finding['class']}/{finding['name']}" if finding["class"] == "mmu-invariant" else finding["class"]


def rule(name, findings):
    made = {"id": name, "defaultConfiguration": {"level": "error"}}
    statements = [finding["statement"] for finding in findings if rule_id(finding) == name and finding["statement"]]
    if statements and "/" in name:
        made["shortDescription"] = {"text": statements[0]}
    return made


def result(finding, rules):
    race = finding["lanes"]
    stacks = finding["stacks"] or (frames.lanes_stacks(race) if race else [])
    made = {
        "ruleId": rule_id(finding),
        "ruleIndex": rules.index(rule_id(finding)),
        "level": "error",
        "message": {"text": message(finding)},
        "fingerprints": {"mmutorture/v1": finding["key"]},
        "baselineState": BASELINE[finding["seen"]],
        "locations": [location(frame) for frame in map(frames.first_kernel, stacks) if frame],
        "stacks": [stack(frames_of, number) for number, frames_of in enumerate(stacks)],
        "codeFlows": code_flows(finding, stacks),
        "suppressions": [{"kind": "external", "justification": finding["statement"] or "known"}] if finding["known"]
                        else [],
        "properties": {name: finding[name] for name in ("command", "program", "kernel", "commit", "replayed", "replays",
                                                        "first_seen", "last_seen") if finding[name] is not None},
    }
    if finding["count"]:
        made["occurrenceCount"] = finding["count"]
    return made


def message(finding):
    statement = finding["statement"]
    return f"{finding['title']}: {statement}" if statement and statement not in finding["title"] else finding["title"]


def location(frame, text=None):
    made = {"logicalLocations": [{"name": frame["function"], "kind": "function"}]}
    if frame["file"]:
        place = {"uri": urllib.parse.quote(frame["file"])}
        if frames.is_kernel(frame):
            place["uriBaseId"] = TREE
        made["physicalLocation"] = {"artifactLocation": place}
        if frame["line"]:
            made["physicalLocation"]["region"] = {"startLine": frame["line"]}
    if text:
        made["message"] = {"text": text}
    return made


def stack(stack_frames, number):
    return {"message": {"text": ("first", "second")[number]},
            "frames": [{"location": location(frame)} for frame in stack_frames]}


def code_flows(finding, stacks):
    if finding["lanes"] and finding["lanes"]["points"]:
        return [{"message": {"text": "the interleaving; the two steps whose order decides are essential"},
                 "threadFlows": lanes_flows(finding["lanes"])}]
    if len(stacks) == 2:
        return [{"message": {"text": "how both threads came to the access"},
                 "threadFlows": [{"id": name, "locations": calls(stack_frames)}
                                 for name, stack_frames in zip(("first", "second"), stacks)]}]
    return []


def lanes_flows(race):
    marked = (race["first"], race["second"])
    flows = {cpu: [] for cpu in lanes.cpus_of(race)}
    for order, point in enumerate(race["points"], 1):
        flows[point["cpu"]].append({
            "executionOrder": order,
            "location": location(frames.lanes_frame(point), f"{lanes.describe(point)} in {point['function']}"),
            "importance": "essential" if point["point"] in marked else "important"})
    return [{"id": lanes.cpu_name(cpu), "locations": steps} for cpu, steps in flows.items()]


def calls(stack_frames):
    return [{"nestingLevel": depth, "location": location(frame)} for depth, frame in enumerate(reversed(stack_frames))]
