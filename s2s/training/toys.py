"""A toy training as a visitor orders it: two networks on the same lines, each in a process of its own."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated, Literal

import s2s
from s2s.config import Config, override
from s2s.data.toys import HELD_OUT, TOYS, lines_of, own_lines, write
from s2s.locale import later
from s2s.options import MAX_SEED, option, options
from s2s.text.capitals import shouted
from s2s.training.folder import STATE
from s2s.training.recipes import RECIPES
from s2s.training.state import read_state

NETWORKS = {"attention": "toy-attention", "plain": "toy-plain"}
"""What a network is called in addresses, and its recipe."""
OWN = "own"
MINUTES = 2
WATCHED = 3
DATA = "data"


@options
class Order:
    """What a visitor may choose."""

    toy: Annotated[
        Literal["reverse", "sort", "copy", "dates", "own"], option("What is to be learned.")
    ] = "reverse"
    steps: Annotated[int, option("Updates of the weights.", ge=50, le=1000, step=50)] = 800
    lr: Annotated[
        float,
        option(
            "Highest learning rate; too high, and nothing is learned.", ge=0.001, le=0.1, step=0.001
        ),
    ] = 0.005
    sampled: Annotated[
        float,
        option(
            "Share of the inputs that the decoder predicted itself, at the end of the training; "
            "0: teacher forcing throughout.",
            ge=0,
            le=1,
            step=0.05,
        ),
    ] = 0.0
    seed: Annotated[int, option("What chance begins from.", ge=0, le=MAX_SEED)] = 1


def title_of(order: Order) -> str:
    """What its models are called."""
    return later("Your lines") if order.toy == OWN else TOYS[order.toy].title


def prepare(order: Order, lines: str, folder: Path) -> list[str]:
    """Write the data of an order below ``folder``; what ``--set`` takes besides. Raises S2SError."""
    if order.toy == OWN:
        found = own_lines(lines)
        write(folder / DATA, found, max(5, len(found) // 8))
        loud = any(shouted(source) for source, _ in found)
        return ["data.augment.capitals=0.01"] if loud else []  # else they would be read in small
    write(folder / DATA, lines_of(order.toy), HELD_OUT)
    return []


def assignments(order: Order, network: str, more: list[str]) -> list[str]:
    """An order as ``--set`` takes it."""
    kind = {"attention": "with attention", "plain": "without attention"}[network]
    return [
        f"title={title_of(order)} · {kind}",
        f"train.steps={order.steps}",
        f"train.lr={order.lr:g}",
        f"train.scheduled_sampling={order.sampled:g}",
        f"train.seed={order.seed}",
        f"train.minutes={MINUTES}",
        f"train.eval_every={max(5, order.steps // 20)}",
        *more,
    ]


def config_of(order: Order, network: str, more: list[str]) -> Config:
    """The run's whole configuration."""
    return override(RECIPES[NETWORKS[network]], assignments(order, network, more))


def ended(order: Order, network: str, more: list[str], folder: Path) -> bool:
    """Whether its training has come to its own end. Raises S2SError if there is none."""
    train = config_of(order, network, more).train
    return bool(read_state(folder / network / STATE).ended(train))


def command(order: Order, network: str, more: list[str], folder: Path) -> list[str]:
    """The command line that trains a network in ``folder``, or goes on with it."""
    out = folder / network
    sets = [f"--set={text}" for text in assignments(order, network, more)]
    resume = ["--resume"] if (out / STATE).exists() else []
    return [
        *(sys.executable, "-m", "s2s", "train", NETWORKS[network], "--attended"),
        *(f"--data={folder / DATA}", f"--out={out}", f"--watch={WATCHED}", *resume, *sets),
    ]


def environment(folder: Path) -> dict[str, str]:
    """One thread a process, this very package, and a cache that goes with the folder."""
    path = [str(Path(s2s.__file__).parent.parent), os.environ.get("PYTHONPATH", "")]
    return os.environ | {
        "OMP_NUM_THREADS": "1",
        "OMP_WAIT_POLICY": "PASSIVE",
        "PYTHONPATH": os.pathsep.join(filter(None, path)),
        "S2S_CACHE": str(folder / "cache"),
    }
