"""Which Keras a program was written for, told from its source."""

import ast
from collections.abc import Iterable, Iterator
from enum import Enum
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

from bital.compat.old.arguments import LAYERS
from bital.compat.old.names import NAMES, ROOTS
from bital.compat.old.source_file import read_source
from bital.errors import InvalidInput


class Era(Enum):
    """A span of versions with the same defaults."""

    KERAS_0 = "Keras 0.3"
    KERAS_1 = "Keras 1"
    KERAS_2 = "Keras 2.0 to 2.2"
    KERAS_23 = "Keras 2.3"
    TF_1 = "TensorFlow 1"
    TF_2 = "TensorFlow 2"
    KERAS_3 = "Keras 3"


class Words(NamedTuple):
    """What an era's programs say and others do not."""

    keywords: frozenset[str] = frozenset()
    """of any call"""

    of_layers: frozenset[str] = frozenset()
    """keywords in the call of a layer of Keras's"""

    names: frozenset[str] = frozenset()
    """imported, or attributes of Keras"""

    of_tensorflow: frozenset[str] = frozenset()
    """attributes of tensorflow itself"""

    strings: frozenset[str] = frozenset()


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


WORDS = {
    Era.KERAS_0: Words(
        keywords=_set("show_accuracy"),
        names=_set("Graph AutoEncoder JZS1 JZS2 JZS3 SimpleDeepRNN containers"),
    ),
    Era.KERAS_1: Words(
        keywords=_set("nb_epoch samples_per_epoch nb_val_samples max_q_size nb_worker pickle_safe"),
        of_layers=_set(
            "border_mode subsample nb_filter nb_row nb_col filter_length dim_ordering init "
            "inner_init inner_activation W_regularizer b_regularizer W_constraint output_dim "
            "dropout_W dropout_U consume_less forget_bias_init atrous_rate pool_length p"
        ),
        names=_set(
            "merge Merge MaxoutDense Highway AtrousConvolution2D Deconvolution2D "
            "TimeDistributedDense image_dim_ordering set_image_dim_ordering visualize_util "
            "activity_l2 activity_l1 maxnorm"
        ),
    ),
    Era.KERAS_2: Words(
        keywords=_set("epochs steps_per_epoch validation_steps"),
        of_layers=_set("padding filters kernel_size units kernel_initializer kernel_regularizer"),
    ),
    Era.KERAS_23: Words(strings=_set("val_accuracy"), keywords=_set("learning_rate")),
    Era.TF_1: Words(
        names=_set("CuDNNLSTM CuDNNGRU"),
        of_tensorflow=_set(
            "Session InteractiveSession placeholder global_variables_initializer set_random_seed "
            "enable_eager_execution ConfigProto GPUOptions contrib layers logging log app "
            "reset_default_graph get_default_graph random_normal random_uniform truncated_normal "
            "to_float get_variable variable_scope placeholder_with_default image_summary"
        ),
    ),
    Era.TF_2: Words(
        names=_set(
            "RandomFlip RandomRotation RandomZoom Rescaling TextVectorization Resizing "
            "image_dataset_from_directory text_dataset_from_directory experimental"
        ),
        of_tensorflow=_set("GradientTape function"),
    ),
    Era.KERAS_3: Words(
        names=_set("ops random config saving distribution"),
        strings=_set("KERAS_BACKEND"),
    ),
}
"""by era; the layers' old arguments alone do not make a TensorFlow program"""

_INPUTS = _set("input_shape input_dim batch_input_shape input_length")
_METHODS = _set("fit_generator evaluate_generator predict_generator predict_classes")
_LOGS = _set("acc val_acc")
_OPTIMIZERS = _set("SGD RMSprop Adam Adamax Adagrad Adadelta Nadam")
_LAYERS = frozenset(LAYERS) | {"Activation", "InputLayer"} | {
    old for old, entry in NAMES["keras.layers"].items() if entry.today in LAYERS
} | _set("Convolution1D Convolution2D Convolution3D Bidirectional TimeDistributed")  # fmt: skip


_UNREADABLE = (SyntaxError, ValueError, RecursionError, MemoryError)
"""what no Python source, or one nested too deeply, ends in"""


class Said(NamedTuple):
    """What a source says of Keras and TensorFlow."""

    roots: set[str]
    """"keras" for Keras alone, "tf.keras", "tf" for TensorFlow itself"""

    old: set[str]
    """modules and names that are gone, and words only old calls have"""

    eras: set[Era]
    """those with a word in it"""


def era(sources: Iterable[str]) -> Era:
    """Return the era of a program from its Python sources, Keras 3 where nothing is older.

    It is asked what Keras 3 has, so the old paths and names must not be installed yet.
    """
    said = Said(set(), set(), set())
    for source in sources:
        try:
            _Reader(said).visit(ast.parse(source))
        except _UNREADABLE:
            continue  # running it says what is wrong
    if "tf.keras" in said.roots:
        return Era.TF_1 if Era.TF_1 in said.eras else Era.TF_2
    met = said.eras
    if "keras" not in said.roots or Era.KERAS_3 in met or not (said.old or met & _SPEAK):
        return Era.KERAS_3
    if Era.TF_2 in met:
        return Era.TF_2
    for one in (Era.KERAS_0, Era.KERAS_23):
        if one in met:
            return one
    return Era.KERAS_1 if Era.KERAS_1 in met and not met & {Era.KERAS_2} else Era.KERAS_2


