# SPDX-License-Identifier: GPL-2.0-only
"""run.py - one program in a directory of its own, with a time limit, on a leash.

The directory has run.json before the program begins (collect.py reads it), out and err, and what the program writes.
"""
import asyncio
import dataclasses
import fcntl
import json
import os
import pathlib
import re
import shlex
import sys
import time

from mmutorture_reports.files import write_whole

LEASH = pathlib.Path(__file__).resolve().with_name("leash.py")
TAIL_LINES = 40
COLOUR = re.compile(r"\x1b\[[0-9;]*m")


@dataclasses.dataclass
class Result:
    directory: pathlib.Path
    code: int  # negative: the signal that ended it
    cut: bool  # by its time limit
    seconds: float

    def last_line(self):
        """What it said last, on standard error if there is something."""
        for name in ("err", "out"):
            lines = [line for line in tail(self.directory / name) if line.strip()]
            if lines:
                return COLOUR.sub("", lines[-1]).strip()[:300]
        return "it said nothing"


def tail(path, lines=TAIL_LINES):
    with open(path, "rb") as file:
        file.seek(0, os.SEEK_END)
        file.seek(max(0, file.tell() - 200 * lines))
        return file.read().decode(errors="replace").replace("\r", "\n").splitlines()[-lines:]


def append_log(log, argv, result):
    with open(log, "a", encoding="utf-8") as file:
        file.write(f"$ {shlex.join(map(str, argv))}\n")
        for name in ("out", "err"):
            file.writelines(f"{line}\n" for line in tail(result.directory / name))
        file.write(f"exit code {result.code} after {result.seconds:.1f} s"
                   f"{', ended by its time limit' if result.cut else ''}\n\n")


def shared_lock(path):
    """Held by leashes, too: who wants it for itself waits until nothing of this night is running."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    fcntl.flock(descriptor, fcntl.LOCK_SH)
    return descriptor


async def run(directory, argv, limit, *, lock, log, env=None, cwd=None, **about):
    """@limit: seconds.  @about: columns for run.json.  Cancelled: the program is gone when the exception goes on."""
    argv = [str(word) for word in argv]
    directory.mkdir(parents=True, exist_ok=True)
    write_whole(directory / "run.json", json.dumps({"argv": argv, **about}, indent=1))
    read_end, write_end = os.pipe()
    began, cut = time.monotonic(), False
    process = None
    try:
        with open(directory / "out", "wb") as out, open(directory / "err", "wb") as err:
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-E", "-S", LEASH, str(read_end), *argv, stdin=asyncio.subprocess.DEVNULL, stdout=out,
                stderr=err, cwd=cwd or directory, env={**os.environ, **(env or {})}, pass_fds=(read_end, lock))
        os.close(read_end)
        read_end = None
        try:
            await asyncio.wait_for(asyncio.shield(process.wait()), limit)
        except asyncio.TimeoutError:
            cut = True
    finally:
        os.close(write_end)
        if read_end is not None:
            os.close(read_end)
        if process:
            await asyncio.shield(process.wait())
    result = Result(directory, process.returncode, cut, time.monotonic() - began)
    append_log(log, argv, result)
    return result
