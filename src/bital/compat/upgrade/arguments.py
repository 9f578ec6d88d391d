"""Arguments of one call, as Keras 3 takes them."""

from collections.abc import Callable, Iterable, Sequence

import libcst as cst

from bital.compat.old.arguments import (
    CALLBACKS,
    DROP,
    LAYERS,
    LAYOUT,
    METHODS,
    OPTIMIZERS,
    Argument,
)

Say = Callable[[str], None]
_RANKS = {"Conv2D": 2, "Conv3D": 3, "Conv2DTranspose": 2, "SeparableConv2D": 2}
_SIZES = {
    2: ("nb_row", "nb_col"),
    3: ("kernel_dim1", "kernel_dim2", "kernel_dim3"),
}
_OLD_OPTIMIZERS = ("SGD", "RMSprop", "Adagrad", "Adadelta", "Adam", "Adamax", "Nadam", "Ftrl")
_DIVIDED = {"samples_per_epoch", "nb_val_samples", "val_samples"}
_OF_DATASETS = ("workers", "use_multiprocessing", "max_queue_size")

GENERATORS = {f"{name}_generator": name for name in ("fit", "evaluate", "predict")}


def of_class(name: str, args: Sequence[cst.Arg], say: Say) -> list[cst.Arg]:
    """Return the arguments of a layer, an optimizer, a callback, a model or what reads images."""
    args = _of_images(name, list(args), say)
    rank = _RANKS.get(name)
    if rank is not None:
        args = _kernel_size(args, rank)
    table: Iterable[Argument] = LAYERS.get(name, ()) or CALLBACKS.get(name, ())
    if name in _OLD_OPTIMIZERS:
        table = OPTIMIZERS
        args = _decayed(args)
    elif name == "Model":
        table = METHODS["Model"]
    if name in ("MaxPooling1D", "AveragePooling1D", *LAYERS):
        args = _shaped(name, _initializer_second(name, args))
    if named(args, "stateful") is not None:
        say("Keras 3 on JAX keeps no states from one batch of fit or predict to the next")
    if name == "TensorBoard":
        say("TensorBoard writes with TensorFlow: install it, or use CSVLogger")
    return _renamed(args, table, say)


def of_method(name: str, args: Sequence[cst.Arg], say: Say) -> list[cst.Arg]:
    """Return the arguments of a model's method."""
    return _renamed(list(args), METHODS.get(name, ()), say)


def _of_images(name: str, args: list[cst.Arg], say: Say) -> list[cst.Arg]:
    if name == "load_img":
        grey = named(args, "grayscale")
        if grey is not None and isinstance(grey.value, cst.Name):
            mode = "grayscale" if grey.value.value == "True" else "rgb"
            made = grey.with_changes(
                keyword=cst.Name("color_mode"), value=cst.SimpleString(repr(mode))
            )
            return [made if arg is grey else arg for arg in args]
    if name == "ImageDataGenerator":
        return _renamed(args, LAYOUT, say)
    return args


def named(args: Sequence[cst.Arg], name: str) -> cst.Arg | None:
    """Return the argument given by a name, if there is one."""
    return next((a for a in args if a.keyword is not None and a.keyword.value == name), None)


def keyword(name: str, value: cst.BaseExpression) -> cst.Arg:
    """Return `name=value`."""
    tight = cst.SimpleWhitespace("")
    equal = cst.AssignEqual(whitespace_before=tight, whitespace_after=tight)
    return cst.Arg(value, keyword=cst.Name(name), equal=equal)


def _renamed(args: list[cst.Arg], table: Iterable[Argument], say: Say) -> list[cst.Arg]:
    by_old = {a.old: a for a in table}
    kept: list[cst.Arg] = []
    for arg in args:
        old = arg.keyword.value if arg.keyword is not None else ""
        entry = by_old.get(old)
        if old == "period":
            say("period= counted epochs; save_freq= counts batches")
        if old in _DIVIDED and entry is not None:
            say(f"{old}= counted rows; {entry.new}= counts batches: divide by the batch size")
        if entry is None or old in ("input_shape", "output_shape", "weights", "period"):
            kept.append(arg)
        elif old in _OF_DATASETS or entry.new == DROP:
            continue
        elif entry.new.isidentifier():
            value = _value(arg.value, entry)
            kept.append(arg.with_changes(keyword=cst.Name(entry.new), value=value))
        else:
            say(f"{old}= is {entry.new} today")
            kept.append(arg)
    if kept and len(kept) < len(args):  # the last one's comma belonged to another
        kept[-1] = kept[-1].with_changes(comma=args[-1].comma)
    return kept


def _value(value: cst.BaseExpression, entry: Argument) -> cst.BaseExpression:
    if entry.value is None:
        return value
    if isinstance(value, cst.SimpleString):
        said = entry.value(value.evaluated_value)
        if isinstance(said, str):
            quote = value.quote
            return cst.SimpleString(f"{quote}{said}{quote}")
        return cst.Name(repr(said))
    return value


