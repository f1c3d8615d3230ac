# SPDX-License-Identifier: GPL-2.0-only
"""mail.py - a finding as a mail that a kernel list takes: plain ASCII, no attachment, prose of 72 columns.

Programs are not folded, because they are there to be cut out and run.
"""
import re
import textwrap

from mmutorture_reports import frames, lanes

WIDTH = 72
LINE_MAX = 80


def ascii_text(text):
    text = (text or "").replace("…", "...").replace("–", "-").replace("\r", "")
    return text.encode("ascii", "replace").decode("ascii")


def one_line(text):
    return " ".join(ascii_text(text).split())


def file_name(finding):
    slug = re.sub(r"[^a-z0-9]+", "-", finding["key"].lower()).strip("-")[:60].strip("-")
    return f"{finding['id']:03}-{slug}.txt"


def render(finding, night):
    body = "\n\n".join(part for part in parts(finding, night) if part)
    return (f"Subject: {subject(finding)}\nMIME-Version: 1.0\nContent-Type: text/plain; charset=us-ascii\n"
            f"Content-Transfer-Encoding: 7bit\n\n{body}\n")


def subject(finding):
    """One line of a mail's header, which has no room for line breaks (RFC 5322, 2.2)."""
    text = f"[mmutorture] KVM: x86/mmu: {one_line(finding['title'])}"
    return text if len(text) <= LINE_MAX - 9 else text[:LINE_MAX - 12].rstrip() + "..."


def wrap(text, indent=""):
    return textwrap.fill(one_line(text), WIDTH, initial_indent=indent, subsequent_indent=indent)


def parts(finding, night):
    kernel = one_line(finding["kernel"] or "an unknown kernel")
    if finding["commit"]:
        kernel += f", commit {one_line(finding['commit'])}"
    yield wrap(f"mmutorture runs KVM's MMU, not one line changed, as a userspace process. On {kernel}, it found:")
    yield wrap(f"{finding['class']}: {finding['name']}", "    ")
    if finding["statement"]:
        yield wrap("What has to hold: " + finding["statement"])
    if finding["source"]:
        yield wrap("According to: " + finding["source"])
    yield wrap(history(finding, night))
    yield from how_to_replay(finding)
    yield swap(finding["lanes"])
    yield from stacks(finding)
    if finding["text"]:
        yield "As it was printed:\n\n" + "\n".join(fold(line) for line in ascii_text(finding["text"]).splitlines())


def history(finding, night):
    times = "once" if finding["count"] == 1 else f"{finding['count']} times"
    words = [f"Seen {times}, first on {finding['first_seen']}, last on {finding['last_seen']}"]
    if finding["replays"]:
        words.append(f"shown by {finding['replayed']} of {finding['replays']} replays")
    if night["version"]:
        words.append(f"by mmutorture {night['version']}")
    if finding["seed"]:
        words.append(f"seed {finding['seed']}")
    return ", ".join(words) + "."


def how_to_replay(finding):
    if finding["program"]:
        yield wrap("To see it, save what stands between the lines as finding.mmut; its schedule, if it has one, is "
                   "part of it.")
    elif finding["command"]:
        yield "To see it:"
    if finding["command"]:
        yield "    " + one_line(finding["command"])
    if finding["program"]:
        yield f"---- 8< ---- finding.mmut\n{ascii_text(finding['program']).rstrip()}\n---- >8 ----"


def cut(line):
    line = line.expandtabs().rstrip()
    return line if len(line) <= LINE_MAX else line[:LINE_MAX - 3] + "..."


def fold(line):
    """Goes on below, further in."""
    line = line.expandtabs().rstrip()
    indent = " " * (len(line) - len(line.lstrip()))
    return textwrap.fill(line.strip(), LINE_MAX, initial_indent=indent, subsequent_indent=f"{indent}    ")


def swap(race):
    """The lanes as a list, the two points whose order decides marked."""
    if not race or not race["points"]:
        return ""
    first, second = lanes.cpus_of(race)[:2]
    marked = (race["first"], race["second"])
    lines = [wrap(f"The order of two operations decides: it is shown when {lanes.cpu_name(first)} goes on first from "
                  f"its marked point, and not when {lanes.cpu_name(second)} does. A point comes before what it stands "
                  "for."), ""]
    for point in race["points"]:
        lines.append(cut(f"{'>' if point['point'] in marked else ' '}{point['point']:6}  {point['cpu']:>4}  "
                         f"{lanes.describe(point):<12} {ascii_text(point['function'])} {ascii_text(point['place'])}"))
    return "\n".join(lines)


def stacks(finding):
    race = finding["lanes"]
    found = finding["stacks"] or (frames.lanes_stacks(race) if race else [])
    names = [f" of {lanes.cpu_name(cpu)}" for cpu in lanes.cpus_of(race)[:2]] if race else [", first", ", second"]
    for stack, name in zip(found, names if len(found) == 2 else [""]):
        yield f"Stack{name}:\n" + "\n".join(frame_lines(frame) for frame in stack)


def frame_lines(frame):
    function, place = ascii_text(frame["function"]), ascii_text(frames.place(frame))
    line = f"    {function} {place}".rstrip()
    return line if len(line) <= LINE_MAX else f"    {function}\n        {place}"
