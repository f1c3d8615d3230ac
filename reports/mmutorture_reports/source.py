# SPDX-License-Identifier: GPL-2.0-only
"""source.py - the lines of the kernel's MMU files with how often they ran, for the page; the text is the tree's own."""
import html

from mmutorture_reports.plots import short_number


def read_sources(db, document):
    """{(kernel, file): lines as HTML}.  The store has the lines of the newest coverage only: none of an older night."""
    sources = {}
    for file in document["coverage"]:
        newest = db.execute("SELECT max(night_id) FROM coverage WHERE kernel IS ?", (file["kernel"],)).fetchone()[0]
        if newest != document["night"]["id"]:
            continue
        lines = db.execute("SELECT line, count, text FROM coverage_line WHERE kernel IS ? AND file = ? ORDER BY line",
                           (file["kernel"], file["file"])).fetchall()
        if lines:
            sources[file["kernel"], file["file"]] = render(file, lines)
    return sources


def anchor(file, function=None):
    """Of a file's source, or of a function in it."""
    words = f"{file['kernel'] or ''} {file['file']}" + (f" {function['name']}" if function else "")
    return "source-" + "".join(letter if letter.isalnum() or letter in "._" else "-" for letter in words)


def render(file, lines):
    """A line each: its number, how often it ran, its text; <b> never ran.  Functions have anchors at
    their first line."""
    starts = {}
    for function in file["functions"]:
        starts.setdefault(function["line"], []).append(anchor(file, function))
    rendered = []
    for row in lines:
        ids = "".join(f'<a id="{html.escape(name)}"></a>' for name in starts.get(row["line"], ()))
        count = "" if row["count"] is None else short_number(row["count"]).replace(" ", "")
        text = html.escape(row["text"] or "")
        number = f"{row['line']:6} {count:>7}  "  # two tabs wide
        rendered.append(f"{ids}<b>{number}{text}</b>" if row["count"] == 0 else f"{ids}<i>{number}</i>{text}")
    return "\n".join(rendered)
