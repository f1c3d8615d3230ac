# SPDX-License-Identifier: GPL-2.0-only
"""night.py - begins a night or takes one up, and runs its stages in order until the budget is used.

What may happen at any moment: kill -9 (the next one collects what stages have left and goes on), Ctrl-C, a disk that is
full.  A stage that is done is so in the store before the next one begins.
"""
import asyncio
import contextlib
import errno
import fcntl
import json
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import time
import traceback

from mmutorture_reports import collect, plots, store

from . import options as night_options
from . import plan, progress, run
from .stages import STAGES, Outcome
from .trees import left_out

LOOK_EVERY_S = 1
MIB = 1 << 20
ROOM_LEAST = 1 << 16  # less is none


class InUse(Exception):
    pass


def is_full(error):
    return store.is_full(error) or isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT)


def lock_state(state):
    """Held as long as the process lives."""
    state.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(state / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        holder = os.read(descriptor, 100).decode(errors="replace").strip()
        raise InUse(f"{state} is in use by process {holder}") from None
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
    return descriptor


def wait_for_leashes(path):
    """Tools of a night that was killed are gone in a moment."""
    with open(path, "a", encoding="utf-8") as file:
        fcntl.flock(file, fcntl.LOCK_EX)


def version():
    done = subprocess.run(["git", "-C", night_options.ROOT, "describe", "--always", "--dirty"], capture_output=True,
                          text=True, check=False)
    return done.stdout.strip() or None


class Night:
    def __init__(self, options):
        self.options = options
        self.state = options.state
        self.lock = lock_state(self.state)
        wait_for_leashes(self.state / "leashes")
        self.leashes = run.shared_lock(self.state / "leashes")
        self.db = store.open_store(self.state)
        self.progress = progress.Progress()
        self.ended = None  # why it ends early: full or interrupted
        self.tasks = {}  # of the stages that are running: stage

    # ---------------------------------------------------------------------------------------------- begin, or go on

    def begin(self):
        row = None if self.options.new else store.unfinished_night(self.db)
        if row:
            self.take_up(row)
        else:
            self.begin_new()
        number = self.db.execute("SELECT count(*) FROM night WHERE id < ?", (self.id,)).fetchone()[0]
        self.stages = plan.make(self.options, number)
        self.ids = {stage.name: store.plan_stage(
            self.db, self.id, stage.name, stage.kind, subject=stage.subject, flavour=stage.flavour,
            kernel=stage.kernel.name if stage.kernel else None) for stage in self.stages}
        self.clear_away()
        for stage in self.stages:
            self.collect(stage)

    def clear_away(self):
        """Files that a kill has kept from being renamed (files.py): what they were to hold is done again."""
        for folder in (self.state / f"nights/{self.id}", self.state / "corpus", self.state / "report"):
            for path in folder.rglob(".*"):
                if path.is_file():
                    path.unlink()

    def take_up(self, row):
        self.id, self.seed = row["id"], row["seed"]
        night_options.restore(self.options, json.loads(row["options"]))
        self.spent_before = self.figure("seconds", 0)
        store.resume_night(self.db, self.id)
        db = self.db
        done = db.execute("SELECT count(*) FROM stage WHERE night_id = ? AND outcome NOT IN ('planned', 'running')",
                          (self.id,)).fetchone()[0]
        # What was running is not known to have come to its end.
        db.execute("UPDATE stage SET outcome = 'planned' WHERE night_id = ? AND outcome = 'running'", (self.id,))
        self.progress.say(f"night {self.id} goes on: {done} stages are done, {self.spent_before:.0f} of "
                          f"{self.options.budget} s used")

    def begin_new(self):
        self.seed = self.options.seed if self.options.seed is not None else int.from_bytes(os.urandom(4), "big")
        self.spent_before = 0
        self.id = store.begin_night(
            self.db, self.seed, cores=self.options.cores, budget_s=self.options.budget, host=socket.gethostname(),
            version=version(), options=json.dumps(night_options.keep(self.options)))
        self.forget_old()
        self.progress.say(f"night {self.id}, seed {self.seed}, budget {self.options.budget} s, "
                          f"{self.options.cores} processors, {self.state}")

    def forget_old(self):
        """Logs of nights that finished: all that was found is in the store.  What was not finished is not collected."""
        old = self.db.execute("SELECT DISTINCT night.id FROM night JOIN stage ON night_id = night.id "
                              "WHERE state = 'finished' AND night.id <= ? AND log IS NOT NULL",
                              (self.id - self.options.keep,)).fetchall()
        for row in old:
            shutil.rmtree(self.state / f"nights/{row['id']}", ignore_errors=True)
            self.db.execute("UPDATE stage SET log = NULL WHERE night_id = ?", (row["id"],))

    def figure(self, name, preset):
        row = self.db.execute("SELECT value FROM figure WHERE night_id = ? AND stage_id IS NULL AND name = ?",
                              (self.id, name)).fetchone()
        return row["value"] if row else preset

    def close(self):
        """Another one may begin."""
        self.db.close()
        os.close(self.leashes)
        os.close(self.lock)

    # --------------------------------------------------------------------------------------------------- directories

    def attempt_directory(self, stage, attempt):
        return self.state / f"nights/{self.id}/{self.ids[stage.name]}-{attempt}"

    def run_directories(self, stage):
        return sorted(path.parent for path in
                      self.state.glob(f"nights/{self.id}/{self.ids[stage.name]}-*/*/run.json"))

    def collect(self, stage):
        """What all runs of a stage have left; [(finding, key, known)] and figures."""
        seen = []
        directories = self.run_directories(stage)
        for directory in directories:
            seen += collect.collect_run(self.db, self.state, self.id, self.ids[stage.name], directory)
            self.adopt_inputs(stage, directory)
        return seen, collect.collect_figures(self.db, self.id, self.ids[stage.name], directories)

    def corpus(self, stage):
        return self.state / "corpus" / stage.kernel.name / stage.subject

    def adopt_inputs(self, stage, directory):
        """What libFuzzer has added, into the corpus; a file that a kill has cut short is not called as it should be."""
        new = directory / "new"
        if not new.is_dir():
            return
        corpus = self.corpus(stage)
        corpus.mkdir(parents=True, exist_ok=True)
        for path in collect.whole_inputs(new):
            os.replace(path, corpus / path.name)
        shutil.rmtree(new)

    # -------------------------------------------------------------------------------------------------------- stages

    def spent(self):
        """Of the budget, which is for what comes behind the builds: they run before it, and alone."""
        now = time.monotonic()
        building = now - self.build_began if self.build_began else 0
        return self.spent_before + now - self.began - self.built - building

    def left(self):
        return self.options.budget - self.spent()

    async def run_stage(self, stage, limit):
        stage_id = self.ids[stage.name]
        attempt = store.begin_stage(self.db, stage_id, budget_s=round(limit))
        directory = self.attempt_directory(stage, attempt)
        directory.mkdir(parents=True, exist_ok=True)
        log = directory / "log"
        store.update(self.db, "stage", stage_id, {"log": str(log.relative_to(self.state))})
        self.progress.begin(stage.name, limit)
        began = time.monotonic()
        if stage.kind == "build":
            self.build_began = began
        try:
            outcome = await STAGES[stage.kind](self, stage, directory, limit)
        except asyncio.CancelledError:
            self.collect(stage)
            store.end_stage(self.db, stage_id, "planned", why=f"the night was ended: {self.ended}")
            self.progress.end(stage.name, f"{stage.name:44} ended")
            raise
        except Exception as error:
            if is_full(error):
                raise
            with open(log, "a", encoding="utf-8") as file:
                traceback.print_exc(file=file)
            outcome = Outcome("failed", f"{type(error).__name__}: {error}")
        if outcome.what == "failed" and not self.has_room():
            raise OSError(errno.ENOSPC, "a tool had no room")
        seconds = time.monotonic() - began
        if stage.kind == "build":
            self.built, self.build_began = self.built + seconds, None
        self.end_stage(stage, outcome, seconds)

    def end_stage(self, stage, outcome, seconds):
        seen, figures = self.collect(stage)
        news = {key for _, key, known in seen if not known}
        if news and outcome.what == "clean":
            outcome = outcome._replace(what="findings", why=", ".join(sorted(news)))
        store.record_figure(self.db, self.id, "seconds", seconds, "s", self.ids[stage.name])
        store.end_stage(self.db, self.ids[stage.name], outcome.what, exit_code=outcome.code, why=outcome.why)
        told = "  ".join(f"{name} {plots.short_number(value)}" for name, value in figures.items()
                         if not name.startswith(("checks ", "window ")))
        self.progress.end(stage.name, f"{stage.name:44} {outcome.what:8} {seconds:6.0f} s  "
                          f"{outcome.why or ''}{'  ' if outcome.why and told else ''}{told}".rstrip())

    def skip(self, stage, why):
        store.end_stage(self.db, self.ids[stage.name], "skipped", why=why)
        self.progress.say(f"{time.strftime('%H:%M:%S')}  {stage.name:44} skipped           {why}")

    def why_not(self, stage):
        """None: it can run."""
        why = stage.kernel and left_out(stage.kernel, self.options.since)
        if why:
            return why
        build = stage.flavour and stage.kind != "build" and self.ids.get(
            plan.Stage("build", "", stage.kernel, stage.flavour).name)
        if build and self.db.execute("SELECT outcome FROM stage WHERE id = ?", (build,)).fetchone()[0] != "clean":
            return f"no build of {stage.kernel.name} {stage.flavour}"
        if plan.KINDS[stage.kind].share and self.left() <= 0:
            return "the budget is used"
        return None

    def planned(self):
        rows = self.db.execute("SELECT name FROM stage WHERE night_id = ? AND outcome = 'planned'", (self.id,))
        names = {row["name"] for row in rows}
        return [stage for stage in self.stages if stage.name in names]

    async def run_stages(self):
        """Of one kind at a time; as many at once as there are processors, where one is enough for a stage."""
        waiting, shares = self.planned(), plan.Shares(self.stages)
        while waiting or self.tasks:
            while waiting and (not self.tasks or self.fits(waiting[0])):
                stage = waiting.pop(0)
                why = self.why_not(stage)
                if why:
                    self.skip(stage, why)
                    continue
                limit = shares.seconds(stage, self.left(), self.options.cores, waiting)
                self.tasks[asyncio.create_task(self.run_stage(stage, limit))] = stage
            if self.tasks:
                done, _ = await asyncio.wait(self.tasks, return_when=asyncio.FIRST_COMPLETED)
                for task in done:
                    del self.tasks[task]
                for task in done:
                    task.result()

    def fits(self, stage):
        same = all(other.kind == stage.kind for other in self.tasks.values())
        return same and not plan.KINDS[stage.kind].whole and len(self.tasks) < self.options.cores

    # ----------------------------------------------------------------------------------------------------- the night

    async def watch(self, stages):
        """How much of the budget is used, and whether there is room; ends when the night does."""
        while not stages.done():
            if not self.has_room():
                self.end_early("full", stages)
            store.record_figure(self.db, self.id, "seconds", self.spent(), "s")
            self.progress.show()
            await asyncio.wait([stages], timeout=LOOK_EVERY_S)

    def has_room(self):
        return shutil.disk_usage(self.state).free >= max(self.options.reserve * MIB, ROOM_LEAST)

    def end_early(self, why, stages):
        if not self.ended:
            self.ended = why
            stages.cancel()

    async def stop_tasks(self):
        for task in self.tasks:
            task.cancel()
        for task in list(self.tasks):
            with contextlib.suppress(asyncio.CancelledError, OSError, sqlite3.OperationalError):
                await task

    async def main(self):
        self.began, self.built, self.build_began = time.monotonic(), 0, None
        stages = asyncio.create_task(self.run_stages())
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, self.end_early, "interrupted", stages)
        try:
            await self.watch(stages)
            await stages
        except asyncio.CancelledError:
            pass
        except (OSError, sqlite3.OperationalError) as error:
            if not is_full(error):
                raise
            self.ended = "full"
        finally:
            stages.cancel()
            await self.stop_tasks()

    def finish(self):
        """The exit code."""
        collect.collect_tables(self.db, self.id, dict(plan.invariants()))
        new = self.db.execute("SELECT count(*) FROM finding WHERE NOT known AND first_night = ?",
                              (self.id,)).fetchone()[0]
        seen = self.db.execute("SELECT count(*) FROM finding WHERE NOT known AND last_night = ?",
                               (self.id,)).fetchone()[0]
        store.record_figure(self.db, self.id, "findings", seen)
        store.record_figure(self.db, self.id, "new findings", new)
        store.end_night(self.db, self.id, self.ended or "finished")
        failed = [row["name"] for row in self.db.execute(
            "SELECT name FROM stage WHERE night_id = ? AND outcome IN ('failed', 'cut')", (self.id,))]
        skipped = self.db.execute("SELECT count(*) FROM stage WHERE night_id = ? AND outcome IN ('skipped', 'planned')",
                                  (self.id,)).fetchone()[0]
        self.progress.say(f"night {self.id} {self.ended or 'finished'}: {seen} findings, {new} of them new; "
                          f"{skipped} stages not reached, {len(failed)} failed or cut"
                          + (f": {', '.join(failed)}" if failed else ""))
        self.progress.say(f"mmutorture findings --state {self.state} list")
        return 1 if seen else 3 if failed or self.ended else 0
