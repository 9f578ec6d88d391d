"""docs/compatibility.md, written from the tables that the shims read.

`python -m bital.compat.document docs/compatibility.md` writes it; a test fails while it is stale.
"""

import ast
import sys
from collections.abc import Iterable
from pathlib import Path
from types import ModuleType

from bital.compat.around.libraries import MOVED, OLD
from bital.compat.old.arguments import (
    CALLBACKS,
    DROP,
    EVERY_LAYER,
    LAYERS,
    METHODS,
    MODES,
    OPTIMIZERS,
    Argument,
)
from bital.compat.old.defaults import DEFAULTS
from bital.compat.old.names import GONE, MODULES, NAMES, ROOTS
from bital.compat.old.source import Era
from bital.compat.upgrade.backend import FORMS
from bital.compat.upgrade.names import ADVICE

_INTRO = """# Compatibility: Keras of any era

`bital run script.py [arguments]` (or `python -m bital script.py`) runs a program written for Keras
0.3 to 3 or for `tf.keras` on Keras 3 and JAX, with its `fit`, `evaluate` and `predict` compiled and
no TensorFlow installed. What the program says in an older Keras's words is told at the end, each
spelling once, with today's. `bital.compat.mode.on()` does the same inside a Python session, and
`off()` undoes all of it.

This page is written from the tables that the shims read (`python -m bital.compat.document
docs/compatibility.md`)."""

_ERAS = """## By era

| era | covered | not covered |
|---|---|---|
| Keras 0.3 | `Sequential` with `Dense(inputs, outputs)`, `Merge` of branches, `class_mode`, `show_accuracy` | `Graph`, `AutoEncoder` |
| Keras 1 | `nb_epoch` and its kin, `Convolution2D(f, r, c)`, `merge`, `Model(input=, output=)`, `fit_generator(samples_per_epoch=)`, `MaxoutDense`, `Highway`, layers made from `Recurrent` | `SReLU`; `Embedding(dropout=)`; `BatchNormalization(mode=1)`; `Recurrent(stateful=True)` |
| Keras 2 | `fit_generator`, `acc` in logs, `K.function`, `K.gradients`, `set_floatx('float64')`, losses and layers over tensors of the model and their gradients, `add_loss(tensor)`, `lr`, `decay`, `trainable` set after `compile`, states of stateful layers kept from batch to batch, one list of metrics for every output | multi-backend extensions (`K.theano...`) |
| TensorFlow 1.14 | `tf.keras`, sessions around Keras, `tf.train.AdamOptimizer` | graphs without Keras, estimators, feature columns |
| TensorFlow 2 | `tf.data` from arrays, generators and files, `GradientTape` (persistent, nested, jacobians), `tf.function` as a pass-through, `train_step(self, data)`, `tf.train.Checkpoint`, `TextVectorization`, `StringLookup`, `IntegerLookup`, `Hashing`, `HashedCrossing`, `tf.strings` and ragged tensors on NumPy, scalars of `tf.summary` as CSV | TFRecord, `FeatureSpace`, other kinds of `tf.summary`: install TensorFlow; ragged tensors inside models (`Input(ragged=True)`): pad with `to_tensor()` and mask; float64 without `set_floatx('float64')`, which is float32 |
| Keras 3 | everything | |

`Conv2D(32, 3, 3)` means a kernel of 3 x 3 for `Convolution2D`, and for `Conv2D` once the program has
used a word that only Keras 1 and 2 had; else it means what it means today, strides of 3.

With TensorFlow installed, the real module is imported, and what has to compute on JAX (`tf.keras`,
tapes, variables, arithmetic, `tf.data.Dataset`) is put over it; functions that are given TensorFlow's
own tensors stay its own."""


_UPGRADE = """`bital upgrade script.py` rewrites import paths, names, arguments and an era's defaults by the
tables above, batch sizes of first layers, the names of files that the program saves itself, and:"""

_LEFT = """A program that it has no remark on runs on Keras 3 with JAX alone (a test rewrites and runs
each of the corpus). What it cannot rewrite it tells by line: `K.gradients`, sessions and learning
phases; losses over tensors of the model and `add_loss(tensor)`; `Merge`, `merge`, `MaxoutDense`,
`Highway`, `CuDNNLSTM` and what else is bital's own; the scikit-learn wrappers of Keras 2;
`samples_per_epoch=` and `period=`, which count other things today; random numbers inside layers;
states kept from batch to batch; `trainable` set after `compile` in a GAN; metrics of one's own that
rely on a column of labels; HDF5 files of others; and every use of TensorFlow beyond `tf.keras`, which
needs TensorFlow and its backend. `bital run` runs these as they are."""