_SPEAK = {Era.KERAS_0, Era.KERAS_1}


def sources_of(script: Path) -> Iterator[str]:
    """Yield the source of a script, and of the modules beside it that it imports."""
    waiting, seen = [script.resolve()], set[Path]()
    while waiting:
        path = waiting.pop()
        if path in seen or not path.is_file():
            continue
        seen.add(path)
        try:
            source = read_source(path).text
        except InvalidInput:  # Python may run it all the same: odd bytes in a comment
            source = path.read_text(encoding="utf-8", errors="replace")
        yield source
        try:
            tree = ast.parse(source)
        except _UNREADABLE:
            continue
        for node in ast.walk(tree):
            names = [one.name for one in getattr(node, "names", ())]
            if isinstance(node, ast.ImportFrom):
                names = [node.module or "", *(f"{node.module or ''}.{n}" for n in names)]
            elif not isinstance(node, ast.Import):
                continue
            for name in names:
                inside = path.parent.joinpath(*name.strip(".").split("."))
                waiting += [inside.with_name(f"{inside.name}.py"), inside / "__init__.py"]


class _Reader(ast.NodeVisitor):
    """Fills a `Said`."""

    def __init__(self, said: Said) -> None:
        self._said = said
        self._homes: dict[str, str] = {}  # by a name in the program: what it is imported from

    def visit_Import(self, node: ast.Import) -> None:
        for one in node.names:
            bound = one.asname or one.name.split(".")[0]
            self._homes[bound] = one.name if one.asname else bound
            self._module(one.name)

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        if node.level or not node.module:
            return
        for one in node.names:
            whole = f"{node.module}.{one.name}"
            self._homes[one.asname or one.name] = whole
            self._module(node.module)
            self._name(node.module, one.name)

    def visit_Attribute(self, node: ast.Attribute) -> None:
        path = self._path(node)
        if path is not None:
            self._name(*path.rsplit(".", 1))
        elif node.attr in _METHODS:
            self._said.old.add(node.attr)
        self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> None:
        called = getattr(node.func, "attr", getattr(node.func, "id", ""))
        given = {one.arg for one in node.keywords if one.arg}
        for one, words in WORDS.items():
            met = given & words.keywords
            if called in _LAYERS:
                met |= given & words.of_layers
            if met and (one is not Era.KERAS_23 or called in _OPTIMIZERS):
                self._said.eras.add(one)
        if called in _LAYERS:
            self._said.old.update(given & _INPUTS)
        if called in _OPTIMIZERS:
            self._said.old.update(given & {"lr", "decay"})
        if called == "compile" and "class_mode" in given:
            self._said.eras.add(Era.KERAS_0)
        self.generic_visit(node)

    def visit_Constant(self, node: ast.Constant) -> None:
        value = node.value
        if not isinstance(value, str):
            return
        for one, words in WORDS.items():
            if value in words.strings:
                self._said.eras.add(one)
        if value in _LOGS:
            self._said.old.add(value)
        if value.endswith((".keras", ".weights.h5")) and not value.endswith("/.keras"):
            self._said.eras.add(Era.KERAS_3)

    def _path(self, node: Any) -> str | None:
        """Return "keras.layers.Dense" of `layers.Dense`, None of what no import leads to."""
        parts: list[str] = []
        while isinstance(node, ast.Attribute):
            parts.append(node.attr)
            node = node.value
        if not isinstance(node, ast.Name) or node.id not in self._homes:
            return None
        return ".".join([self._homes[node.id], *reversed(parts)])

    def _module(self, name: str) -> None:
        today = _today(name)
        of_tensorflow = name.split(".", maxsplit=1)[0] == "tensorflow"
        if today is None:
            self._said.roots.update({"tf"} if of_tensorflow else ())
            return
        self._said.roots.add("tf.keras" if of_tensorflow else "keras")
        if name.startswith("tensorflow.contrib"):
            self._said.eras.add(Era.TF_1)
        if not _has_module(today):
            self._said.old.add(name)
        for part in today.split(".")[1:2]:
            self._said.eras.update(one for one, w in WORDS.items() if part in w.names)

    def _name(self, home: str, name: str) -> None:
        today = _today(home)
        if home == "tensorflow":
            self._said.roots.add("tf.keras" if name == "keras" else "tf")
            self._said.eras.update(one for one, w in WORDS.items() if name in w.of_tensorflow)
            return
        if home == "tensorflow.train" and name.endswith("Optimizer"):
            self._said.eras.add(Era.TF_1)
        if today is None:
            return
        self._module(home)
        eras = {one for one, words in WORDS.items() if name in words.names}
        if today != "keras":  # keras.random, but keras.utils.random is nobody's
            eras.discard(Era.KERAS_3)
        self._said.eras.update(eras)
        if _has_module(today) and not hasattr(import_module(today), name):
            self._said.old.add(f"{today}.{name}")


def _today(name: str) -> str | None:
    for root, today in ROOTS.items():
        if name == root or name.startswith(f"{root}."):
            return today + name[len(root) :]
    return name if name.split(".", maxsplit=1)[0] == "keras" else None


def _has_module(name: str) -> bool:
    """Whether Keras 3 has a module; to be asked before the old ones can be found."""
    try:
        return find_spec(name) is not None
    except ModuleNotFoundError:
        return False
