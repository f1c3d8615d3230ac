# SPDX-License-Identifier: GPL-2.0-only
"""progress.py - one line a stage; on a terminal also one that says what is running."""
import sys
import time


class Progress:
    def __init__(self, stream=None):
        self.stream = stream or sys.stdout
        self.live = self.stream.isatty()
        self.running = {}  # name: (when it began, limit)

    def say(self, line):
        self.clear()
        self.stream.write(line + "\n")
        self.show()

    def begin(self, name, limit):
        self.running[name] = (time.monotonic(), limit)
        self.show()

    def end(self, name, line):
        del self.running[name]
        self.say(f"{time.strftime('%H:%M:%S')}  {line}")

    def clear(self):
        if self.live:
            self.stream.write("\r\x1b[K")

    def show(self):
        if self.live and self.running:
            parts = [f"{name} ({time.monotonic() - began:.0f} of {limit:.0f} s)"
                     for name, (began, limit) in self.running.items()]
            self.clear()
            self.stream.write("... " + ", ".join(parts)[:150])
        self.stream.flush()
