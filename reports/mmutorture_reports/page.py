# SPDX-License-Identifier: GPL-2.0-only
"""page.py - the document as one HTML file that needs nothing else: reports/page/ holds its template and style."""
import pathlib

import jinja2
import markupsafe

from mmutorture_reports import frames, lanes, plots, source

FOLDER = pathlib.Path(__file__).resolve().parent.parent / "page"
GROUPS = (
    ("new", "New", lambda finding: finding["seen"] == "new" and not finding["known"]),
    ("again", "Seen again", lambda finding: finding["seen"] == "again" and not finding["known"]),
    ("earlier", "Not seen this night", lambda finding: finding["seen"] == "earlier" and not finding["known"]),
    ("known", "Known", lambda finding: finding["known"]),
)


def when(text):
    return f"{text[:10]} {text[11:16]}" if text else ""


def duration(seconds):
    if seconds is None:
        return ""
    seconds = int(seconds)
    if seconds < 60:
        return f"{seconds} s"
    if seconds < 3600:
        return f"{seconds // 60} min {seconds % 60:02} s"
    return f"{seconds // 3600} h {seconds % 3600 // 60:02} min"


def percent(part, whole):
    return f"{100 * part / whole:.1f} %" if whole else "–"


def count(number, one, many=None):
    return f"{number} {one if number == 1 else many or one + 's'}"


def quantity(figure):
    """"410 k schedules", "1.2 k/s rate"."""
    unit = {None: "", "1/s": "/s"}.get(figure["unit"], f" {figure['unit']}")
    return f"{plots.short_number(figure['value'])}{unit} {figure['name']}"


def night_state(night):
    """(a word for the style, what to call it)"""
    if night is None:
        return "empty", "no night yet"
    if night["killed"]:
        return "bad", "killed"
    if night["reporting"]:
        return "good", "finished"
    if night["state"] == "running":
        return "warn", "not over"
    return {"finished": ("good", "finished"), "interrupted": ("warn", "interrupted"), "full": ("bad", "disk full")}[
        night["state"]]


def warnings(document):
    """What somebody should look at before believing the rest; sentences."""
    night = document["night"]
    if night is None:
        return ["No night has been run in this state directory: ci/nightly begins one."]
    found = []
    if night["killed"]:
        found.append("This night was killed: its stages below say how far it came. What it had found is kept, and "
                     "ci/nightly with the same state directory goes on with it, unless a newer one has begun.")
    elif night["state"] == "running" and not night["reporting"]:
        found.append("This night is not over: its stages below say how far it has come.")
    if night["state"] == "full":
        found.append("The disk was full: the night ended early, with all that it had found kept.")
    if night["state"] == "interrupted":
        found.append("This night was interrupted, and goes on with the same ci/nightly.")
    canary = document["canary"]
    if canary["last_found"] is None:
        found.append("No canary has ever been found: nobody knows whether this rig can find anything.")
    elif canary["stale"]:
        found.append(f"The canary is old: a planted bug was last found {canary['hours'] / 24:.1f} days ago. Until one "
                     "is found again, that nothing was found means nothing.")
    missed = [canary["bug"] for canary in document["canaries"] if canary["found"] is False]
    if missed:
        found.append(f"Planted and not found this night: {', '.join(missed)}.")
    failed = [stage["name"] for stage in document["stages"] if stage["outcome"] == "failed"]
    if failed:
        found.append(f"{count(len(failed), 'stage')} failed, by no fault of the core: {', '.join(failed)}.")
    unchecked = [row["tag"] for row in document["invariants"] if not row["checked"]]
    if unchecked:
        found.append(f"Invariants that nothing checked this night: {', '.join(unchecked)}.")
    return found


def summary(document):
    """One sentence."""
    if document["night"] is None:
        return "There is nothing to tell yet."
    new = sum(finding["seen"] == "new" and not finding["known"] for finding in document["findings"])
    again = sum(finding["seen"] == "again" and not finding["known"] for finding in document["findings"])
    stages = [stage["outcome"] for stage in document["stages"]]
    done = sum(outcome in ("clean", "findings") for outcome in stages)
    words = [count(new, "new finding") if new else "no new finding"]
    if again:
        words.append(f"{again} seen again")
    return f"{', '.join(words).capitalize()}; {done} of {count(len(stages), 'stage')} ran to the end."


def coverage_totals(files):
    return {name: sum(file[name] or 0 for file in files) for name in ("lines", "lines_hit", "branches", "branches_hit")}


def drawn_findings(findings):
    """Beside each finding what the page shows of it."""
    for finding in findings:
        race = finding["lanes"]
        drawing = lanes.draw(race, f"lanes-{finding['id']}")
        stacks = finding["stacks"]
        if race and not stacks:
            stacks = frames.lanes_stacks(race)
        yield {**finding, "drawing": markupsafe.Markup(drawing) if drawing else None, "stacks": stacks,
               "order": lanes.cpus_of(race) if drawing else None}


def groups(findings):
    drawn = list(drawn_findings(findings))
    return [(name, title, members) for name, title, belongs in GROUPS if (members := [f for f in drawn if belongs(f)])]


def render(document, sources):
    """@sources: source.read_sources()."""
    environment = jinja2.Environment(loader=jinja2.FileSystemLoader(FOLDER), autoescape=True, trim_blocks=True,
                                     lstrip_blocks=True, undefined=jinja2.StrictUndefined)
    environment.filters.update(when=when, duration=duration, quantity=quantity, short=plots.short_number,
                               place=frames.place, cpu_name=lanes.cpu_name, describe=lanes.describe)
    environment.globals.update(percent=percent, count=count, anchor=source.anchor, lanes_spans=lanes.span_text)
    plots_drawn = plots.draw_trends(document["trends"])
    return environment.get_template("page.html").render(
        document=document, night=document["night"], state=night_state(document["night"]), warnings=warnings(document),
        summary=summary(document), groups=groups(document["findings"]), totals=coverage_totals(document["coverage"]),
        plots=[(title, markupsafe.Markup(svg)) for title, svg in plots_drawn],
        sources={key: markupsafe.Markup(text) for key, text in sources.items()},
        style=markupsafe.Markup((FOLDER / "style.css").read_text(encoding="utf-8")),
        windows=sorted(document["windows"], key=lambda row: (bool(row["reached"]), row["name"])))


