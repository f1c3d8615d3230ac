# SPDX-License-Identifier: GPL-2.0-only
"""outputs.py - the files of a report, each written beside and renamed: a reader never sees half of one."""
import json

from mmutorture_reports import document as documents
from mmutorture_reports import junit, mail, metrics, page, sarif, source
from mmutorture_reports.files import write_whole


class NoSuchNight(Exception):
    """The text is for people."""


def write(db, folder, at, night=None, alive=True):
    document = documents.read_document(db, at, night, alive)
    if night is not None and document["night"] is None:
        raise NoSuchNight(f"no night {night} in there")
    sources = source.read_sources(db, document)
    written = texts(document, sources)
    for name, text in written.items():
        write_whole(folder / name, text)
    # Of an earlier report in the same place.
    for path in (folder / "mail").glob("[0-9]*.txt"):
        if f"mail/{path.name}" not in written:
            path.unlink()


def texts(document, sources):
    """By name, as text."""
    made = {
        "index.html": page.render(document, sources),
        "report.json": json.dumps(document, indent=1, ensure_ascii=False) + "\n",
        "junit.xml": junit.render(document),
        "findings.sarif": sarif.render(document),
        "metrics.prom": metrics.render(document),
    }
    made.update((f"mail/{mail.file_name(finding)}", mail.render(finding, document["night"]))
                for finding in document["findings"] if not finding["known"])
    return made
