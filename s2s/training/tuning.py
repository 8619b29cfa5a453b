"""A search for options that train well: trials proposed by Optuna (Akiba et al. 2019), poor ones cut short.

Where it looks stands beside the options (``tune=`` of ``option``), or on the command line. A study is a
folder: ``study.db``, the best trial's checkpoint below ``trials/``. A study that was interrupted goes on where
it was, the interrupted trial included.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from s2s.config import Config, override, to_dict
from s2s.data.prepared import digest_of
from s2s.errors import S2SError
from s2s.models import MODELS, make_options
from s2s.options import Span, choices, span, spans
from s2s.training.folder import STATE, claimed
from s2s.training.loop import train
from s2s.training.state import read_state

Space = dict[str, Span | tuple[Any, ...]]
"""Option → where its values lie, or the values themselves."""
Pruner = Literal["median", "hyperband", "none"]
STUDY, TRIALS = "study.db", "trials"
FIRST = 5  # trials before any is cut short by the median of the others


@dataclass(frozen=True)
class Trial:
    """One training, as far as it went."""

    number: int
    """From 0, interrupted ones counted."""
    state: Literal["complete", "pruned", "failed"]
    value: float | None
    """The task's metric on validation, its best; of a pruned trial its last."""
    params: dict[str, Any]
    seconds: float
    steps: int
    why: str = ""
    """Of a failed one, in one sentence."""


@dataclass
class Study:
    """What has been tried."""

    trials: list[Trial] = field(default_factory=list)

    @property
    def best(self) -> Trial | None:
        """The first of the best complete trials."""
        done = [t for t in self.trials if t.state == "complete" and t.value is not None]
        return max(done, key=lambda t: (t.value or 0.0, -t.number), default=None)


# ------------------------------------------------------------------------------------------- where
def space_of(config: Config, wanted: Sequence[str]) -> Space:
    """Options to search over; nothing wanted: all that say where. Raises S2SError.

    ``name`` · ``name=low..high`` · ``name=a,b,c``.
    """
    cls = MODELS[config.architecture].config_class
    if not wanted:
        return {**spans(Config), **spans(cls, "model.")}
    space: Space = {}
    for text in wanted:
        name, sign, values = text.partition("=")
        name = name.strip()
        known = _known(cls, name)
        space[name] = _given(name, values, known) if sign else _declared(cls, name, known)
        _check(config, name, space[name])
    return space


def _owner(cls: type, name: str) -> tuple[type, str]:
    return (cls, name.removeprefix("model.")) if name.startswith("model.") else (Config, name)


def _known(cls: type, name: str) -> Span | None:
    try:
        return span(*_owner(cls, name))
    except (KeyError, ValueError):
        raise S2SError(f"There is no option {name[:60]!r} to search over.") from None


def _declared(cls: type, name: str, known: Span | None) -> Span | tuple[Any, ...]:
    """Where an option says, or all of its few values."""
    if known:
        return known
    with suppress(KeyError):
        return choices(*_owner(cls, name))
    raise S2SError(f"{name} does not say where to look: use {name}=LOW..HIGH or {name}=A,B.")


def _given(name: str, values: str, known: Span | None) -> Span | tuple[Any, ...]:
    """Bounds or values as a command line has them."""
    low, dots, high = values.partition("..")
    if not dots:
        return tuple(_value(v) for v in values.split(","))
    ends = _value(low), _value(high)
    if not all(type(v) in (int, float) for v in ends) or not ends[0] < ends[1]:
        raise S2SError(f"{name}={values[:60]} must be two numbers, the lower one first: LOW..HIGH.")
    log = bool(known and known.log and ends[0] > 0)
    step = known.step if known and known.step and known.step <= ends[1] - ends[0] else None
    return Span(*ends, log, step)


