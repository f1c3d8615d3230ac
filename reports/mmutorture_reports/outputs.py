# SPDX-License-Identifier: GPL-2.0-only
"""outputs.py - the files of a report, each written beside and renamed: a reader never sees half of one."""
import json
import os

from mmutorture_reports import document as documents
from mmutorture_reports import page, source


class NoSuchNight(Exception):
    """The text is for people."""


def write(db, folder, at, night=None):
    document = documents.read_document(db, at, night)
    if night is not None and document["night"] is None:
        raise NoSuchNight(f"no night {night} in there")
    folder.mkdir(parents=True, exist_ok=True)
    sources = source.read_sources(db, document["coverage"])
    for name, text in texts(document, sources).items():
        write_whole(folder / name, text)


def texts(document, sources):
    return {
        "index.html": page.render(document, sources),
        "report.json": json.dumps(document, indent=1, ensure_ascii=False) + "\n",
    }


def write_whole(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.new")
    with open(beside, "w", encoding="utf-8") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())
    os.replace(beside, path)
