# SPDX-License-Identifier: GPL-2.0-only
"""example_night.py STATE [KIND] - a state directory with nights in it, for tests and to look at a page.

What data/ holds was printed by the program: explore and minimize on Linux 6.12 with planted bug M30, stress under TSan
with another one.  Figures are made up.  KIND: whole (twelve nights), quiet (nothing found), killed, full, empty.
"""
import datetime
import pathlib
import sys

from mmutorture_reports import store

DATA = pathlib.Path(__file__).resolve().parent / "data"
FIRST = datetime.datetime(2026, 11, 9, 1, 30, tzinfo=datetime.timezone.utc)
NIGHTS = 12
AT = "2026-11-20T07:00:00Z"  # a page that is made on the morning of the last one
HOSTILE = '<script>alert("x")</script>&"\''
KERNEL = "6.12"
STAGES = (  # name, kind, flavour, minutes, figures
    ("build dev 6.12", "build", "dev", 3, {}),
    ("build tsan 6.12", "build", "tsan", 4, {}),
    ("canary M30 6.12", "canary", "dev", 1, {}),
    ("stress everything asan 6.12", "stress", "asan", 20, {"accesses": 81000000, "vms": 2100, "audits": 9100}),
    ("stress everything tsan 6.12", "stress", "tsan", 20, {"accesses": 9000000, "vms": 260, "audits": 1100}),
    ("explore collision 6.12", "explore", "dev", 15, {"schedules": 410000, "programs": 40, "checks Z8": 77,
                                                      "window rc1_in_gup": 5, "seconds": 9}),
    ("fuzz_memslots 6.12", "libfuzzer", "fuzz", 15, {"executions": 310000, "edges": 4213, "corpus": 612}),
    ("fuzz_program 6.12", "libfuzzer", "fuzz", 15, {"executions": 280000, "edges": 6120, "corpus": 1403}),
    ("minimize 6.12", "minimize", "dev", 2, {}),
    ("regressions tsan-fibres 6.12", "regressions", "tsan-fibres", 3, {"programs": 18}),
    ("coverage 6.12", "coverage", "coverage", 5, {}),
    ("report", "report", None, 0, {}),
)
INVARIANTS = (("S1", "a present leaf is writable only if MMU-writable, and MMU-writable only if host-writable"),
              ("Z3", "after a slot is deleted or moved no leaf is left where it was"),
              ("Z8", "a page that went back to the host is in no entry and no translation"),
              ("T1", "an access never uses a translation that an operation has zapped and flushed"))
WINDOWS = ("FAULT_BETWEEN_CHECKS", "SLOT_GONE_UNDER_FAULT", "ROOT_FREED_UNDER_WALK")
FUNCTIONS = (("walk_once", 3, 4, 4), ("walk_again", 9, 3, 0))
SOURCE = """#include "example.h"

int walk_once(struct walk *walk)
{
\tif (walk->level > 1 && !walk->done)
\t\treturn -EAGAIN;
\treturn 0;
}
int walk_again(struct walk *walk)
{
\twalk->done = "</pre><script>alert(1)</script>";
\treturn 1;
}"""


def text_of(name):
    return (DATA / name).read_text(encoding="utf-8")


def at(night, minutes=0):
    return (FIRST + datetime.timedelta(days=night, minutes=minutes)).strftime("%Y-%m-%dT%H:%M:%SZ")


def tsan_stacks(report):
    """The two stacks of a report, a frame a line."""
    blocks = [block for block in report.split("\n\n") if "#0 " in block][:2]
    return ["\n".join(line for line in block.splitlines() if line.lstrip().startswith("#")) for block in blocks]


def race():
    return {
        "key": "mmu-invariant Z8", "class": "mmu-invariant", "name": "Z8",
        "title": "Z8: a page that went back to the host is still mapped", "kernel": "Linux 6.12.107",
        "statement": "a page that went back to the host is in no entry and no translation",
        "source": "spec.md I-Z8; include/linux/mmu_notifier.h",
        "command": "mmutorture replay finding.mmut --times 1000",
        "replayed": 1000, "replays": 1000, "program": text_of("race.swap.mmut"), "twin": text_of("race.twin.mmut"),
        "lanes": text_of("race.json"),
    }


def data_race():
    first, second = tsan_stacks(text_of("data-race.txt"))
    return {
        "key": "race track_possible_nx_huge_page|untrack_possible_nx_huge_page", "class": "data-race",
        "name": "data race track_possible_nx_huge_page untrack_possible_nx_huge_page", "kernel": "Linux 6.12.107",
        "title": "data race of track_possible_nx_huge_page and untrack_possible_nx_huge_page",
        "statement": "two accesses of which one writes are ordered by a lock, RCU or marked accesses",
        "command": "mmutorture stress --scenario slots --seconds 60 --seed 3",
        "stack_first": second, "stack_second": first,
    }


def known():
    place = "arch/x86/kvm/mmu/mmu.c:7332"
    return {"key": f"kernel-warn {place}", "class": "kernel-warn", "name": place,
            "title": "NX recovery looks up a slot that has been deleted",
            "kernel": "Linux 6.12.107", "known": 1,
            "command": "mmutorture run corpora/regressions/001-nx-recovery-deleted-slot.mmut"}


def hostile():
    """All that a user can write."""
    return {"key": f"lockdep {HOSTILE}", "class": "lockdep", "name": HOSTILE, "title": HOSTILE, "statement": HOSTILE,
            "source": HOSTILE, "kernel": HOSTILE, "commit_id": HOSTILE, "command": HOSTILE, "program": HOSTILE,
            "stack_first": "#0 shady_function <b>x</b>"}


