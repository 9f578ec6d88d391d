"""Optimizers, callbacks and the arguments of fit."""

from collections.abc import Callable
from typing import Any

from fuzz.call import Call, Code, call
from fuzz.chance import Chance

Draw = Callable[[Chance], Call]

SCHEDULES: dict[str, Draw] = {
    "CosineDecay": lambda r: call(
        "optimizers.schedules.CosineDecay",
        r.some(0.5, alpha=[0.1]),
        initial_learning_rate=0.02,
        decay_steps=5,
    ),
    "CosineDecayRestarts": lambda r: call(
        "optimizers.schedules.CosineDecayRestarts", initial_learning_rate=0.02, first_decay_steps=3
    ),
    "ExponentialDecay": lambda r: call(
        "optimizers.schedules.ExponentialDecay",
        r.some(0.5, staircase=[True]),
        initial_learning_rate=0.02,
        decay_steps=2,
        decay_rate=0.7,
    ),
    "InverseTimeDecay": lambda r: call(
        "optimizers.schedules.InverseTimeDecay",
        initial_learning_rate=0.02,
        decay_steps=2,
        decay_rate=0.5,
    ),
    "PiecewiseConstantDecay": lambda r: call(
        "optimizers.schedules.PiecewiseConstantDecay", boundaries=[1, 3], values=[0.02, 0.01, 0.005]
    ),
    "PolynomialDecay": lambda r: call(
        "optimizers.schedules.PolynomialDecay",
        r.some(0.5, power=[2.0], cycle=[True]),
        initial_learning_rate=0.02,
        decay_steps=4,
    ),
}


def _rate(r: Chance) -> Any:
    if r.maybe(0.2):
        return SCHEDULES[r.choice(list(SCHEDULES))](r)
    return r.rounded(0.001, 0.05)


def _any_optimizer(r: Chance) -> dict[str, Any]:
    drawn = {"learning_rate": _rate(r)} if r.maybe(0.7) else {}
    drawn |= r.some(0.15, weight_decay=[0.01])
    if r.maybe(0.2):
        drawn |= r.choice([{"clipnorm": 0.5}, {"clipvalue": 0.1}, {"global_clipnorm": 0.7}])
    if r.maybe(0.12):
        drawn |= {"use_ema": True, "ema_momentum": 0.7} | r.some(0.5, ema_overwrite_frequency=[2])
    return drawn | r.some(0.1, gradient_accumulation_steps=[2], loss_scale_factor=[8.0])


def _optimizer(name: str, **choices: Any) -> Draw:
    return lambda r: call(f"optimizers.{name}", _any_optimizer(r) | r.some(0.25, **choices))


_BETAS = {"beta_1": [0.5, 0.8], "beta_2": [0.9], "epsilon": [1e-5, 1e-2]}

OPTIMIZERS: dict[str, Draw] = {
    "SGD": _optimizer("SGD", momentum=[0.5, 0.9], nesterov=[True]),
    "Adam": _optimizer("Adam", amsgrad=[True], **_BETAS),
    "AdamW": _optimizer("AdamW", **_BETAS),
    "Adamax": _optimizer("Adamax", **_BETAS),
    "Nadam": _optimizer("Nadam", **_BETAS),
    "RMSprop": _optimizer("RMSprop", rho=[0.5], momentum=[0.5], centered=[True], epsilon=[1e-3]),
    "Adagrad": _optimizer("Adagrad", initial_accumulator_value=[0.01], epsilon=[1e-3]),
    "Adadelta": _optimizer("Adadelta", rho=[0.5], epsilon=[1e-3]),
    "Adafactor": _optimizer("Adafactor", relative_step=[False], clip_threshold=[0.5]),
    "Ftrl": _optimizer(
        "Ftrl", l1_regularization_strength=[0.01], l2_regularization_strength=[0.01], beta=[0.1]
    ),
    "Lamb": _optimizer("Lamb", **_BETAS),
    "Lion": _optimizer("Lion", beta_1=[0.5]),
    "Muon": _optimizer("Muon", momentum=[0.5], nesterov=[False]),
    "ScheduleFreeAdamW": lambda r: call(
        "optimizers.ScheduleFreeAdamW", r.some(0.4, beta_1=[0.8], warmup_steps=[2])
    ),
    "LossScaleOptimizer": lambda r: call(
        "optimizers.LossScaleOptimizer",
        r.some(0.5, initial_scale=[8.0], dynamic_growth_steps=[2]),
        inner_optimizer=OPTIMIZERS[r.choice(["SGD", "Adam"])](r),
    ),
    "MultiOptimizer": lambda r: call(
        "optimizers.MultiOptimizer",
        optimizer_map=Code(
            "keras.optimizers.OptimizerMap(keras.optimizers.Adam(0.01), "
            '{r".*kernel.*": keras.optimizers.SGD(0.01)})'
        ),
    ),
}

_MONITORS = ["loss", "val_loss"]

CALLBACKS: dict[str, Draw] = {
    "EarlyStopping": lambda r: call(
        "callbacks.EarlyStopping",
        r.some(
            0.3,
            patience=[1],
            min_delta=[0.001, 0.5],
            mode=["max"],
            start_from_epoch=[1],
            baseline=[0.5],
        )
        | r.some(0.6, restore_best_weights=[True]),
        monitor=r.choice(_MONITORS),
    ),
    "ReduceLROnPlateau": lambda r: call(
        "callbacks.ReduceLROnPlateau",
        r.some(0.4, cooldown=[1], min_lr=[0.001], mode=["max"], min_delta=[0.5]),
        monitor=r.choice(_MONITORS),
        patience=1,
        factor=0.3,
    ),
    "ModelCheckpoint": lambda r: call(
        "callbacks.ModelCheckpoint",
        r.some(0.5, mode=["max"]),
        filepath=Code('folder + "/best.weights.h5"'),
        monitor=r.choice(_MONITORS),
        save_best_only=True,
        save_weights_only=True,
    ),
    "BackupAndRestore": lambda r: call(
        "callbacks.BackupAndRestore", backup_dir=Code('folder + "/backup"')
    ),
    "TerminateOnNaN": lambda r: call("callbacks.TerminateOnNaN"),
    "CSVLogger": lambda r: call("callbacks.CSVLogger", filename=Code('folder + "/log.csv"')),
    "LearningRateScheduler": lambda r: call(
        "callbacks.LearningRateScheduler",
        schedule=r.choice(
            [Code("lambda epoch: 0.02 / (epoch + 1)"), Code("lambda epoch, rate: rate * 0.8")]
        ),
    ),
    "LambdaCallback": lambda r: call(
        "callbacks.LambdaCallback",
        **{
            r.choice(["on_epoch_end", "on_train_batch_end"]): Code("lambda number, logs: None"),
        },
    ),
    "SwapEMAWeights": lambda r: call("callbacks.SwapEMAWeights"),
}
