# SPDX-License-Identifier: GPL-2.0-only
"""metrics.py - a night in Prometheus' text format 0.0.4, for node_exporter's textfile collector or a push gateway.

All are gauges: a night's figures begin again with each night.
"""
from mmutorture_reports import document as documents

ESCAPES = str.maketrans({"\\": r"\\", '"': r"\"", "\n": r"\n"})
STATES = ("running", "finished", "interrupted", "full")


class Metrics:
    def __init__(self):
        self.lines = []

    def add(self, name, help_text, samples):
        """@samples: (labels, value); without one the metric is left out."""
        known = [(labels, value) for labels, value in samples if value is not None]
        if not known:
            return
        self.lines += [f"# HELP mmutorture_{name} {help_text}", f"# TYPE mmutorture_{name} gauge"]
        for labels, value in known:
            words = ",".join(f'{label}="{str(text).translate(ESCAPES)}"' for label, text in labels.items()
                             if text is not None)
            self.lines.append(f"mmutorture_{name}{'{' + words + '}' if words else ''} {float(value):.15g}")


def seconds_of(text):
    return documents.parse_time(text).timestamp() if text else None


def render(document):
    metrics = Metrics()
    night = document["night"]
    if night:
        add_night(metrics, document, night)
    add_canary(metrics, document)
    return "".join(f"{line}\n" for line in metrics.lines)


def add_night(metrics, document, night):
    metrics.add("night", "Number of the newest night.", [({}, night["id"])])
    metrics.add("night_state", "1 for the state that the night is in.",
                [({"state": state}, int(state == night["state"])) for state in STATES])
    metrics.add("night_start_timestamp_seconds", "When it began.", [({}, seconds_of(night["started"]))])
    metrics.add("night_end_timestamp_seconds", "When it ended.", [({}, seconds_of(night["ended"]))])
    stages = [({name: stage[name] for name in ("kind", "kernel", "flavour")} | {"stage": stage["name"]}, stage)
              for stage in document["stages"]]
    metrics.add("stage_outcome", "1 for the outcome of each stage.",
                [({**labels, "outcome": stage["outcome"]}, 1) for labels, stage in stages])
    metrics.add("stage_duration_seconds", "How long each stage took.",
                [(labels, stage["seconds"]) for labels, stage in stages])
    metrics.add("figure", "What all stages of the night came to together.",
                [({"figure": name}, value) for name, value in sorted(document["figures"].items())])
    add_findings(metrics, document["findings"])
    files = [({"kernel": file["kernel"], "file": file["file"]}, file) for file in document["coverage"]]
    metrics.add("coverage_lines", "Lines of a file of the kernel's MMU.", [(key, file["lines"]) for key, file in files])
    metrics.add("coverage_lines_hit", "Those that this night's corpora reach.",
                [(key, file["lines_hit"]) for key, file in files])
    metrics.add("invariant_checks", "How often each invariant was looked at.",
                [({"invariant": row["tag"]}, row["checked"] or 0) for row in document["invariants"]])
    metrics.add("window_schedules_reached", "Schedules that came into a race's window.",
                [({"window": row["name"]}, row["reached"] or 0) for row in document["windows"]])


def add_findings(metrics, findings):
    kinds = {}
    for finding in findings:
        seen = "known" if finding["known"] else finding["seen"]
        kinds[finding["class"], seen] = kinds.get((finding["class"], seen), 0) + 1
    metrics.add("findings", "Distinct findings: new, seen again, not seen this night, known.",
                [({"class": kind, "seen": seen}, count) for (kind, seen), count in sorted(kinds.items())])
    metrics.add("findings_new", "Distinct findings that are news.",
                [({}, sum(finding["seen"] == "new" and not finding["known"] for finding in findings))])


def add_canary(metrics, document):
    metrics.add("canary_found", "Whether a planted bug was found this night.",
                [({"bug": row["bug"]}, None if row["found"] is None else int(row["found"]))
                 for row in document["canaries"]])
    metrics.add("canary_last_found_timestamp_seconds", "When a planted bug was last found.",
                [({"bug": row["bug"]}, seconds_of(row["last_found"])) for row in document["canaries"]])
    metrics.add("canary_stale", "1: no planted bug was found for two nights, and nothing found means nothing.",
                [({}, int(document["canary"]["stale"]))])