def _value(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text.strip()


def _check(config: Config, name: str, where: Span | tuple[Any, ...]) -> None:
    """Every end, or every value, is one that the option may have. Raises S2SError."""
    for value in where[:2] if isinstance(where, Span) else where:
        changed(config, {name: value})


def changed(config: Config, params: Mapping[str, Any]) -> Config:
    """A configuration with other options. Raises S2SError if it may not be."""
    found = override(config, [f"{name}={json.dumps(value)}" for name, value in params.items()])
    make_options(found.architecture, found.model)
    return found


# ------------------------------------------------------------------------------------------- study
def tune(
    config: Config,
    data: Path,
    out: Path,
    trials: int,
    space: Space,
    pruner: Pruner = "median",
    seed: int = 0,
) -> Iterator[Study]:
    """Train until ``trials`` have ended, those of earlier runs counted; yields after each. Raises S2SError.

    Ends early, and can go on later, if the training is told to stop.
    """
    optuna = _optuna()
    with claimed(out):
        study = _open(optuna, config, data, out, space, pruner, seed)
        _requeue(optuna, study)
        yield (found := _told(study))
        while len(found.trials) < trials:
            if not _run(optuna, study, config, data, out, space):
                raise KeyboardInterrupt
            found = _told(study)
            _tidy(out, study, found)
            yield found


def _optuna() -> Any:
    try:
        import optuna
    except ImportError:
        raise S2SError('Tuning needs Optuna: pip install "s2s[tune]".') from None
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    return optuna


def _open(
    optuna: Any, config: Config, data: Path, out: Path, space: Space, pruner: Pruner, seed: int
) -> Any:
    """The study in ``out``, new or as it was left. Raises S2SError if it is another one."""
    c = config.train
    pruners = {
        "median": lambda: optuna.pruners.MedianPruner(FIRST),
        "hyperband": lambda: optuna.pruners.HyperbandPruner(c.eval_every, c.steps),
        "none": optuna.pruners.NopPruner,
    }
    base = {k: v for k, v in to_dict(config).items() if k != "title"}
    about = json.dumps([base, space, pruner, digest_of(config, data, None)], sort_keys=True)
    asked = hashlib.sha256(about.encode()).hexdigest()[:16]
    try:
        study = optuna.create_study(
            storage=f"sqlite:///{(out / STUDY).resolve()}",
            study_name=config.name,
            direction="maximize",
            load_if_exists=True,
            pruner=pruners[pruner](),
        )
        # as many draws behind it as a study that was never interrupted would have
        study.sampler = optuna.samplers.TPESampler(seed=seed + len(study.trials))
        before = study.user_attrs.get("asked")
        if before is None:
            study.set_user_attr("asked", asked)
    except Exception as error:  # of a database there is no end of them
        why = " ".join(str(error).split())[:200]
        raise S2SError(f"The study in {out} cannot be opened ({why}).") from None
    if before not in (None, asked):
        raise S2SError(
            f"The study in {out} was begun with other options or data; choose another --out."
        )
    return study


def _requeue(optuna: Any, study: Any) -> None:
    """A trial that was interrupted is taken up again, its training where it was."""
    running, queued = optuna.trial.TrialState.RUNNING, optuna.trial.TrialState.WAITING
    waiting = [t.params for t in study.get_trials(states=(queued,))]
    for old in study.get_trials(states=(running,)):
        if old.params and old.params not in waiting:
            study.enqueue_trial(old.params, user_attrs={"folder": _folder(old)})
        study.tell(old.number, state=optuna.trial.TrialState.FAIL)


def _folder(trial: Any) -> str:
    return trial.user_attrs.get("folder", f"{trial.number:04}")


def _run(optuna: Any, study: Any, config: Config, data: Path, out: Path, space: Space) -> bool:
    """One more trial; false if it was interrupted."""
    trial = study.ask()
    params = {name: _suggest(trial, name, where) for name, where in space.items()}
    folder, begun = out / TRIALS / _folder(trial), time.monotonic()
    last, best = None, None
    try:
        whole = changed(config, params)
        for last in train(whole, data, folder, resume=(folder / STATE).exists()):
            best = last.best
            if last.metric is not None:
                trial.report(last.metric, last.step)
                if trial.should_prune():
                    break
        else:
            if not read_state(folder / STATE).ended(whole.train):
                return False
    except S2SError as error:
        trial.set_user_attr("why", str(error))
    trial.set_user_attr("seconds", round(time.monotonic() - begun, 1))
    trial.set_user_attr("steps", last.step if last else 0)
    state = optuna.trial.TrialState
    if "why" in trial.user_attrs:
        study.tell(trial, state=state.FAIL)
    elif trial.should_prune():
        study.tell(trial, state=state.PRUNED)
    else:
        study.tell(trial, best)
    return True


def _suggest(trial: Any, name: str, where: Span | tuple[Any, ...]) -> Any:
    if not isinstance(where, Span):
        return trial.suggest_categorical(name, list(where))
    if type(where.lo) is type(where.hi) is int:
        step = int(where.step or 1)
        return trial.suggest_int(name, where.lo, where.hi, step=step, log=where.log)
    return trial.suggest_float(name, where.lo, where.hi, step=where.step, log=where.log)


def _told(study: Any) -> Study:
    """What has ended so far; a trial that was interrupted has not."""
    found = Study()
    for t in study.trials:
        name = t.state.name
        if name == "COMPLETE" or name == "PRUNED" or (name == "FAIL" and "why" in t.user_attrs):
            state: Any = {"COMPLETE": "complete", "PRUNED": "pruned"}.get(name, "failed")
            seconds, steps = t.user_attrs.get("seconds", 0.0), t.user_attrs.get("steps", 0)
            value = None if state == "failed" else t.value
            if state == "pruned":
                value = t.intermediate_values[max(t.intermediate_values)]
            why = t.user_attrs.get("why", "")
            found.trials.append(Trial(t.number, state, value, t.params, seconds, steps, why))
    return found


def best_folder(out: Path, found: Study) -> Path | None:
    """Where the best trial's checkpoint is; None: no trial is complete."""
    kept = sorted((out / TRIALS).iterdir()) if found.best and (out / TRIALS).is_dir() else []
    return kept[0] if kept else None


def _tidy(out: Path, study: Any, found: Study) -> None:
    """Only the best trial's folder stays."""
    best = _folder(study.trials[found.best.number]) if found.best else ""
    for folder in (out / TRIALS).iterdir():
        if folder.name != best:
            shutil.rmtree(folder, ignore_errors=True)
