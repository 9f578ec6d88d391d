"""Every layer of Keras that can stand in a random model, by what it reads."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from fuzz.call import Call, Code, call
from fuzz.chance import Chance
from fuzz.weights import activation, regularizer, weighted

Shape = tuple[int, ...]


@dataclass(frozen=True)
class Entry:
    """How a layer is drawn."""

    draw: Callable[[Chance, Shape], Call]
    """from a shape without rows"""
    ranks: tuple[int, ...]
    """ranks it reads, without rows"""
    reads: int = 1
    """tensors it reads: 2 are alike in shape and given as a list"""
    apart: bool = False
    """two tensors are two arguments"""
    tokens: bool = False
    """it reads whole numbers"""
    pick: int | None = None
    """which of its outputs goes on"""
    pixels: bool = False
    """it reads images from 0 to 255"""


ANY = (1, 2, 3, 4)
LAYERS: dict[str, Entry] = {}


def _add(
    name: str, ranks: Any, draw: Callable[[Chance, Shape], dict[str, Any]], **how: Any
) -> None:
    ranks = (ranks,) if isinstance(ranks, int) else ranks

    def drawn(r: Chance, shape: Shape) -> Call:
        arguments = draw(r, shape)
        needed = arguments.pop("needed", {})
        return call(f"layers.{name}", arguments, **needed)

    LAYERS[name] = Entry(drawn, ranks, **how)


def _needs(r: Chance, optional: dict[str, Any] | None = None, /, **needed: Any) -> dict[str, Any]:
    return {"needed": needed, **(optional or {})}


def _nothing(r: Chance, shape: Shape) -> dict[str, Any]:
    return {}


# Core
_add("Dense", ANY, lambda r, s: _needs(r, weighted(r, "kernel", "bias"), units=r.randint(1, 6)))
_add(
    "EinsumDense",
    2,
    lambda r, s: _needs(
        r,
        weighted(r, "kernel", "bias") | r.some(0.5, bias_axes=["d"]),
        equation="abc,cd->abd",
        output_shape=(s[0], r.randint(1, 5)),
    ),
)
_add(
    "Embedding",
    (1, 2),
    lambda r, s: _needs(
        r,
        weighted(r, "embeddings", activated=False) | r.some(0.4, mask_zero=[True]),
        input_dim=12,
        output_dim=r.randint(1, 4),
    ),
    tokens=True,
)
_add(
    "ReversibleEmbedding",
    1,
    lambda r, s: _needs(
        r, r.some(0.3, tie_weights=[False], mask_zero=[True]), input_dim=12, output_dim=3
    ),
    tokens=True,
)
_add(
    "CategoryEncoding",
    1,
    lambda r, s: _needs(r, {}, num_tokens=12, output_mode=r.choice(["multi_hot", "count"])),
    tokens=True,
)
_add("Identity", ANY, _nothing)
_add(
    "Lambda",
    ANY,
    lambda r, s: _needs(
        r,
        {},
        function=r.choice(
            [
                Code("lambda x: 2.0 * x + 1.0"),
                Code("lambda x: keras.ops.tanh(x) - x"),
                Code("lambda x: keras.activations.threshold(x, 0.1, 0.05)"),
            ]
        ),
    ),
)
_add("Masking", 2, lambda r, s: _needs(r, {}, mask_value=0.0))
_add(
    "Activation",
    ANY,
    lambda r, s: _needs(
        r, {}, activation="glu" if s[-1] % 2 == 0 and r.maybe(0.1) else activation(r)
    ),
)
_add(
    "ReLU",
    ANY,
    lambda r, s: r.some(0.25, max_value=[0.8, 6.0], negative_slope=[0.1], threshold=[0.2]),
)
_add("LeakyReLU", ANY, lambda r, s: r.some(0.5, negative_slope=[0.1, 0.5]))
_add("ELU", ANY, lambda r, s: r.some(0.5, alpha=[0.5, 1.5]))
_add(
    "PReLU",
    ANY,
    lambda r, s: (
        weighted(r, "alpha", activated=False)
        | ({"shared_axes": list(range(1, len(s)))} if len(s) > 1 and r.maybe() else {})
    ),
)
_add("Softmax", ANY, lambda r, s: {"axis": r.choice([-1, 1])} if r.maybe() else {})

# Convolution
for rank in (1, 2, 3):

    def _convolution(
        r: Chance, s: Shape, rank: int = rank, depthwise: bool = False
    ) -> dict[str, Any]:
        drawn = weighted(r, *(("depthwise",) if depthwise else ("kernel",)), "bias")
        drawn |= r.some(0.4, padding=["same", "valid"])
        drawn |= r.choice([{}, {}, {"strides": r.choice([1, 2])}, {"dilation_rate": 2}])
        size = r.randint(1, 3)
        if rank > 1 and r.maybe(0.2):
            size = tuple(r.randint(1, 3) for _ in range(rank))
        return _needs(r, drawn, kernel_size=size)

    def _plain(r: Chance, s: Shape, draw: Any = _convolution) -> dict[str, Any]:
        drawn = draw(r, s)
        drawn["needed"]["filters"] = r.choice([1, 2, 3, 4, 8, 16])
        if s[-1] % 2 == 0 and drawn["needed"]["filters"] % 2 == 0:
            drawn |= r.some(0.15, groups=[2])
        return drawn

    def _depthwise(r: Chance, s: Shape, draw: Any = _convolution) -> dict[str, Any]:
        return draw(r, s, depthwise=True) | r.some(0.3, depth_multiplier=[2])

    def _separable(r: Chance, s: Shape, draw: Any = _convolution) -> dict[str, Any]:
        drawn = draw(r, s, depthwise=True) | r.some(0.3, depth_multiplier=[2])
        drawn["needed"]["filters"] = r.randint(1, 4)
        return drawn | r.some(0.1, pointwise_regularizer=regularizer)

    def _transposed(r: Chance, s: Shape, draw: Any = _convolution) -> dict[str, Any]:
        drawn = draw(r, s)
        drawn.pop("dilation_rate", None)
        drawn["needed"]["filters"] = r.randint(1, 4)
        return drawn

    _add(f"Conv{rank}D", rank + 1, _plain)
    _add(f"Conv{rank}DTranspose", rank + 1, _transposed)
    if rank < 3:
        _add(f"DepthwiseConv{rank}D", rank + 1, _depthwise)
        _add(f"SeparableConv{rank}D", rank + 1, _separable)

# Pooling
for rank in (1, 2, 3):

    def _pooling(r: Chance, s: Shape) -> dict[str, Any]:
        return _needs(
            r,
            r.some(0.3, strides=[1, 2, 3], padding=["same"]),
            pool_size=r.choice([2, 2, 3]),
        )

    def _adaptive(r: Chance, s: Shape) -> dict[str, Any]:
        return _needs(r, {}, output_size=r.randint(1, max(1, min(s[:-1]))))

    for kind in ("Max", "Average"):
        _add(f"{kind}Pooling{rank}D", rank + 1, _pooling)
        _add(f"Global{kind}Pooling{rank}D", rank + 1, lambda r, s: r.some(0.2, keepdims=[True]))
        _add(f"Adaptive{kind}Pooling{rank}D", rank + 1, _adaptive)

# Normalization
_add(
    "BatchNormalization",
    ANY,
    lambda r, s: (
        r.some(
            0.2,
            momentum=[0.5, 0.9],
            epsilon=[1e-5, 1e-2],
            center=[False],
            scale=[False],
            axis=[1, -1],
            trainable=[False],
        )
        | weighted(r, "beta", "gamma", activated=False)
    ),
)
_add(
    "LayerNormalization",
    ANY,
    lambda r, s: (
        r.some(0.2, epsilon=[1e-5], center=[False], scale=[False])
        | weighted(r, "beta", "gamma", activated=False)
    ),
)
_add("RMSNormalization", ANY, lambda r, s: r.some(0.3, epsilon=[1e-5]))
_add(
    "GroupNormalization",
    ANY,
    lambda r, s: {
        "groups": r.choice([-1, *(g for g in (1, 2, 3) if s[-1] % g == 0)]),
        **r.some(0.2, center=[False], scale=[False]),
    },
)
_add("UnitNormalization", ANY, _nothing)
_add(
    "SpectralNormalization",
    ANY,
    lambda r, s: _needs(
        r,
        {},
        layer=r.choice(
            [
                call("layers.Dense", units=3),
                *([call("layers.Conv2D", filters=3, kernel_size=2)] if len(s) == 3 else []),
            ]
        ),
    ),
)
_add(
    "Normalization",
    ANY,
    lambda r, s: _needs(
        r, r.some(0.2, invert=[True]), mean=r.rounded(-1, 1), variance=r.rounded(0.5, 2)
    ),
)

# Regularization
for name in ("Dropout", "AlphaDropout", "GaussianDropout"):
    _add(name, ANY, lambda r, s: _needs(r, r.some(0.2, seed=[7]), rate=r.rounded(0.1, 0.6)))
_add(
    "GaussianNoise", ANY, lambda r, s: _needs(r, r.some(0.2, seed=[7]), stddev=r.rounded(0.1, 0.5))
)
for rank in (1, 2, 3):
    _add(f"SpatialDropout{rank}D", rank + 1, lambda r, s: _needs(r, {}, rate=r.rounded(0.1, 0.6)))
_add("ActivityRegularization", ANY, lambda r, s: {"l1": 0.01, "l2": r.rounded(0.001, 0.05)})

# Shapes
_add("Flatten", ANY, _nothing)
_add(
    "Permute",
    (2, 3, 4),
    lambda r, s: _needs(r, {}, dims=tuple(r.sample(range(1, len(s) + 1), len(s)))),
)
_add("RepeatVector", 1, lambda r, s: _needs(r, {}, n=r.randint(1, 4)))
_add(
    "Reshape",
    ANY,
    lambda r, s: _needs(r, {}, target_shape=r.choice([(-1,), (-1, s[-1]), (1, *s), (*s, 1)])),
)
for rank in (1, 2, 3):
    _add(f"Cropping{rank}D", rank + 1, lambda r, s: {"cropping": 1})
    _add(f"ZeroPadding{rank}D", rank + 1, lambda r, s: {"padding": r.choice([1, 2])})
    _add(
        f"UpSampling{rank}D",
        rank + 1,
        lambda r, s: {"size": 2} | (r.some(0.3, interpolation=["bilinear"]) if len(s) == 3 else {}),
    )

# Several tensors
for name in ("Add", "Average", "Maximum", "Minimum", "Multiply", "Subtract", "Concatenate"):
    _add(name, ANY, _nothing, reads=2)
_add(
    "Dot",
    (1, 2),
    lambda r, s: _needs(r, r.some(0.3, normalize=[True]), axes=r.choice([1, -1])),
    reads=2,
)
_add(
    "Attention",
    2,
    lambda r, s: r.some(0.3, use_scale=[True], score_mode=["concat"], dropout=[0.2]),
    reads=2,
)
_add("AdditiveAttention", 2, lambda r, s: r.some(0.3, use_scale=[False], dropout=[0.2]), reads=2)
_add(
    "MultiHeadAttention",
    (2,),
    lambda r, s: _needs(
        r,
        r.some(0.2, value_dim=[3], dropout=[0.2], use_bias=[False], output_shape=[3]),
        num_heads=r.randint(1, 2),
        key_dim=r.randint(1, 3),
    ),
    reads=2,
    apart=True,
)
_add(
    "GroupQueryAttention",
    2,
    lambda r, s: _needs(
        r,
        r.some(0.2, dropout=[0.2], use_bias=[False]),
        head_dim=2,
        num_query_heads=2,
        num_key_value_heads=r.choice([1, 2]),
    ),
    reads=2,
    apart=True,
)


# Recurrence
def _recurrent(r: Chance, s: Shape, cell: bool = False) -> dict[str, Any]:
    drawn = weighted(r, "kernel", "recurrent", "bias", activated=False)
    drawn |= r.some(0.15, activation=activation, dropout=[0.2], recurrent_dropout=[0.2])
    if not cell:
        drawn.pop("recurrent_dropout", None)
        drawn |= r.some(0.2, return_sequences=[True], go_backwards=[True], unroll=[True])
    return _needs(r, drawn, units=r.randint(1, 4))


def _cell(r: Chance, s: Shape) -> Call:
    name = r.choice(["LSTMCell", "GRUCell", "SimpleRNNCell"])
    drawn = _recurrent(r, s, cell=True)
    return call(
        f"layers.{name}", {k: v for k, v in drawn.items() if k != "needed"}, **drawn["needed"]
    )


for name in ("LSTM", "GRU", "SimpleRNN"):
    _add(
        name,
        2,
        lambda r, s, name=name: (
            _recurrent(r, s) | (r.some(0.2, reset_after=[False]) if name == "GRU" else {})
        ),
    )
_add(
    "RNN",
    2,
    lambda r, s: _needs(
        r, r.some(0.3, return_sequences=[True], go_backwards=[True]), cell=_cell(r, s)
    ),
)
_add("StackedRNNCells", 2, lambda r, s: _needs(r, {}, cells=[_cell(r, s), _cell(r, s)]))
for name in ("LSTMCell", "GRUCell", "SimpleRNNCell"):
    _add(name, 2, lambda r, s: _recurrent(r, s, cell=True))
_add(
    "Bidirectional",
    2,
    lambda r, s: _needs(
        r,
        r.some(0.4, merge_mode=["sum", "mul", "ave"]),
        layer=LAYERS[r.choice(["LSTM", "GRU", "SimpleRNN"])].draw(r, s),
    ),
)
_add(
    "TimeDistributed",
    (2, 3, 4),
    lambda r, s: _needs(
        r,
        {},
        layer=(
            LAYERS[r.choice(["Conv2D", "MaxPooling2D", "Flatten"])].draw(r, s[1:])
            if len(s) == 4
            else LAYERS[r.choice(["Dense", "BatchNormalization", "Dropout"])].draw(r, s[1:])
        ),
    ),
)
for rank in (1, 2, 3):
    _add(
        f"ConvLSTM{rank}D",
        rank + 2,
        lambda r, s: _needs(
            r,
            r.some(0.2, return_sequences=[True], padding=["same"], dropout=[0.2]),
            filters=r.randint(1, 2),
            kernel_size=r.choice([1, 2]),
        ),
    )

# Preprocessing that is part of a network
_add("Rescaling", ANY, lambda r, s: _needs(r, {}, scale=r.rounded(0.5, 2), offset=r.rounded(-1, 1)))
_add(
    "Resizing",
    3,
    lambda r, s: _needs(
        r,
        r.some(0.3, interpolation=["nearest"], crop_to_aspect_ratio=[True]),
        height=r.randint(2, 7),
        width=r.randint(2, 7),
    ),
)
_add("CenterCrop", 3, lambda r, s: _needs(r, {}, height=max(1, s[0] - 1), width=max(1, s[1] - 2)))
_add("Discretization", ANY, lambda r, s: _needs(r, {}, bin_boundaries=[-0.5, 0.1, 0.7]))
_add(
    "Pipeline",
    3,
    lambda r, s: _needs(
        r,
        {},
        layers=[call("layers.Rescaling", scale=0.5), call("layers.RandomFlip", mode="horizontal")],
    ),
)
_add(
    "STFTSpectrogram",
    2,
    lambda r, s: _needs(r, {}, mode="log", frame_length=8, frame_step=4, fft_length=8),
)
_add(
    "MelSpectrogram",
    1,
    lambda r, s: _needs(
        r, {}, fft_length=8, sequence_stride=4, num_mel_bins=3, sampling_rate=100, min_freq=2.0
    ),
)
for name, arguments in {
    "RandomFlip": {"mode": ["horizontal", "vertical", "horizontal_and_vertical"]},
    "RandomRotation": {"factor": [0.1, 0.3]},
    "RandomTranslation": {"height_factor": [0.2], "width_factor": [0.2]},
    "RandomZoom": {"height_factor": [0.2]},
    "RandomShear": {"x_factor": [0.2], "y_factor": [0.2]},
    "RandomPerspective": {"factor": [0.5]},
    "RandomBrightness": {"factor": [0.2]},
    "RandomContrast": {"factor": [0.3]},
    "RandomElasticTransform": {"factor": [0.5]},
}.items():
    _add(
        name,
        3,
        lambda r, s, a=arguments: _needs(
            r, r.some(0.3, seed=[3]), **{k: r.choice(v) for k, v in a.items()}
        ),
    )
_add("RandomCrop", 3, lambda r, s: _needs(r, {}, height=max(1, s[0] - 1), width=max(1, s[1] - 2)))
for name, arguments in {
    "AugMix": {},
    "AutoContrast": {},
    "ContrastLimitedAdaptiveHistogramEqualization": {},
    "CutMix": {},
    "Equalization": {},
    "MixUp": {},
    "RandAugment": {},
    "RandomColorDegeneration": {"factor": [0.4]},
    "RandomColorJitter": {"brightness_factor": [0.3]},
    "RandomErasing": {},
    "RandomGaussianBlur": {},
    "RandomGrayscale": {},
    "RandomHue": {"factor": [0.3]},
    "RandomInvert": {},
    "RandomPosterization": {"factor": [4]},
    "RandomSaturation": {"factor": [0.4]},
    "RandomSharpness": {"factor": [0.4]},
    "Solarization": {},
}.items():
    _add(
        name,
        3,
        lambda r, s, a=arguments: _needs(r, {}, **{k: r.choice(v) for k, v in a.items()}),
        pixels=True,
    )