def add_stage(db, night, number, name, kind, flavour, minutes, figures, begin):
    stage = store.plan_stage(db, night, name, kind, kernel=KERNEL if kind != "report" else None, flavour=flavour,
                             subject=name.split()[1] if " " in name else None)
    if begin is None:
        return stage
    store.begin_stage(db, stage)
    store.end_stage(db, stage, "clean", exit_code=0, log=f"logs/{night}/{name.replace(' ', '-')}.log")
    store.update(db, "stage", stage, {"started": at(number, begin), "ended": at(number, begin + minutes)})
    for figure, value in figures.items():
        store.record_figure(db, night, figure, value * (60 + 3 * number) // 100, stage=stage)
    if minutes:
        store.record_figure(db, night, "rate", 1234.5 + number, "1/s", stage=stage)
    return stage


def add_night(db, number, stages=len(STAGES)):
    """The ids of the night and of its stages by name; @stages of them have been run."""
    night = store.begin_night(db, seed=1000 + number, started=at(number), cores=2, budget_s=7200, host="torture-1",
                              version="v0.1-214-g058bdda")
    begin, ids = 0, {}
    for index, (name, kind, flavour, minutes, figures) in enumerate(STAGES):
        ids[name] = add_stage(db, night, number, name, kind, flavour, minutes, figures,
                              begin if index < stages else None)
        begin += minutes
    return night, ids, begin


def add_facts(db, night, number, canary=True):
    for tag, statement in INVARIANTS:
        store.record_row(db, "invariant", night_id=night, tag=tag, statement=statement,
                         checked=120000000 * (number + 1), saboteur_seen=at(number, 5))
    for index, name in enumerate(WINDOWS):
        store.record_row(db, "race_window", night_id=night, name=name, schedules=410000, reached=index * 51234)
    store.record_row(db, "canary", night_id=night, bug="M30", found=int(canary), at=at(number, 8), seconds=3.7)
    whole = {"file": "arch/x86/kvm/mmu/example.c", "function": None, "line": None, "lines": 7, "lines_hit": 4,
             "branches": 4, "branches_hit": 2 + number % 2}
    functions = [{**whole, "function": name, "line": line, "lines": lines, "lines_hit": hit}
                 for name, line, lines, hit in FUNCTIONS]
    text = SOURCE.splitlines()
    lines = [{"file": whole["file"], "line": i + 1, "text": line,
              "count": {4: 12345, 5: 12345, 6: 3, 7: 12342, 8: 12345, 10: 0, 11: 0, 12: 0}.get(i + 1)}
             for i, line in enumerate(text)]
    store.record_coverage(db, night, KERNEL, [whole, *functions], lines)


def see(db, night, number, stage, finding, text="", seed="0x1"):
    store.record_finding(db, night, finding, {"at": at(number, 60), "seed": seed, "text": text,
                                              "origin": f"{night}/{finding['key']}"}, stage=stage)


def end(db, night, number, minutes, state="finished"):
    store.end_night(db, night, state)
    store.update(db, "night", night, {"ended": at(number, minutes)})


def found(db, stage, outcome="findings", **columns):
    store.update(db, "stage", stage, {"outcome": outcome, "exit_code": 1, **columns})


def build_whole(db):
    for number in range(NIGHTS):
        night, stages, minutes = add_night(db, number)
        add_facts(db, night, number)
        see(db, night, number, stages["stress everything asan 6.12"], known())
        if number in (4, 6):
            see(db, night, number, stages["fuzz_memslots 6.12"], hostile(), HOSTILE, HOSTILE)
            found(db, stages["fuzz_memslots 6.12"])
        if number >= 9:
            see(db, night, number, stages["stress everything tsan 6.12"], data_race(), text_of("data-race.txt"))
            found(db, stages["stress everything tsan 6.12"])
        if number == NIGHTS - 1:
            see(db, night, number, stages["explore collision 6.12"], race(), text_of("race.txt"))
            found(db, stages["explore collision 6.12"])
            found(db, stages["fuzz_program 6.12"], "cut", why="ended by its time limit")
            found(db, stages["build tsan 6.12"], "failed", why=f"no compiler {HOSTILE}")
        end(db, night, number, minutes)


def build_quiet(db):
    night, _, minutes = add_night(db, NIGHTS - 1)
    add_facts(db, night, NIGHTS - 1)
    end(db, night, NIGHTS - 1, minutes)


def build_killed(db):
    for number in (NIGHTS - 5, NIGHTS - 1):
        night, stages, _ = add_night(db, number, stages=5 if number == NIGHTS - 1 else len(STAGES))
        if number != NIGHTS - 1:
            add_facts(db, night, number)
            end(db, night, number, 60)
    see(db, night, NIGHTS - 1, stages["stress everything tsan 6.12"], data_race(), text_of("data-race.txt"))
    store.begin_stage(db, stages["explore collision 6.12"])


def build_full(db):
    night, _, _ = add_night(db, NIGHTS - 1, stages=5)
    end(db, night, NIGHTS - 1, 31, "full")


def build_empty(db):
    """An opened store is all there is."""


KINDS = {"whole": build_whole, "quiet": build_quiet, "killed": build_killed, "full": build_full, "empty": build_empty}


def build(state, kind="whole"):
    db = store.open_store(state)
    db.execute("PRAGMA synchronous=OFF")  # nobody pulls the plug of a test
    KINDS[kind](db)
    return db


if __name__ == "__main__":
    build(pathlib.Path(sys.argv[1]), *sys.argv[2:]).close()
