"""Toy trainings of all visitors: a few at once, the others in line, and nothing of them stays.

A job is a folder and up to two processes. Processes end with their standard input (``attended``), so with
the program that started them; folders go when the last visitor has left, after an hour, and at the end of
the program; what a killed program has left is swept by the next.
"""

from __future__ import annotations

import atexit
import os
import secrets
import shutil
import subprocess
import tempfile
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Literal

from s2s.errors import S2SError
from s2s.locale import _
from s2s.training.toys import NETWORKS, Order, command, ended, environment, prepare

State = Literal["waiting", "running", "stopping", "stopped", "finished", "failed"]
SLOTS, KEPT = 1, 12  # jobs at work at once; jobs there are, of all visitors
LIFE, GRACE = 3600.0, 20.0  # seconds that a job is kept; that a visitor may be away, as in a reload
LONGEST, PATIENCE = (
    150.0,
    10.0,
)  # seconds of one start; of which a process that was told to stop has some
BEHIND = 5  # niceness: answers of the app go before, and take a third longer at most
PREFIX = "s2s-toys-"


class Job:
    """One order: its folder, its processes, and who may see it."""

    def __init__(self, order: Order, lines: str, root: Path) -> None:
        """Raises S2SError if the lines cannot be learned; then nothing is left."""
        self.order, self.code = order, secrets.token_hex(16)
        self.folder = root / self.code
        self.state: State = "waiting"
        self.problem = ""
        self.born = self.began = self.told = time.monotonic()
        self.visitors: dict[str, float | None] = {}
        """Who may see it: None while they are here, else since when they are gone."""
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        try:
            self.more = prepare(order, lines, self.folder)
        except S2SError:
            shutil.rmtree(self.folder, ignore_errors=True)
            raise

    def start(self) -> None:
        """Begin, or go on with, every network that has not come to its end."""
        self.state, self.began = "running", time.monotonic()
        for network in NETWORKS:
            if not self._ended(network):
                self.processes[network] = self._started(network)

    def _started(self, network: str) -> subprocess.Popen[bytes]:
        with open(self.folder / f"{network}.log", "wb") as log:
            process = subprocess.Popen(
                command(self.order, network, self.more, self.folder),
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=log,
                env=environment(self.folder),
                start_new_session=True,  # Ctrl-C is the server's; it is then that our end closes
            )
        with suppress(OSError, AttributeError):  # over already, or a system without priorities
            os.setpriority(os.PRIO_PROCESS, process.pid, BEHIND)
        return process

    def _ended(self, network: str) -> bool:
        try:
            return ended(self.order, network, self.more, self.folder)
        except S2SError:  # no state yet
            return False

    def stop(self) -> None:
        """Ask its processes to save and end; they take a moment."""
        if self.state == "running":
            self.state, self.told = "stopping", time.monotonic()
            for process in self.processes.values():
                process.terminate()
        elif self.state == "waiting":
            self.state = "stopped"

    def look(self) -> None:
        """Notice what has ended, and end what lasts too long."""
        if self.state not in ("running", "stopping"):
            return
        now = time.monotonic()
        if any(process.poll() is None for process in self.processes.values()):
            if self.state == "running" and now - self.began > LONGEST:
                self.stop()
            elif self.state == "stopping" and now - self.told > PATIENCE:
                self.kill()
            return
        self.problem = next(filter(None, map(self._problem, self.processes)), "")
        whole = all(map(self._ended, NETWORKS))
        self.state = "failed" if self.problem else "finished" if whole else "stopped"
        self._release()

    def _problem(self, network: str) -> str:
        """Why a process did not end well, in one sentence."""
        code = self.processes[network].returncode
        if code == 0 or (code < 0 and self.state == "stopping"):
            return ""
        log = self.folder / f"{network}.log"
        last = log.read_text("utf-8", "replace").strip().splitlines()[-1:] if log.exists() else []
        if code == 2 and last:  # how the command line says what was wrong
            return last[0][:300]
        return f"The training ended before its time (code {code})."

    def kill(self) -> None:
        """End its processes at once."""
        for process in self.processes.values():
            if process.poll() is None:
                process.kill()
            process.wait()

    def _release(self) -> None:
        for process in self.processes.values():
            if process.stdin is not None:
                process.stdin.close()
        self.processes = {}

    def close(self) -> None:
        """Nothing of it stays."""
        self.kill()
        self._release()
        shutil.rmtree(self.folder, ignore_errors=True)

    def is_over(self, now: float) -> bool:
        """Whether nobody will ask for it again."""
        gone = [since for since in self.visitors.values() if since is not None]
        left = len(gone) == len(self.visitors) and now - max(gone, default=now) > GRACE
        return left or now - self.born > LIFE


