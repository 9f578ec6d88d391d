"""What watches a training: a user's batch hook, Keras's early stopping and learning rate rules."""

from rows import Row

PATIENCE = {"stop": 10_000, "reduce": 20}
"Epochs without improvement: stopping, which never comes, and the learning rate's reduction."
FACTOR, LEAST = 0.5, 1e-5
"What the learning rate is multiplied by, and its lower bound."
MIN_DELTA = 1e-4


def callbacks(row: Row) -> list:
    """The row's Keras callbacks, made anew for each call of `fit`."""
    import keras

    class BatchLosses(keras.callbacks.Callback):
        """A user's own callback: the loss after every batch."""

        def __init__(self) -> None:
            super().__init__()
            self.losses: list[float] = []

        def on_train_batch_end(self, batch: int, logs: dict | None = None) -> None:
            self.losses.append(logs["loss"])

        def on_train_end(self, logs: dict | None = None) -> None:
            if len(self.losses) != row.steps:
                raise RuntimeError(f"{row.steps} steps, but {len(self.losses)} calls of the hook")

    class Rates(keras.callbacks.Callback):
        """A user's own callback: what the optimizer's learning rate is after every batch."""

        def __init__(self) -> None:
            super().__init__()
            self.rates: list[float] = []

        def on_train_batch_end(self, batch: int, logs: dict | None = None) -> None:
            self.rates.append(float(self.model.optimizer.learning_rate))

    match row.callbacks:
        case "batch_hook":
            return [BatchLosses()]
        case "batch_look":
            return [Rates()]
        case "rules":
            stop = keras.callbacks.EarlyStopping(
                "val_loss", patience=PATIENCE["stop"], restore_best_weights=True
            )
            reduce = keras.callbacks.ReduceLROnPlateau(
                "val_loss", FACTOR, PATIENCE["reduce"], min_delta=MIN_DELTA, min_lr=LEAST
            )
            return [stop, reduce]
        case _:
            return []
