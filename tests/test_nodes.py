"""Training on several machines: two nodes that know each other by an address only, here the loopback."""

from __future__ import annotations

import os
import socket
import subprocess
import sys

from s2s import checkpoint
from s2s.training.folder import STATE
from tests.test_resume import ARGUMENTS, ROOT, same


def torchrun(nodes: int, rank: int, each: int, port: int, *arguments) -> subprocess.Popen:
    """One node's launcher."""
    command = [
        sys.executable, "-m", "torch.distributed.run", "--nnodes", nodes, "--node-rank", rank,
        "--nproc-per-node", each, "--master-addr", "127.0.0.1", "--master-port", port,
        "-m", "s2s", *ARGUMENTS, "--set=train.steps=8", *arguments,
    ]  # fmt: skip
    return subprocess.Popen(
        list(map(str, command)),
        cwd=ROOT,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def finished(nodes: list[subprocess.Popen]) -> list[str]:
    """What each node printed; none may outlive the test."""
    try:
        told = [node.communicate(timeout=300) for node in nodes]
    finally:
        for node in nodes:
            node.kill()
    for node, (_, err) in zip(nodes, told, strict=True):
        assert node.returncode == 0, err[-3000:]
    return [out.strip() for out, _ in told]


def test_two_nodes_train_what_two_processes_of_one_train(folder, tmp_path):
    one, two = tmp_path / "one", tmp_path / "two"
    finished([torchrun(1, 0, 2, free_port(), "--data", folder, "--out", one)])
    port = free_port()
    nodes = [torchrun(2, rank, 1, port, "--data", folder, "--out", two) for rank in (0, 1)]
    assert finished(nodes) == [str(two), ""]  # of all processes one speaks
    same(one, two)
    assert (two / STATE).is_file()
    assert checkpoint.load(two).parameters > 0
