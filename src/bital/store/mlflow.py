"""Runs as MLflow tracks them."""

import tempfile
from collections.abc import Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from bital.errors import InvalidInput, StoreFailure
from bital.store.canonical import canonical
from bital.store.run import Run
from bital.store.store import Store
from bital.store.tensorboard import series

_STATUS = {"finished": "FINISHED", "interrupted": "KILLED"}
_BATCH = 1000  # metrics MLflow takes at once
_LONGEST = 500  # characters of a parameter that every MLflow takes


def track(store: Store, runs: Sequence[Run], uri: str) -> int:
    """Send runs to MLflow, each study as an experiment; those sent before or running are left out.

    Args:
        store: where the runs are.
        runs: the spec becomes parameters ("optimizer.name"), history becomes metrics an epoch,
            scores metrics named "score/...", arrays files.
        uri: "sqlite:///mlflow.db" or a tracking server's address.

    Returns:
        How many were sent.

    Raises:
        InvalidInput: MLflow is not installed.
        StoreFailure: MLflow refused.
    """
    try:
        from mlflow.exceptions import MlflowException
        from mlflow.tracking import MlflowClient
    except ImportError as error:
        raise InvalidInput(
            f"MLflow's tracking is written by MLflow; it cannot be imported ({error}). "
            "Install bital[mlflow]."
        ) from error
    sent = 0
    try:
        client = MlflowClient(tracking_uri=uri)
        for run in (run for run in runs if run.status != "running"):
            experiment = _experiment(client, run.study or "bital")
            same = f"tags.`bital.key` = '{run.key}' and attributes.status != 'RUNNING'"
            if not client.search_runs([experiment], same, max_results=1):
                _send(client, experiment, store, run)
                sent += 1
    except MlflowException as error:
        raise StoreFailure(
            f"MLflow must take the runs; after {sent} of them {uri} said: {error}. What was sent "
            "stays; start the same command again for the rest."
        ) from error
    return sent


def _experiment(client: Any, name: str) -> str:
    found = client.get_experiment_by_name(name)
    return str(found.experiment_id if found else client.create_experiment(name))


def _send(client: Any, experiment: str, store: Store, run: Run) -> None:
    from mlflow.entities import Metric, Param

    began, ended = round(1000 * run.started), round(1000 * (run.ended or run.started))
    tags = {"bital.key": run.key, "bital.status": run.status, "bital.host": run.host}
    name = f"{run.name} {run.origin.seed}".strip()
    made = client.create_run(experiment, start_time=began, tags=tags, run_name=name).info.run_id
    steps = series(store, run)
    points = [
        Metric(key, value, ended, step)
        for key, values in steps.items()
        for step, value in enumerate(values)
    ]
    last = max((len(values) for values in steps.values()), default=1) - 1
    points += [Metric(f"score/{key}", value, ended, last) for key, value in run.scores.items()]
    waiting = iter(points)
    while batch := list(islice(waiting, _BATCH)):
        client.log_batch(made, metrics=batch)
    origin = run.origin
    facts = {"data": origin.data, "code": origin.code, "seed": origin.seed, "split": origin.split}
    for key, value in _flat({**facts, "spec": origin.spec}).items():
        client.log_batch(made, params=[Param(key, value[:_LONGEST])])
    with tempfile.TemporaryDirectory() as folder:
        for blob in run.blobs:
            path = Path(folder, f"{blob}.npz")
            path.write_bytes(store.file(run, blob))
            client.log_artifact(made, str(path))
    # Last: a run that was cut off while it was sent still says RUNNING, and is sent anew.
    client.set_terminated(made, _STATUS.get(run.status, "FAILED"), end_time=ended)


def _flat(value: Any, name: str = "") -> dict[str, str]:
    if not isinstance(value, Mapping) or not value:
        return {name: value if isinstance(value, str) else canonical(value)}
    flat: dict[str, str] = {}
    for key, item in value.items():
        flat |= _flat(item, f"{name}.{key}" if name else key)
    return flat
