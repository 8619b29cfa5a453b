"""Toy trainings of many visitors: in line, bounded, and nothing of them stays."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from s2s import checkpoint
from s2s.config import choices
from s2s.data.toys import TOYS
from s2s.errors import S2SError
from s2s.training import jobs as room
from s2s.training.folder import HISTORY
from s2s.training.jobs import Jobs
from s2s.training.toys import NETWORKS, OWN, Order, config_of
from s2s.training.watching import WATCHED, read_lines

ROOT = Path(__file__).resolve().parent.parent
IDLE = [sys.executable, "-c", "import sys; sys.stdin.read()"]


def until(what: Callable[[], bool], seconds: float = 120) -> None:
    """Wait until something is so."""
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, "it did not come to that"
        time.sleep(0.05)


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().split()[2] != "Z"
    except OSError:
        return False


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    return tmp_path


@pytest.fixture
def jobs(home):
    found = Jobs()
    yield found
    found.close()
    assert list(home.glob("s2s-toys-*")) == []


@pytest.fixture
def idle(monkeypatch):
    """Processes that train nothing, and end when nobody minds them."""
    monkeypatch.setattr(room, "command", lambda *_: IDLE)


def test_orders_are_the_toys_and_only_within_their_ranges():
    assert set(choices(Order, "toy")) == {*TOYS, OWN}
    for wrong in ({"toy": "juggle"}, {"steps": 10**6}, {"lr": 5.0}, {"sampled": -1.0}):
        with pytest.raises(S2SError):
            Order(**wrong)
    for network in NETWORKS:
        config = config_of(Order(toy="sort", sampled=0.5), network, [])
        assert config.train.scheduled_sampling == 0.5
        assert config.title.startswith("Sort · with")


# ------------------------------------------------------------------------------- a real training
def test_a_training_stops_goes_on_and_ends_whole(jobs):
    job = jobs.begin(Order(steps=100), "", "ann")
    assert job.state == "running"
    pids = [p.pid for p in job.processes.values()]
    history = job.folder / "attention" / HISTORY
    until(lambda: len(read_lines(history)) > 4)
    jobs.stop(job)
    until(lambda: job.state != "stopping")
    assert job.state == "stopped", job.problem
    assert not any(map(alive, pids))
    reached = read_lines(history)[-1]["step"]
    assert reached < 100
    jobs.resume(job)
    until(lambda: job.state not in ("waiting", "running"))
    assert job.state == "finished", job.problem
    for network in NETWORKS:
        steps = [line["step"] for line in read_lines(job.folder / network / HISTORY)]
        assert steps == sorted(set(steps))
        assert steps[-1] == 100
        loaded = checkpoint.load(job.folder / network)
        assert (network == "attention") == (loaded.config.model.get("attention") != "none")
        shots = read_lines(job.folder / network / WATCHED)
        assert [s["step"] for s in shots] == list(range(0, 101, 5))
    assert not job.processes
    jobs.resume(job)  # nothing is left to do
    assert job.state == "finished"


def test_a_training_that_fails_says_why(jobs, monkeypatch):
    real = room.command
    monkeypatch.setattr(room, "command", lambda *given: [*real(*given), "--set=train.steps=-1"])
    job = jobs.begin(Order(), "", "ann")
    until(lambda: job.state != "running")
    assert job.state == "failed"
    assert job.problem.startswith("train.steps must be a whole number")


# ------------------------------------------------------------------------------------------ bounds
def test_one_trains_and_the_others_wait_in_line(jobs, idle):
    first, second, third = (jobs.begin(Order(), "", name) for name in ("ann", "bob", "cy"))
    assert [j.state for j in (first, second, third)] == ["running", "waiting", "waiting"]
    assert [jobs.before(j) for j in (second, third)] == [1, 2]
    jobs.stop(second)  # leaves the line
    jobs.resume(second)  # and stands behind the other now
    assert [jobs.before(j) for j in (second, third)] == [2, 1]
    jobs.stop(first)
    until(lambda: third.state == "running")
    assert first.state == "stopped"
    assert second.state == "waiting"


def test_a_visitor_has_one_training(jobs, idle):
    first = jobs.begin(Order(), "", "ann")
    pids = [p.pid for p in first.processes.values()]
    second = jobs.begin(Order(), "", "ann")
    assert not first.folder.exists()
    assert not any(map(alive, pids))
    assert second.state == "running"
    assert jobs.find(first.code, "ann") is None


def test_there_is_room_for_so_many(jobs, idle, monkeypatch):
    monkeypatch.setattr(room, "KEPT", 2)
    for name in ("ann", "bob"):
        jobs.begin(Order(), "", name)
    with pytest.raises(S2SError, match="no room"):
        jobs.begin(Order(), "", "cy")
    jobs.begin(Order(), "", "bob")  # whose last one goes


def test_lines_that_cannot_be_learned_leave_nothing(jobs, idle):
    with pytest.raises(S2SError, match="Line 1 must"):
        jobs.begin(Order(toy=OWN), "no pair", "ann")
    assert list(jobs.root.iterdir()) == []


def test_what_lasts_too_long_is_stopped(jobs, monkeypatch):
    deaf = "import signal, sys; signal.signal(signal.SIGTERM, signal.SIG_IGN); sys.stdin.read()"
    monkeypatch.setattr(room, "command", lambda *_: [sys.executable, "-c", deaf])
    monkeypatch.setattr(room, "LONGEST", 0.5)
    monkeypatch.setattr(room, "PATIENCE", 0.5)
    job = jobs.begin(Order(), "", "ann")
    pids = [p.pid for p in job.processes.values()]
    until(lambda: job.state == "stopped")
    assert not any(map(alive, pids))


# ---------------------------------------------------------------------------------- who, and for long
def test_only_who_knows_the_code_sees_a_training(jobs, idle):
    job = jobs.begin(Order(), "", "ann")
    assert len(job.code) == 32
    assert jobs.find("0" * 32, "eve") is None
    assert jobs.find(job.code[:-1], "eve") is None
    assert jobs.find(job.code, "bob") is job


def test_when_everybody_has_left_nothing_stays(jobs, idle, monkeypatch):
    monkeypatch.setattr(room, "GRACE", 0.5)
    job = jobs.begin(Order(), "", "ann")
    pids = [p.pid for p in job.processes.values()]
    jobs.find(job.code, "ann again")  # a reload: another session of the same person
    jobs.leave("ann")
    time.sleep(1.5)
    assert job.folder.exists()
    jobs.leave("ann again")
    until(lambda: not job.folder.exists())
    assert not any(map(alive, pids))


def test_after_an_hour_nothing_stays(jobs, idle, monkeypatch):
    job = jobs.begin(Order(), "", "ann")
    monkeypatch.setattr(room, "LIFE", 0.0)
    until(lambda: not job.folder.exists())
    assert jobs.find(job.code, "ann") is None


PROGRAM = """
import sys, time
from s2s.training.jobs import Jobs
from s2s.training.toys import Order
job = Jobs().begin(Order(), "", "ann")
print(job.folder, *(p.pid for p in job.processes.values()), flush=True)
time.sleep(float(sys.argv[1]))
"""


@pytest.mark.parametrize("how", ["end", "kill"])
def test_when_the_program_is_gone_so_are_its_trainings(home, how):
    """A real training ends with the program that started it, however that ended."""
    environment = os.environ | {"TMPDIR": str(home), "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-c", PROGRAM, "0.5" if how == "end" else "60"]
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE) as program:
        folder, *pids = program.stdout.readline().decode().split()
        assert len(pids) == 2
        if how == "kill":
            assert all(alive(int(pid)) for pid in pids)
            program.send_signal(signal.SIGKILL)
        program.wait(60)
    until(lambda: not any(alive(int(pid)) for pid in pids))
    if how == "kill":
        assert Path(folder).exists()
        Jobs().close()  # the next program sweeps
    assert not Path(folder).exists()
    assert list(home.glob("s2s-toys-*")) == []


def test_the_end_of_the_input_ends_a_command_line(tmp_path):
    """--attended: as soon as whoever started it is gone; and it is nice meanwhile."""
    from s2s.data.toys import lines_of, write

    write(tmp_path / "data", lines_of("copy", 100), 10)
    command = [sys.executable, "-m", "s2s", "train", "toy-plain", "--attended"]
    command += ["--data", str(tmp_path / "data"), "--out", str(tmp_path / "out")]
    command += ["--set=train.steps=100000", "--set=train.log_every=1"]
    environment = os.environ | {"OMP_NUM_THREADS": "1", "S2S_CACHE": str(tmp_path / "cache")}
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdin=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as process:
        until(lambda: len(read_lines(tmp_path / "out" / HISTORY)) > 1)
        nice = int(Path(f"/proc/{process.pid}/stat").read_text().rsplit(")", 1)[1].split()[16])
        assert nice >= min(19, os.nice(0) + 10)
        process.stdin.close()
        assert process.wait(30) == 0
    assert json.loads((tmp_path / "out" / HISTORY).read_text().splitlines()[0])["step"] == 1


def test_trainings_stand_behind_answers(jobs, idle):
    """Their processes yield to the app's own, whose answers are waited for."""
    job = jobs.begin(Order(), "", "ann")
    own = os.getpriority(os.PRIO_PROCESS, 0)
    behind = [os.getpriority(os.PRIO_PROCESS, p.pid) for p in job.processes.values()]
    assert behind == [min(19, max(own, room.BEHIND))] * 2
