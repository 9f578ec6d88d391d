"""Copies that `fit_replicas` trains in one program, each beside Keras's own training."""

import warnings
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import keras

import bital
from bital.errors import BitalError
from fuzz.case import Case
from fuzz.compare import Difference, Outcome, Refused, compared, nudged, spread_of
from fuzz.draw import case_of

COPIES = 3
_TAKEN = (
    *("epochs", "batch_size", "shuffle", "class_weight"),
    *("validation_split", "validation_batch_size"),
)
_CALLBACKS = ("EarlyStopping", "ReduceLROnPlateau", "TerminateOnNaN")


def results(seeds: range) -> Iterator[tuple[Case, str, list[Difference]]]:
    """Yield each case with what came of it, same, differs or refused, and the differences."""
    for seed in seeds:
        case = reduced(case_of(seed))
        try:
            found = differences(case)
        except Refused as error:
            yield case, f"refused: {error}", []
        else:
            yield case, "differs" if found else "same", found


def reduced(case: Case) -> Case:
    """Return a case without what `fit_replicas` does not take."""
    return replace(
        case,
        fit={name: value for name, value in case.fit.items() if name in _TAKEN},
        callbacks=tuple(c for c in case.callbacks if c.name in _CALLBACKS),
        feed="arrays",
        looks="",
    )


def differences(case: Case) -> list[Difference]:
    """Train copies by Keras, one after the other, and by bital, and return what differs.

    Raises:
        Refused: Keras or bital does not take the case.
    """
    seeds = [case.seed % 2**31 + k for k in range(COPIES)]
    theirs = _by_keras(case, seeds)
    try:
        ours = _by_bital(case, seeds)
    except BitalError as error:
        raise Refused(str(error)) from error
    except Exception as error:  # noqa: BLE001 - whatever bital raises where Keras does not
        return [Difference(f"{type(error).__name__}: {str(error)[:300]}", float("nan"), 0)]
    if not compared(ours, theirs, {}):
        return []
    spread = spread_of(theirs, [_by_keras(case, seeds, nudge) for nudge in (1, 2, 3)])
    return compared(ours, theirs, spread)


def _by_keras(case: Case, seeds: list[int], nudge: int = 0) -> Outcome:
    names = _names(case)
    trained: Outcome = {}
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            trained["trained"] = [_trained(case, names, seed, nudge) for seed in seeds]
    except Exception as error:
        raise Refused(str(error)) from error
    return trained


def _trained(case: Case, names: dict[str, Any], seed: int, nudge: int) -> list[Any]:
    keras.utils.clear_session(free_memory=False)
    keras.utils.set_random_seed(seed)
    model = names["build"]()
    x, y, how = _data(case, names)
    x = nudged(model, x, nudge) if nudge else x
    history = model.fit(x, y, callbacks=names["callbacks"](""), verbose=0, **how)
    return [dict(history.history), model.get_weights()]


def _by_bital(case: Case, seeds: list[int]) -> Outcome:
    names = _names(case)
    x, y, how = _data(case, names)
    keras.utils.clear_session(free_memory=False)

    def build() -> keras.Model:
        keras.utils.clear_session(free_memory=False)
        return names["build"]()

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        made = bital.fit_replicas(
            build, x, y, seeds=seeds, callbacks=names["callbacks"](""), packed=True, **how
        )
    pairs = zip(made.history, made.weights, strict=True)
    return {"trained": [[dict(history.history), weights] for history, weights in pairs]}


def _names(case: Case) -> dict[str, Any]:
    names: dict[str, Any] = {}
    exec(compile(case.program, "<case>", "exec"), names)
    return names


def _data(case: Case, names: dict[str, Any]) -> tuple[Any, Any, dict[str, Any]]:
    x, y, weights = names["data"](case.rows, case.seed)
    how = dict(names["settings"])
    if case.held_out:
        how["validation_data"] = names["data"](case.held_out, case.seed + 1)[:2]
    if case.weighted:
        how["sample_weight"] = [weights] * len(y) if isinstance(y, list) else weights
    return x, y, how