def _kernel_size(args: list[cst.Arg], rank: int) -> list[cst.Arg]:
    """`(32, 3, 3)` and `nb_row=3, nb_col=3` are `(32, (3, 3))` and `kernel_size=(3, 3)`."""
    places = [a for a in args if a.keyword is None]
    sizes = [named(args, n) for n in _SIZES[rank]]
    if all(s is not None for s in sizes):
        joined = _tuple([s.value for s in sizes if s is not None])
        rest = [a for a in args if a not in sizes]
        index = args.index(sizes[0])  # type: ignore[arg-type]
        return [*rest[:index], keyword("kernel_size", joined), *rest[index:]]
    if len(places) >= 1 + rank and all(
        isinstance(a.value, cst.Integer) for a in places[: 1 + rank]
    ):
        joined = _tuple([a.value for a in places[1 : 1 + rank]])
        comma = places[rank].comma
        return [args[0], cst.Arg(joined, comma=comma), *args[1 + rank :]]
    return args


def _initializer_second(name: str, args: list[cst.Arg]) -> list[cst.Arg]:
    """`Dense(10, 'uniform')` of Keras 1 gave the initializer second."""
    if name == "Dense" and len(args) > 1 and args[1].keyword is None:
        value = args[1].value
        known = {"uniform", "normal", "zero", "one", "glorot_uniform", "he_normal", "glorot_normal"}
        if isinstance(value, cst.SimpleString) and value.evaluated_value in known:
            return [args[0], keyword("init", value).with_changes(comma=args[1].comma), *args[2:]]
    return args


def _shaped(name: str, args: list[cst.Arg]) -> list[cst.Arg]:
    """Return arguments with the input's shape in one, and with sizes that are Python's."""
    length, size = named(args, "input_length"), named(args, "input_dim")
    if name == "Embedding":
        return [_in_tuple(arg) if arg is length else arg for arg in args]
    if name == "Dense" and args:
        first = args[0].value
        places = [arg.value for arg in args if arg.keyword is None]
        if len(places) > 1 and isinstance(places[1], cst.Integer):  # Keras 0.3: inputs, outputs
            shape = keyword("input_shape", cst.Tuple([cst.Element(first, cst.Comma())]))
            return _joined([args[1], shape, *args[2:]], args)
        if isinstance(first, cst.Call) and cst.Module([]).code_for_node(first.func).startswith(
            ("np.", "numpy.")
        ):
            whole = cst.Call(cst.Name("int"), [cst.Arg(first)])
            return [args[0].with_changes(value=whole), *args[1:]]
        return args
    if size is None or name not in (*_STEPS, "Conv1D"):
        return args
    steps = length.value if length is not None else cst.Name("None")
    shape = size.with_changes(keyword=cst.Name("input_shape"), value=_tuple([steps, size.value]))
    return _joined([shape if a is size else a for a in args if a is not length], args)


_STEPS = ("LSTM", "GRU", "SimpleRNN")


def _in_tuple(arg: cst.Arg) -> cst.Arg:
    if isinstance(arg.value, cst.Tuple | cst.List):
        return arg
    return arg.with_changes(value=cst.Tuple([cst.Element(arg.value, cst.Comma())]))


def _joined(args: list[cst.Arg], before: list[cst.Arg]) -> list[cst.Arg]:
    """Return arguments with a comma between any two, and none but the old one behind the last."""
    comma = cst.Comma(whitespace_after=cst.SimpleWhitespace(" "))
    kept = [
        a.with_changes(comma=comma) if a.comma is cst.MaybeSentinel.DEFAULT else a for a in args
    ]
    return [*kept[:-1], kept[-1].with_changes(comma=before[-1].comma)]


def _decayed(args: list[cst.Arg]) -> list[cst.Arg]:
    """`lr=0.1, decay=0.01` is a schedule; a decay of 0 is none."""
    decay = named(args, "decay")
    if decay is None:
        return args
    rest = [a for a in args if a is not decay]
    if not (isinstance(decay.value, cst.Integer | cst.Float) and float(decay.value.value) == 0):
        rate = named(rest, "lr") or named(rest, "learning_rate")
        if rate is None and rest and rest[0].keyword is None:
            rate = rest[0]
        falling = _schedule(rate.value if rate is not None else cst.Float("0.01"), decay.value)
        if rate is None:
            rest.insert(0, keyword("learning_rate", falling))
        else:
            rest[rest.index(rate)] = rate.with_changes(value=falling)
    if rest:
        rest[-1] = rest[-1].with_changes(comma=args[-1].comma)
    return rest


def _schedule(rate: cst.BaseExpression, decay: cst.BaseExpression) -> cst.Call:
    made = cst.parse_expression("keras.optimizers.schedules.InverseTimeDecay(0, 1, 0)")
    assert isinstance(made, cst.Call)
    first, second, third = made.args
    values = [first.with_changes(value=rate), second, third.with_changes(value=decay)]
    return made.with_changes(args=values)


def _tuple(values: Sequence[cst.BaseExpression]) -> cst.Tuple:
    comma = cst.Comma(whitespace_after=cst.SimpleWhitespace(" "))
    *first, last = values
    return cst.Tuple([*(cst.Element(v, comma) for v in first), cst.Element(last)])