class Jobs:
    """The jobs of one program. Safe to be used by many threads."""

    def __init__(self) -> None:
        _sweep()
        self.root = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-"))
        self._jobs: dict[str, Job] = {}
        self._lock = threading.RLock()
        self._closed = threading.Event()
        threading.Thread(target=self._attend, daemon=True).start()
        atexit.register(self.close)

    def begin(self, order: Order, lines: str, visitor: str) -> Job:
        """A new job, at work or in line; the visitor's last one goes. Raises S2SError."""
        with self._lock:
            for job in [j for j in self._jobs.values() if visitor in j.visitors]:
                del job.visitors[visitor]
                if not job.visitors:
                    self._remove(job)
            if len(self._jobs) >= KEPT:
                raise S2SError(
                    _(
                        "{n} trainings of other visitors are kept here, and there is no room for "
                        "another; try again in some minutes."
                    ).format(n=KEPT)
                )
            job = Job(order, lines, self.root)
            job.visitors[visitor] = None
            self._jobs[job.code] = job
            self.look()
            return job

    def resume(self, job: Job) -> None:
        """In line again, if it was stopped."""
        with self._lock:
            if job.state in ("stopped", "failed") and job.code in self._jobs:
                job.state, job.problem = "waiting", ""
                self._jobs[job.code] = self._jobs.pop(job.code)  # behind those that wait already
                self.look()

    def stop(self, job: Job) -> None:
        """At work no more; it can be resumed."""
        with self._lock:
            job.stop()

    def find(self, code: str, visitor: str) -> Job | None:
        """The job of this code, which only those know who were given it; they may see it from now on."""
        with self._lock:
            job = self._jobs.get(code)
            if job is not None:
                job.visitors[visitor] = None
            return job

    def leave(self, visitor: str) -> None:
        """A visitor's window is closed, or being reloaded."""
        with self._lock:
            for job in self._jobs.values():
                if visitor in job.visitors:
                    job.visitors[visitor] = time.monotonic()

    def before(self, job: Job) -> int:
        """How many are at work or in line before a job that waits."""
        with self._lock:
            busy = [j for j in self._jobs.values() if j.state in ("running", "stopping", "waiting")]
            at_work = [j for j in busy if j.state != "waiting"]
            line = [j for j in busy if j.state == "waiting"]
            return len(at_work) + (line.index(job) if job in line else 0)

    def look(self) -> None:
        """Notice what has ended, remove what is over, start what is next."""
        with self._lock:
            now = time.monotonic()
            for job in [*self._jobs.values()]:
                if job.is_over(now):
                    self._remove(job)
                else:
                    job.look()
            at_work = sum(j.state in ("running", "stopping") for j in self._jobs.values())
            waiting = [j for j in self._jobs.values() if j.state == "waiting"]
            for job in waiting[: max(0, SLOTS - at_work)]:
                job.start()

    def _remove(self, job: Job) -> None:
        self._jobs.pop(job.code, None)
        job.close()

    def _attend(self) -> None:
        while not self._closed.wait(1):
            self.look()

    def close(self) -> None:
        """End every process and remove every folder."""
        self._closed.set()
        with self._lock:
            for job in [*self._jobs.values()]:
                self._remove(job)
            shutil.rmtree(self.root, ignore_errors=True)
        atexit.unregister(self.close)


def _sweep() -> None:
    """Remove folders of programs that were killed."""
    for left in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        process = left.name.removeprefix(PREFIX).partition("-")[0]
        with suppress(ValueError, PermissionError, OverflowError):
            try:
                os.kill(int(process), 0)
            except ProcessLookupError:
                shutil.rmtree(left, ignore_errors=True)
