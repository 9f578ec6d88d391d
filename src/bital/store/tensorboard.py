"""A run as TensorBoard reads it."""

import json
from pathlib import Path

import numpy as np

from bital.errors import InvalidInput
from bital.store.run import Run
from bital.store.store import Store


def write_events(store: Store, run: Run, folder: Path) -> None:
    """Write one event file into a folder: a scalar an epoch, scores at the end, the spec as text.

    Args:
        store: where the run is.
        run: its arrays named "history" hold one value an epoch under each key; without them only
            metrics and scores are written, at step 0.
        folder: one of the run's own; TensorBoard shows its name.

    Raises:
        InvalidInput: TensorBoard is not installed.
    """
    try:
        from tensorboard.compat.proto.event_pb2 import Event
        from tensorboard.compat.proto.summary_pb2 import Summary, SummaryMetadata
        from tensorboard.compat.proto.tensor_pb2 import TensorProto
        from tensorboard.compat.proto.types_pb2 import DT_STRING
        from tensorboard.summary.writer.event_file_writer import EventFileWriter
    except ImportError as error:
        raise InvalidInput(
            f"event files are written by TensorBoard; it cannot be imported ({error}). "
            "Install bital[tensorboard]."
        ) from error
    steps = series(store, run)
    last = max((len(values) for values in steps.values()), default=1) - 1
    points = [
        (step, key, value) for key, values in steps.items() for step, value in enumerate(values)
    ]
    points += [(last, f"score/{key}", value) for key, value in run.scores.items()]
    said = json.dumps(dict(run.origin.spec), ensure_ascii=False, indent=2)
    text = Summary.Value(
        tag="spec",
        metadata=SummaryMetadata(plugin_data=SummaryMetadata.PluginData(plugin_name="text")),
        tensor=TensorProto(dtype=DT_STRING, string_val=[f"```\n{said}\n```".encode()]),
    )
    when = run.ended or run.started
    writer = EventFileWriter(str(folder))
    try:
        writer.add_event(Event(wall_time=when, step=0, summary=Summary(value=[text])))
        for step, key, value in sorted(points, key=lambda point: point[:2]):
            scalar = Summary.Value(tag=key, simple_value=value)
            writer.add_event(Event(wall_time=when, step=step, summary=Summary(value=[scalar])))
    finally:
        writer.close()


def series(store: Store, run: Run) -> dict[str, list[float]]:
    """Return a run's value at each epoch by Keras's names, or its last ones if it has no more."""
    if "history" not in run.blobs:
        return {key: [float(value)] for key, value in run.metrics.items()}
    history = store.read(run, "history")
    return {key: np.asarray(value, float).reshape(-1).tolist() for key, value in history.items()}
