"""A SLURM of one controller and three nodes on this host, in its own folder, for as long as a test runs."""

import os
import re
import secrets
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Container, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

PROGRAMS = ("munged", "slurmctld", "slurmd", "sbatch", "srun", "squeue", "scancel", "scontrol", "sinfo")
GPU_NODES = ("gpu1", "gpu2")
NODES = {"cpu1": "CPUs=4 RealMemory=8000 Weight=1"} | dict.fromkeys(
    GPU_NODES, "CPUs=2 RealMemory=6000 Gres=gpu:1 Weight=10"
)

# No cgroups and no database. jobcomp writes a line for each finished job; the memory of a job is sampled each
# second, and a job above its request is killed.
CONFIG = """\
ClusterName=lab
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={port}
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket={folder}/run/munge.socket
CredType=cred/munge
SlurmctldPidFile={folder}/run/slurmctld.pid
SlurmdPidFile={folder}/run/slurmd-%n.pid
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool/%n
SlurmctldLogFile={folder}/log/slurmctld.log
SlurmdLogFile={folder}/log/slurmd-%n.log
MailProg=/bin/true
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SwitchType=switch/none
MpiDefault=none
ReturnToService=2
SlurmdParameters=config_overrides
SchedulerType=sched/backfill
SchedulerParameters=bf_interval=2,sched_interval=2,batch_sched_delay=0,default_queue_depth=100
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
DefMemPerNode=500
GresTypes=gpu
AccountingStorageType=accounting_storage/none
JobCompType=jobcomp/filetxt
JobCompLoc={folder}/log/jobcomp.log
JobAcctGatherType=jobacct_gather/linux
JobAcctGatherFrequency=task=1
JobAcctGatherParams=OverMemoryKill
MinJobAge=600
KillWait=5
PartitionName=main Nodes={nodes} Default=YES MaxTime=INFINITE State=UP
"""
UNIX_PATH = 108  # bytes, with the 0 at the end
JOB_SOCKET = "100.4294967291"  # of a step of a job
# The plugin strips SLURM_CONF from the environment of its inner srun.
SRUN = '#!/bin/sh\nSLURM_CONF={folder}/etc/slurm.conf exec {srun} "$@"\n'


@dataclass(frozen=True)
class Job:
    """A line of the scheduler's own log of finished jobs."""

    number: int
    state: str
    node: str
    mem_mb: int
    start: datetime
    end: datetime


