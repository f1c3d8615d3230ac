# SPDX-License-Identifier: GPL-2.0-only
"""ci/slurm on a cluster of this one machine: slurmctld and two slurmd, one of which is killed in the middle.

Skipped (77) where Slurm is not installed (apt-get install slurm-wlm) or this is not root.
"""
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path[:0] = [str(ROOT / "ci"), str(ROOT / "reports"), str(ROOT / "tests/night")]

from mmutorture_reports import store  # noqa: E402
from night import plan  # noqa: E402
from night_test import make_builds  # noqa: E402

TARGETS = plan.fuzz_targets()[:2]  # neighbours: each node has one

CONFIG = """\
ClusterName=night
SlurmctldHost={host}
SlurmctldPort={port}
SlurmUser=root
SlurmdUser=root
AuthType=auth/none
CredType=cred/none
StateSaveLocation={top}/ctld
SlurmdSpoolDir={top}/%n
SlurmctldPidFile={top}/ctld.pid
SlurmdPidFile={top}/%n.pid
SlurmctldLogFile={top}/ctld.log
SlurmdLogFile={top}/%n.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SwitchType=switch/none
MpiDefault=none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
JobCompType=jobcomp/none
SelectType=select/linear
SlurmdTimeout=6
SlurmctldTimeout=6
MessageTimeout=5
KillWait=2
ReturnToService=2
NodeName=node1 NodeHostname={host} NodeAddr=127.0.0.1 Port={node1} CPUs=1
NodeName=node2 NodeHostname={host} NodeAddr=127.0.0.1 Port={node2} CPUs=1
PartitionName=all Nodes=node1,node2 Default=YES MaxTime=INFINITE State=UP
"""


def free_ports(count):
    sockets = [socket.socket() for _ in range(count)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


def descendants(root):
    """Processes below @root, and it."""
    parents = {}
    for entry in pathlib.Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parents[int(entry.name)] = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            except OSError:
                continue
    found = [root]
    for process in found:
        found += [child for child, parent in parents.items() if parent == process]
    return found


class SlurmTest(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        self.addCleanup(directory.cleanup)
        self.top = pathlib.Path(directory.name)
        self.state = self.top / "state"
        (self.top / "ctld").mkdir()
        make_builds(self.top, *TARGETS)
        port, node1, node2 = free_ports(3)
        config = self.top / "slurm.conf"
        config.write_text(CONFIG.format(host=socket.gethostname().split(".")[0], top=self.top, port=port, node1=node1,
                                        node2=node2))
        self.environment = {**os.environ, "SLURM_CONF": str(config), "PYTHONDONTWRITEBYTECODE": "1"}
        self.daemons = {}
        self.start("ctld", "slurmctld", "-D")
        for node in ("node1", "node2"):
            self.start(node, "slurmd", "-D", "-N", node)
        self.wait(lambda: self.slurm("sinfo", "-h", "-t", "idle", "-o", "%D") == "2", 30, "two idle nodes")

    def start(self, name, *words):
        daemon = subprocess.Popen(words, env=self.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.daemons[name] = daemon
        self.addCleanup(self.kill, name)

    def kill(self, name):
        """With all its steps, as a power cut does; steps are children of init by then, but know their node."""
        daemon = self.daemons[name]
        below = set(descendants(daemon.pid))
        for entry in pathlib.Path("/proc").iterdir():
            try:
                if entry.name.isdigit() and b"slurmstepd" in (entry / "cmdline").read_bytes() and \
                        str(self.top).encode() in (entry / "environ").read_bytes() and \
                        self.node_of(entry) in (name, None):
                    below |= set(descendants(int(entry.name)))
            except OSError:
                continue
        for process in below:
            try:
                os.kill(process, signal.SIGKILL)
            except ProcessLookupError:
                pass
        daemon.wait()

    @staticmethod
    def node_of(step):
        """Of a slurmstepd: its task's environment has it."""
        for process in descendants(int(step.name)):
            words = (pathlib.Path("/proc") / str(process) / "environ").read_bytes().split(b"\0")
            for word in words:
                if word.startswith(b"SLURMD_NODENAME="):
                    return word.partition(b"=")[2].decode()
        return None

    def slurm(self, *words):
        return subprocess.run(words, env=self.environment, capture_output=True, text=True, check=False).stdout.strip()

    def wait(self, condition, seconds, what):
        end = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > end:
                logs = "\n".join(f"{path.name}: {path.read_text(errors='replace')[-3000:]}"
                                 for path in [*self.top.glob("*.log"), *self.top.glob("state/slurm/*.log")])
                self.fail(f"no {what} after {seconds} s\n{self.slurm('squeue')}\n{self.slurm('sinfo', '-R')}\n{logs}")
            time.sleep(0.2)

    def told(self):
        lines = set()
        for ledger in self.top.glob("builds/*/ledger"):
            lines |= set(ledger.read_text().splitlines())
        return lines

    def test_a_node_dies_and_nothing_is_lost(self):
        only = f"explore (faults|dirty) |libfuzzer ({'|'.join(TARGETS)}) "
        submitted = subprocess.run(
            [ROOT / "ci/slurm/submit", self.state, "2", "--kernel", self.top / "tree", "--builds", self.top / "builds",
             "--budget", "20", "--only", only, "--seed", "1", "--reserve", "1"],
            env=self.environment, capture_output=True, text=True, check=True).stdout.split()
        self.assertEqual(len(submitted), 2)
        array, collecting = submitted
        self.wait(lambda: len(list(self.state.glob("parts/*/corpus/*/*/*"))) > 0 or len(self.told()) > 100, 60,
                  "night on both nodes")
        self.wait(lambda: len(list(self.state.glob("parts/*/findings.db"))) == 2, 30, "two parts")
        self.kill("node1")
        self.wait(lambda: not self.slurm("squeue", "-h", "-o", "%i"), 180, "end of all jobs")

        jobs = {f"{array}_0", f"{array}_1"}
        details = [self.slurm("scontrol", "show", "job", job) for job in jobs]
        self.assertEqual(sorted("Restarts=1" in text for text in details), [False, True], details)
        for text in (*details, self.slurm("scontrol", "show", "job", collecting)):
            self.assertIn("JobState=COMPLETED", text)
        self.assert_nothing_lost()

    def assert_nothing_lost(self):
        db = store.open_store(self.state, create=False)
        self.addCleanup(db.close)
        nights = db.execute("SELECT state FROM night").fetchall()
        self.assertEqual([row["state"] for row in nights], ["finished", "finished"])
        stages = {row["name"]: row["outcome"] for row in db.execute("SELECT name, outcome FROM stage")}
        self.assertEqual(len(stages), 4, "each by one of the two")
        self.assertLessEqual(set(stages.values()), {"clean", "findings"})
        kept = {f"input {path.name}" for path in self.state.glob("corpus/tree/*/*")}
        kept |= {f"finding {row['key']}" for row in db.execute("SELECT key FROM finding")}
        told = self.told()
        self.assertGreater(len(told), 200)
        self.assertLessEqual(told, kept)
        self.assertTrue((self.state / "report/index.html").exists())


if __name__ == "__main__":
    if os.geteuid() or not shutil.which("slurmctld") or not shutil.which("slurmd"):
        print("slurm_test: no Slurm, or not root: apt-get install slurm-wlm")
        sys.exit(77)
    unittest.main()
