"""What layers take beside their sizes: activations, initializers, regularizers, constraints."""

from collections.abc import Callable
from typing import Any

from fuzz.call import Call, call
from fuzz.chance import Chance

Draw = Callable[[Chance], Call]

ACTIVATIONS = (
    *("celu", "elu", "exponential", "gelu", "hard_shrink", "hard_sigmoid", "hard_silu"),
    *("hard_tanh", "leaky_relu", "linear", "log_sigmoid", "log_softmax", "mish", "relu", "relu6"),
    *("selu", "sigmoid", "silu", "soft_shrink", "softmax", "softplus", "softsign", "sparse_plus"),
    *("sparse_sigmoid", "sparsemax", "squareplus", "tanh", "tanh_shrink"),
)
"Activations that keep the shape and need no argument; glu and threshold are layers in `LAYERS`."

INITIALIZERS: dict[str, Draw] = {
    "Constant": lambda r: call("initializers.Constant", value=r.rounded(-0.5, 0.5)),
    "GlorotNormal": lambda r: call("initializers.GlorotNormal"),
    "GlorotUniform": lambda r: call("initializers.GlorotUniform"),
    "HeNormal": lambda r: call("initializers.HeNormal"),
    "HeUniform": lambda r: call("initializers.HeUniform"),
    "Identity": lambda r: call("initializers.Identity", gain=r.rounded(0.5, 1)),
    "LecunNormal": lambda r: call("initializers.LecunNormal", seed=r.randint(0, 99)),
    "LecunUniform": lambda r: call("initializers.LecunUniform"),
    "Ones": lambda r: call("initializers.Ones"),
    "Orthogonal": lambda r: call("initializers.Orthogonal", gain=r.rounded(0.5, 1.5)),
    "RandomNormal": lambda r: call("initializers.RandomNormal", stddev=r.rounded(0.01, 0.5)),
    "RandomUniform": lambda r: call("initializers.RandomUniform", minval=-0.3, maxval=0.3),
    "TruncatedNormal": lambda r: call("initializers.TruncatedNormal", stddev=0.3),
    "VarianceScaling": lambda r: call(
        "initializers.VarianceScaling", scale=r.rounded(0.5, 2), mode="fan_avg"
    ),
    "Zeros": lambda r: call("initializers.Zeros"),
}

REGULARIZERS: dict[str, Draw] = {
    "L1": lambda r: call("regularizers.L1", l1=r.rounded(0.001, 0.02)),
    "L2": lambda r: call("regularizers.L2", l2=r.rounded(0.001, 0.05)),
    "L1L2": lambda r: call("regularizers.L1L2", l1=r.rounded(0.001, 0.01), l2=0.01),
    "OrthogonalRegularizer": lambda r: call(
        "regularizers.OrthogonalRegularizer", factor=0.01, mode=r.choice(["rows", "columns"])
    ),
}

CONSTRAINTS: dict[str, Draw] = {
    "MaxNorm": lambda r: call("constraints.MaxNorm", max_value=r.rounded(0.5, 2), axis=0),
    "MinMaxNorm": lambda r: call(
        "constraints.MinMaxNorm", min_value=0.3, max_value=1.0, rate=r.choice([1.0, 0.5])
    ),
    "NonNeg": lambda r: call("constraints.NonNeg"),
    "UnitNorm": lambda r: call("constraints.UnitNorm", axis=0),
}


def activation(r: Chance) -> str:
    """Draw an activation: half of them ReLU or linear, which is what people use."""
    return r.choice(["relu", "linear", r.choice(ACTIVATIONS), r.choice(ACTIVATIONS)])


def initializer(r: Chance) -> Any:
    return INITIALIZERS[r.choice(list(INITIALIZERS))](r)


def regularizer(r: Chance) -> Any:
    return REGULARIZERS[r.choice([k for k in REGULARIZERS if k != "OrthogonalRegularizer"])](r)


def constraint(r: Chance) -> Any:
    return CONSTRAINTS[r.choice(list(CONSTRAINTS))](r)


def weighted(r: Chance, *names: str, activated: bool = True) -> dict[str, Any]:
    """Draw arguments of a layer with weights of these names, for instance kernel and bias."""
    drawn: dict[str, Any] = {"activation": activation(r)} if activated and r.maybe(0.6) else {}
    for name in names:
        drawn |= r.some(
            0.12,
            **{
                f"{name}_initializer": vector if name in _VECTORS else initializer,
                f"{name}_regularizer": regularizer,
                f"{name}_constraint": constraint,
            },
        )
    if activated:
        drawn |= r.some(0.05, activity_regularizer=regularizer)
    if "bias" in names:
        drawn |= r.some(0.2, use_bias=[False])
    return drawn


def vector(r: Chance) -> Any:
    """Draw an initializer that can make a vector."""
    names = [k for k in INITIALIZERS if k not in ("Identity", "Orthogonal")]
    return INITIALIZERS[r.choice(names)](r)


_VECTORS = ("bias", "beta", "gamma", "alpha")
