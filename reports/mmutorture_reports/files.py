# SPDX-License-Identifier: GPL-2.0-only
"""files.py - files that are there whole, or not at all."""
import os
import tempfile


def write_whole(path, contents):
    """Text or bytes, beside, then renamed: neither a reader nor a kill ever meets half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, beside = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(contents.encode() if isinstance(contents, str) else contents)
            stream.flush()
            os.fsync(stream.fileno())
        os.chmod(beside, 0o644)
        os.replace(beside, path)
    except BaseException:
        os.unlink(beside)
        raise