@dataclass
class Slurm:
    """A running SLURM; ``environment`` is what its commands, and Snakemake, need."""

    folder: Path
    environment: dict[str, str]
    daemons: dict[str, subprocess.Popen] = field(default_factory=dict)

    def command(self, *arguments: str, timeout: float = 20) -> str:
        """What a SLURM command prints. It may wait for a controller for minutes, so that time is limited."""
        done = subprocess.run(
            arguments, env=self.environment, capture_output=True, text=True, check=True, timeout=timeout
        )
        return done.stdout

    def start_node(self, name: str) -> None:
        self._start(name, "slurmd", "-D", "-N", name, "-f", self.environment["SLURM_CONF"])

    def kill_node(self, name: str) -> None:
        """What a power cut does: the node's daemon and all processes of its jobs go, and SLURM is told."""
        jobs = self.command("squeue", "--noheader", "--nodelist", name, "--format=%A").split()
        processes = self._processes_of(jobs)
        self._end(name, signal.SIGKILL)
        for process in processes:
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        self.command("scontrol", "update", f"nodename={name}", "state=down", "reason=killed by a test")

    def revive_node(self, name: str) -> None:
        self.start_node(name)
        self.command("scontrol", "update", f"nodename={name}", "state=resume")
        until(lambda: name in self.idle_nodes(), f"{name} to be idle")

    def idle_nodes(self) -> set[str]:
        return set(self.command("sinfo", "--noheader", "-N", "--states=idle", "--format=%N").split())

    def queue(self) -> dict[int, str]:
        """Node of each running job."""
        lines = self.command("squeue", "--noheader", "--states=running", "--format=%A %N").splitlines()
        return {int(number): node for number, node in map(str.split, lines)}

    def finished(self) -> dict[int, Job]:
        """The jobs in the scheduler's own log, by number, in the order in which they ended."""
        lines = (self.folder / "log/jobcomp.log").read_text().splitlines()
        return {job.number: job for job in map(_job, lines)}

    def start(self) -> None:
        folder = self.folder
        longest = folder / f"spool/{max(NODES, key=len)}/{max(NODES, key=len)}_{JOB_SOCKET}"
        if len(str(longest)) >= UNIX_PATH:  # else no job starts, and nothing says why
            raise ValueError(f"too long for a socket: {longest}")
        for name in ("etc", "bin", "run", "state", "log", *(f"spool/{node}" for node in NODES)):
            (folder / name).mkdir(parents=True)
        host = socket.gethostname().split(".")[0]
        ports = free_ports(1 + len(NODES))
        lines = [
            f"NodeName={name} NodeHostname={host} NodeAddr=127.0.0.1 Port={port} {size} State=UNKNOWN\n"
            for port, (name, size) in zip(ports[1:], NODES.items(), strict=True)
        ]
        # A partition's nodes are named before it.
        config = CONFIG.format(host=host, port=ports[0], folder=folder, nodes=",".join(NODES))
        (folder / "etc/slurm.conf").write_text(config + "".join(lines))
        (folder / "etc/gres.conf").write_text(f"NodeName={','.join(GPU_NODES)} Name=gpu File=/dev/null\n")
        key = folder / "etc/munge.key"
        key.touch(mode=0o600)
        key.write_bytes(secrets.token_bytes(1024))
        wrapper = folder / "bin/srun"
        wrapper.write_text(SRUN.format(folder=folder, srun=shutil.which("srun")))
        wrapper.chmod(0o755)

        options = [f"--{name}={folder}/{path}" for name, path in MUNGE_FILES.items()]
        self._start("munged", "munged", "--foreground", "--force", *options)
        until((folder / "run/munge.socket").exists, "munged's socket")
        self._start("slurmctld", "slurmctld", "-D", "-f", self.environment["SLURM_CONF"])
        until(self._answers, "the controller to answer")
        for name in NODES:
            self.start_node(name)
        until(lambda: self.idle_nodes() == set(NODES), "all nodes to be idle")

    def stop(self) -> None:
        """Cancels every job, then ends the daemons that were started, by their process ids."""
        if "slurmctld" in self.daemons:
            with suppress(subprocess.SubprocessError, TimeoutError):
                self.command("scancel", "--user=root")
                until(lambda: not self.command("squeue", "--noheader").strip(), "jobs to end")
        for name in reversed(list(self.daemons)):
            self._end(name, signal.SIGTERM)

    def _answers(self) -> bool:
        with suppress(subprocess.SubprocessError):
            return "UP" in self.command("scontrol", "ping", timeout=5)
        return False

    def _start(self, name: str, program: str, *arguments: str) -> None:
        with (self.folder / f"log/{name}.out").open("ab") as output:
            self.daemons[name] = subprocess.Popen(
                [shutil.which(program, path=self.environment["PATH"]), *arguments],
                env=self.environment,
                stdout=output,
                stderr=subprocess.STDOUT,
                # Not among those that a Ctrl-C at the terminal reaches: they are ended in order.
                start_new_session=True,
            )

    def _end(self, name: str, how: signal.Signals) -> None:
        daemon = self.daemons.pop(name)
        daemon.send_signal(how)
        try:
            daemon.wait(timeout=10)
        except subprocess.TimeoutExpired:
            daemon.kill()
            daemon.wait()

    def _processes_of(self, jobs: Container[str]) -> set[int]:
        """The processes of some of this SLURM's jobs, with the daemon of each job step."""
        mark = f"SLURM_CONF={self.environment['SLURM_CONF']}".encode()
        found = set()
        for folder in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                variables = (folder / "environ").read_bytes().split(b"\0")
                if mark in variables and _job_of(variables) in jobs:
                    found.add(int(folder.name))
                    parent = (folder / "stat").read_text().rpartition(")")[2].split()[1]
                    if Path(f"/proc/{parent}/comm").read_text().startswith("slurmstepd"):
                        found.add(int(parent))
        return found


MUNGE_FILES = {
    "key-file": "etc/munge.key",
    "socket": "run/munge.socket",
    "pid-file": "run/munged.pid",
    "log-file": "log/munged.log",
    "seed-file": "state/munge.seed",
}


def _job_of(variables: list[bytes]) -> str | None:
    values = [value.partition(b"=")[2].decode() for value in variables if value.startswith(b"SLURM_JOB_ID=")]
    return values[0] if values else None


def missing_programs() -> list[str]:
    return [name for name in PROGRAMS if shutil.which(name, path=_path()) is None]


def _path() -> str:
    return f"{os.environ['PATH']}:/usr/sbin:/sbin"


@contextmanager
def throwaway_slurm(folder: Path) -> Iterator[Slurm]:
    """A SLURM in the empty ``folder``, which is stopped at the end, also after an exception or SIGTERM."""
    environment = os.environ | {
        "PATH": f"{folder}/bin:{_path()}",
        "SLURM_CONF": f"{folder}/etc/slurm.conf",
    }
    slurm = Slurm(folder, environment)
    before = signal.signal(signal.SIGTERM, _raise_interrupt)
    try:
        slurm.start()
        yield slurm
    finally:
        slurm.stop()
        signal.signal(signal.SIGTERM, before)


def _raise_interrupt(number: int, frame: object) -> None:
    raise KeyboardInterrupt(f"signal {number}")


def until(condition: Callable[[], bool], what: str, seconds: float = 30) -> None:
    """Waits for ``condition``; raises TimeoutError when it has not come true in ``seconds``."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"waited {seconds:g} s for {what}")
        time.sleep(0.1)


def free_ports(count: int) -> list[int]:
    sockets = [socket.socket() for _ in range(count)]
    try:
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]
    finally:
        for one in sockets:
            one.close()


def _job(line: str) -> Job:
    def value(name: str, pattern: str = r"(\S+)") -> str:
        return re.search(rf"\b{name}={pattern}", line)[1]

    start, end = (datetime.fromisoformat(value(name)) for name in ("StartTime", "EndTime"))
    memory = int(value("mem", r"(\d+)M"))
    return Job(int(value("JobId")), value("JobState"), value("NodeList"), memory, start, end)