def document() -> str:
    """Return the page."""
    parts = [
        _INTRO,
        _ERAS,
        "## Import paths",
        _table(("old", "today"), ((f"`{old}`", f"`{new}`") for old, new in ROOTS.items())),
        _table(
            ("gone", "its names are found in"),
            (
                (f"`{old}`", ", ".join(f"`{one}`" for one in homes) or "nothing")
                for old, homes in MODULES.items()
            ),
        ),
        "## Names",
        _table(
            ("old", "today"),
            (
                (f"`{home}.{old}`", _today(entry.home, entry.today))
                for home, names in NAMES.items()
                for old, entry in names.items()
            ),
        ),
        "What cannot be had says so:",
        _table(("gone", "instead"), ((f"`{old}`", advice) for old, advice in GONE.items())),
        "## Arguments of layers",
        "Every layer:",
        _arguments(EVERY_LAYER),
        *[
            part
            for name, table in LAYERS.items()
            if table
            for part in (_head(name), _arguments(table))
        ],
        "## Arguments of optimizers",
        _arguments(OPTIMIZERS),
        "## Arguments of a model's methods",
        *[part for name, table in METHODS.items() for part in (_head(name), _arguments(table))],
        "## Arguments of callbacks",
        *[part for name, table in CALLBACKS.items() for part in (_head(name), _arguments(table))],
        "## Defaults",
        "A call that leaves an argument out means the default its Keras had. `bital run` tells the "
        "era from the program's source, and from the modules beside it that it imports: old paths, "
        "names and arguments; a program with none of them, or with what only Keras 3 has "
        "(`keras.ops`, `.keras` files), keeps today's defaults. `hard_sigmoid` is 0.2 x + 0.5 "
        "between 0 and 1 in every era before Keras 3.",
        _table(
            ("", "default", "in"),
            (
                (
                    f"`{one.owner}({one.argument}=)`",
                    f"`{one.value!r}`",
                    ", ".join(e.value for e in Era if e in one.eras),
                )
                for one in DEFAULTS
            ),
        ),
        "## Words for losses",
        _table(("old", "today"), ((f"`{old}`", f"`{new}`") for old, new in MODES["loss"].items())),
        "## bital upgrade",
        _UPGRADE,
        _table(
            ("`keras.backend`", "becomes"),
            (
                (f"`{name}({', '.join(form.parameters)})`", f"`{form.text}`")
                for name, form in FORMS.items()
            ),
        ),
        _table(
            ("`keras.backend`", "is told with a remark"),
            ((f"`{name}`", advice) for name, advice in ADVICE.items()),
        ),
        _LEFT,
        "## Libraries around Keras",
        "Names that these have no more, by module; pandas's `append`, `ix`, `as_matrix`, "
        "`iteritems` and `applymap` besides, seaborn's styles in matplotlib, and "
        "`OneHotEncoder(sparse=)`.",
        _table(
            ("module", "names"),
            ((f"`{home}`", ", ".join(f"`{one}`" for one in names)) for home, names in OLD.items()),
        ),
        _table(
            ("gone", "its names are found in"),
            ((f"`{old}`", ", ".join(f"`{one}`" for one in homes)) for old, homes in MOVED.items()),
        ),
        "## keras.backend",
        _backend(),
        "## tensorflow, where it is not installed",
        _facade(),
    ]
    return "\n\n".join(parts) + "\n"


def _backend() -> str:
    from bital.compat import backend

    return ", ".join(f"`{name}`" for name in sorted(backend.names())) + "."


_TF_MODULES = (
    "math", "nn", "random", "image", "io", "linalg", "data", "config", "train", "distribute",
    "debugging", "test", "errors", "strings", "summary", "sparse", "ragged",
)  # fmt: skip


def _facade() -> str:
    from bital.compat.facade import root

    lines = ["`tf`: " + _listed(root._contents)]
    lines += [f"`tf.{name}`: " + _listed(_own(getattr(root, name))) for name in _TF_MODULES]
    lines.append("Any other name raises an AttributeError that says it is TensorFlow's own.")
    return "\n\n".join(lines)


def _own(module: ModuleType) -> set[str]:
    """Return a module's names without those that its file imports for its own use."""
    names = set(vars(module))
    if (path := getattr(module, "__file__", None)) is None:
        return names
    tree = ast.parse(Path(path).read_text(encoding="utf-8"))
    imports = [node for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom)]
    return names - {one.asname or one.name for node in imports for one in node.names}


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in sorted(names) if not name.startswith("_")) + "."


def _head(name: str) -> str:
    return f"`{name}`:"


def _today(home: str, name: str) -> str:
    return f"`{home}.{name}`" if home.startswith("keras") else "bital's own"


def _arguments(table: Iterable[Argument]) -> str:
    return _table(
        ("old", "today", ""),
        (
            (
                f"`{one.old}`",
                "left out" if one.new == DROP else f"`{one.new}`",
                one.remark or ("old values too" if one.old == one.new else ""),
            )
            for one in table
        ),
    )


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    lines += ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join(lines)


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(document(), encoding="utf-8")
