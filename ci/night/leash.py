# SPDX-License-Identifier: GPL-2.0-only
"""leash.py PIPE COMMAND... - COMMAND, and all that it starts, ends when the other end of PIPE is closed.

That is how a night that is killed with -9 takes its tools with it: nothing else may write into the state directory of
the next one.  Ends as COMMAND did, by the same signal if it was one.
"""
import ctypes
import os
import select
import signal
import sys

PR_SET_CHILD_SUBREAPER = 36
PR_SET_PDEATHSIG = 1
libc = ctypes.CDLL(None)


def children():
    """Of this process; those whose parents have gone are its own, too."""
    for name in os.listdir("/proc"):
        if not name.isdigit():
            continue
        try:
            with open(f"/proc/{name}/stat", encoding="utf-8", errors="replace") as file:
                parent = int(file.read().rpartition(")")[2].split()[1])
        except OSError:
            continue
        if parent == os.getpid():
            yield int(name)


def end_all():
    """Until there are none: each that dies may leave us its own."""
    while True:
        for child in children():
            try:
                os.kill(child, signal.SIGKILL)
            except ProcessLookupError:
                pass
        try:
            os.waitpid(-1, 0)
        except ChildProcessError:
            return


def start(command):
    child = os.fork()
    if child:
        return child
    try:
        os.setsid()
        libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        signal.pthread_sigmask(signal.SIG_SETMASK, [])
        for number in (signal.SIGINT, signal.SIGPIPE):
            signal.signal(number, signal.SIG_DFL)  # Python ignores the second
        os.closerange(3, 256)
        os.execvp(command[0], command)
    except OSError as error:
        os.write(2, f"{command[0]}: {error.strerror}\n".encode())
    os._exit(127)


def main():
    pipe, command = int(sys.argv[1]), sys.argv[2:]
    # Ctrl-C is for the night, which closes the pipe.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    libc.prctl(PR_SET_CHILD_SUBREAPER, 1)
    child = start(command)
    over = os.pidfd_open(child)
    ready, _, _ = select.select([pipe, over], [], [])
    if over not in ready:
        os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    end_all()
    if os.WIFSIGNALED(status):
        if os.WTERMSIG(status) != signal.SIGKILL:
            signal.signal(os.WTERMSIG(status), signal.SIG_DFL)
        os.kill(os.getpid(), os.WTERMSIG(status))
    os._exit(os.waitstatus_to_exitcode(status) & 0xff)


if __name__ == "__main__":
    main()
