"""A source rewritten: its imports, names, arguments and words; all else stays as it is."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import libcst as cst
from libcst import metadata as meta

from bital.compat.files.tables import LOSSES
from bital.compat.imports import renamed
from bital.compat.old.logs import ONCE
from bital.compat.old.source import Era, era
from bital.compat.upgrade import arguments, backend, defaults, inputs
from bital.compat.upgrade.advice import Advice
from bital.compat.upgrade.files import Saved
from bital.compat.upgrade.names import Nowhere, Place, today

_WORDS = {"acc": "accuracy", "val_acc": "val_accuracy"}
_SMALL = ("keras.ops", "keras.config", "keras.random")
_MODELS = ("predict_classes", "predict_proba")

_SHAPES = ("input_shape", "output_shape")
_SHAPED = re.compile(r"(\.layers\[[^]]*\]|\.get_layer\([^)]*\))$")
"""layers, which have no shapes of their own any more; models have"""
_RESET = "[layer.reset_state() for layer in {}.layers if hasattr(layer, 'reset_state')]"
_TENSORFLOW = re.compile(r"import tensorflow(?: as (\w+))?")


class Remark(NamedTuple):
    """What is left for a person to do."""

    line: int
    text: str


class Rewritten(NamedTuple):
    """A source of today, and what could not be rewritten."""

    source: str
    remarks: tuple[Remark, ...]


def rewritten(source: str) -> Rewritten:
    """Return a source in Keras 3's words.

    Args:
        source: a Python program of any era.

    Raises:
        libcst.ParserSyntaxError: it is not Python 3.
    """
    wrapper = meta.MetadataWrapper(cst.parse_module(source))
    saved = Saved()
    wrapper.module.visit(saved)
    positions = wrapper.resolve(meta.PositionProvider)
    rewriter = _Rewriter(saved.names, era([source]), positions, _logs(source))
    wrapper.module.visit(Advice(rewriter.say, set(saved.names), era([source]) is not Era.KERAS_3))
    module = wrapper.visit(rewriter)
    hard = defaults.HARD_SIGMOID in module.code and f"def {defaults.HARD_SIGMOID}" not in source
    if hard:
        rewriter.needed.add("import keras")
    module = _with_imports(module, rewriter.needed)
    if hard:
        module = _with_definition(module, defaults.DEFINITION)
    module = _without_unused(module)
    rewriter.remarks.update(_of_tensorflow(module, source))
    return Rewritten(module.code, tuple(sorted(rewriter.remarks)))


class _Rewriter(cst.CSTTransformer):
    METADATA_DEPENDENCIES = (meta.QualifiedNameProvider,)

    def __init__(
        self,
        saved: dict[str, str],
        era: Era,
        positions: Mapping[Any, Any],
        logs: dict[str, str],
    ) -> None:
        self.needed: set[str] = set()
        self.remarks: set[Remark] = set()
        self._renames: dict[str, str] = {}
        self._saved = saved
        self._era = era
        self._positions = positions
        self._logs = logs
        self._stacks: set[str] = set()  # what names a Sequential
        self._written: set[cst.CSTNode] = set()  # functions whose calls have another form

    # names

    def _qualified(self, node: cst.CSTNode) -> str:
        names = self.get_metadata(meta.QualifiedNameProvider, node, set())
        imported = [n.name for n in names if n.source is meta.QualifiedNameSource.IMPORT]
        return imported[0] if imported else ""

    def say(self, node: cst.CSTNode, text: str) -> None:
        """Leave a remark on a node's line."""
        self.remarks.add(Remark(self._positions[node].start.line, text))

    def visit_Import(self, node: cst.Import) -> bool:
        return False

    def visit_ImportFrom(self, node: cst.ImportFrom) -> bool:
        return False

    def leave_Name(self, original: cst.Name, updated: cst.Name) -> cst.BaseExpression:
        new = self._renames.get(original.value)
        if new is not None and self._qualified(original):
            return updated.with_changes(value=new)
        return updated

    def leave_Attribute(
        self, original: cst.Attribute, updated: cst.Attribute
    ) -> cst.BaseExpression:
        if original.attr.value in ("input", "output") and _code(original.value) in self._stacks:
            # a Sequential of Keras 3 has them only once it was called
            ends = cst.Attribute(updated.value, cst.Name(f"{original.attr.value}s"))
            return cst.Subscript(ends, [cst.SubscriptElement(cst.Index(cst.Integer("0")))])
        if original.attr.value in _SHAPES and _SHAPED.search(_code(original.value)):
            of = cst.Attribute(updated.value, cst.Name(original.attr.value.split("_")[0]))
            return cst.Attribute(of, cst.Name("shape"))
        path = self._qualified(original)
        if not path or not _dotted(original) or original in self._written:
            return updated
        if renamed(path) == "keras":  # tf.keras
            self.needed.add("import keras")
            return cst.Name("keras")
        if path.startswith(("tensorflow.keras.", "keras.", "tf_keras.")):
            return self._placed(original, updated, path)
        return updated

    def _placed(
        self, original: cst.Attribute, updated: cst.Attribute, path: str
    ) -> cst.BaseExpression:
        place = today(path)
        if isinstance(place, Place) and f"{place.module}.{place.name}" == path:
            return updated
        if isinstance(place, Place) and f"{place.module}.{place.name}" == "keras.Variable":
            self.needed.add("import keras")
            return cst.parse_expression("keras.Variable")
        if isinstance(place, Place) and place.module in _SMALL:
            kept = place.module.split(".")[1]
            self.needed.add(f"from keras import {kept}")
            return cst.Attribute(cst.Name(kept), cst.Name(place.name))
        if isinstance(place, Nowhere):
            self.say(original, f"{path}: {place.advice}")
            return updated
        if isinstance(place, Place) and place.name != original.attr.value:
            return updated.with_changes(attr=cst.Name(place.name))
        return updated

    # imports

    def leave_SimpleStatementLine(
        self, original: cst.SimpleStatementLine, updated: cst.SimpleStatementLine
    ) -> cst.BaseStatement | cst.FlattenSentinel[cst.BaseStatement]:
        if len(original.body) != 1:
            return updated
        statement = original.body[0]
        apart = inputs.added(updated.body[0])
        if apart is not None:
            self.needed.add("import keras")
            first = cst.SimpleStatementLine([apart[0]], leading_lines=updated.leading_lines)
            return cst.FlattenSentinel(
                [first, updated.with_changes(body=[apart[1]], leading_lines=())]
            )
        lines: list[str] | None = None
        if isinstance(statement, cst.ImportFrom):
            lines = self._from(statement)
        elif isinstance(statement, cst.Import):
            lines = self._import(statement)
        if lines is None:
            return updated
        parsed = [cst.parse_statement(line) for line in lines]
        made = [cst.ensure_type(each, cst.SimpleStatementLine) for each in parsed]
        if not made:
            return updated
        made[0] = made[0].with_changes(leading_lines=updated.leading_lines)
        made[-1] = made[-1].with_changes(trailing_whitespace=updated.trailing_whitespace)
        return cst.FlattenSentinel(made)

    def _from(self, statement: cst.ImportFrom) -> list[str] | None:
        module = _dotted(statement.module)
        if statement.relative or isinstance(statement.names, cst.ImportStar):
            return None
        names = [alias.evaluated_name for alias in statement.names]
        if not _is_keras(module, names):
            return None
        groups: dict[str, list[str]] = {}
        for alias in statement.names:
            name, asname = alias.evaluated_name, alias.evaluated_alias
            path = f"{module}.{name}"
            if renamed(path) == "keras":
                groups.setdefault("", []).append("keras" + (f" as {asname}" if asname else ""))
                continue
            place = today(path)
            if isinstance(place, Nowhere):
                self.say(statement, f"{path}: {place.advice}")
                groups.setdefault(module, []).append(_as(name, asname))
                continue
            if place is None:
                groups.setdefault(module, []).append(_as(name, asname))
                continue
            if place.name != name and asname is None:
                self._renames[name] = place.name
            groups.setdefault(place.module, []).append(_as(place.name, asname))
        lines = []
        for home, found in groups.items():
            names = list(dict.fromkeys(found))
            lines.append(f"from {home} import {', '.join(names)}" if home else f"import {names[0]}")
        return lines

    def _import(self, statement: cst.Import) -> list[str] | None:
        lines = []
        changed = False
        for alias in statement.names:
            path, asname = alias.evaluated_name, alias.evaluated_alias
            home = renamed(path) or path
            if path in ("keras.backend", "tensorflow.keras.backend") and asname:
                lines.append(f"from keras import backend as {asname}")
                changed = True
            elif home != path:
                lines.append(f"import {_as(home, asname)}")
                changed = True
            else:
                lines.append(f"import {_as(path, asname)}")
        return lines if changed else None

    # files and names

    def leave_SimpleString(
        self, original: cst.SimpleString, updated: cst.SimpleString
    ) -> cst.BaseExpression:
        path = original.evaluated_value
        if isinstance(path, str) and path in self._saved:
            return cst.SimpleString(f"{original.quote}{self._saved[path]}{original.quote}")
        return updated

    def visit_Assign(self, node: cst.Assign) -> None:
        made = isinstance(node.value, cst.Call) and today(self._qualified(node.value.func))
        for target in node.targets:
            name = _code(target.target)
            if isinstance(made, Place) and made.name == "Sequential":
                self._stacks.add(name)
            else:
                self._stacks.discard(name)

    # calls

    def visit_Call(self, node: cst.Call) -> None:
        if self._form(node) is not None:
            self._written.add(node.func)

    def _form(self, call: cst.Call) -> tuple[cst.BaseExpression, str] | None:
        path = self._qualified(call.func)
        home, _, name = (renamed(path) or path).rpartition(".")
        return backend.form(name, call.args) if home == "keras.backend" else None

    def leave_Call(self, original: cst.Call, updated: cst.Call) -> cst.BaseExpression:
        def say(text: str) -> None:
            self.say(original, text)

        path = self._qualified(original.func)
        place = today(path) if path else None
        home, _, name = (renamed(path) or path).rpartition(".")
        if home == "keras.backend":
            written = backend.form(name, updated.args)
            if written is not None and original.func in self._written:
                self.needed.update({written[1]} - {""})
                return written[0]
            updated = updated.with_changes(args=backend.worded(name, updated.args))
        if isinstance(place, Place):
            if place.module == "keras.random":
                say("in a layer, give it seed=, a keras.random.SeedGenerator that the layer keeps")
            if path.endswith(".backend.function"):
                return self._function(updated, say)
            args = arguments.of_class(place.name, updated.args, say)
            args = defaults.of_class(place.module, place.name, args, self._era)
            if place.name == "Sequential":
                args = inputs.listed(args)
            updated = updated.with_changes(args=_worded(args))
            if "keras.Input(batch_shape" in _code(updated):
                self.needed.add("import keras")
            if "keras.optimizers.schedules" in _code(updated):
                self.needed.add("import keras")
            return updated
        if isinstance(updated.func, cst.Attribute) and not path:
            return self._method(updated, updated.func, say)
        return updated

    def _function(self, call: cst.Call, say: arguments.Say) -> cst.BaseExpression:
        """`K.function([x], [y])` is `keras.Function([x], [y])`, if only tensors go in."""
        inputs = call.args[0].value if len(call.args) == 2 else None
        plain = isinstance(inputs, cst.List) and not any(
            "learning_phase" in _code(one) for one in inputs.elements
        )
        if not plain:
            say("K.function with a learning phase or updates: call a keras.Model(inputs, outputs) "
                "with training=...")  # fmt: skip
            return call
        self.needed.add("import keras")
        say("keras.Function returns JAX's arrays: numpy.array(...) of what is written into")
        return call.with_changes(func=cst.parse_expression("keras.Function"))

    def _method(
        self, call: cst.Call, func: cst.Attribute, say: arguments.Say
    ) -> cst.BaseExpression:
        name = func.attr.value
        args = arguments.of_method(name, call.args, say)
        if name in arguments.GENERATORS:
            func = func.with_changes(attr=cst.Name(arguments.GENERATORS[name]))
            call = call.with_changes(func=func)
            args = arguments.of_method(arguments.GENERATORS[name], args, say)
        elif name == "fit":
            args = defaults.of_fit(args, self._era)
        elif name == "compile":
            args = _metrics_third([self._optimizer(arg) for arg in args])
        elif name == "reset_states" and not args:
            if _code(func.value) in self._stacks:
                return cst.parse_expression(_RESET.format(_code(func.value)))
            call = call.with_changes(func=func.with_changes(attr=cst.Name("reset_state")))
        elif name == "load_weights" and arguments.named(args, "by_name") is not None:
            say("by_name= is for HDF5 files of Keras 2; give layers their weights one by one")
        elif name == "add_loss" and _code(func.value) != "self":
            say("only a layer adds losses in Keras 3: self.add_loss(...) in its call")
        elif name in _MODELS:
            call = call.with_changes(func=func.with_changes(attr=cst.Name("predict")), args=args)
            if name == "predict_classes":
                say(
                    "predict_classes is the argmax of predict; with one sigmoid unit, predict > 0.5"
                )
                found = cst.parse_expression("x.argmax(axis=-1)")
                assert isinstance(found, cst.Call)
                assert isinstance(found.func, cst.Attribute)
                return found.with_changes(func=found.func.with_changes(value=call))
            return call
        return call.with_changes(args=_worded(args))

    def _optimizer(self, arg: cst.Arg) -> cst.Arg:
        first = arg.keyword is None or arg.keyword.value == "optimizer"
        if not first or not isinstance(arg.value, cst.SimpleString):
            return arg
        made = defaults.optimizer(str(arg.value.evaluated_value), self._era)
        if made is None:
            return arg
        self.needed.add("import keras")
        return arg.with_changes(value=made)

    def leave_Subscript(
        self, original: cst.Subscript, updated: cst.Subscript
    ) -> cst.BaseExpression:
        element = updated.slice[0].slice
        if len(updated.slice) == 1 and isinstance(element, cst.Index):
            value = _word(element.value, self._logs)
            if value is not element.value:
                changed = updated.slice[0].with_changes(slice=element.with_changes(value=value))
                return updated.with_changes(slice=[changed])
        return updated


def _logs(source: str) -> dict[str, str]:
    """Return today's words for logs: Keras 3 calls them as compile() says."""
    short = {
        old: today for today, old in ONCE.items() if re.search(rf"""['"]{today}['"]""", source)
    }
    return {**_WORDS, **short, **{f"val_{old}": f"val_{today}" for old, today in short.items()}}


def _metrics_third(args: list[cst.Arg]) -> list[cst.Arg]:
    """Return the arguments of `compile` with metrics by name: today weights come third."""
    places = [arg for arg in args if arg.keyword is None]
    if len(places) != 3 or any(arg.star for arg in args):  # with more it is a model's own
        return args
    value = args[2].value
    if isinstance(value, cst.SimpleString):
        value = cst.List([cst.Element(value)])
    made = arguments.keyword("metrics", value)
    return [*args[:2], made.with_changes(comma=args[2].comma), *args[3:]]


def _worded(args: Sequence[cst.Arg]) -> list[cst.Arg]:
    """Return arguments with today's words for metrics, losses and what is monitored."""
    return [arg.with_changes(value=_worded_value(arg)) for arg in args]


def _worded_value(arg: cst.Arg) -> cst.BaseExpression:
    name = arg.keyword.value if arg.keyword is not None else ""
    if name == "monitor":
        return _word(arg.value, _WORDS)
    if name == "loss":
        return _word(arg.value, LOSSES)
    if name == "metrics" and isinstance(arg.value, cst.List):
        items = [e.with_changes(value=_word(e.value, _WORDS)) for e in arg.value.elements]
        return arg.value.with_changes(elements=items)
    return arg.value


def _word(value: cst.BaseExpression, words: dict[str, str]) -> cst.BaseExpression:
    if isinstance(value, cst.SimpleString) and value.evaluated_value in words:
        return cst.SimpleString(f"{value.quote}{words[str(value.evaluated_value)]}{value.quote}")
    return value


def _with_imports(module: cst.Module, needed: set[str]) -> cst.Module:
    """Add the imports that are not there, behind those at the head."""
    missing = sorted(n for n in needed if n not in module.code.split("\n"))
    if not missing:
        return module
    head = _head(module)
    lines = [cst.parse_statement(line) for line in missing]
    return module.with_changes(body=[*module.body[:head], *lines, *module.body[head:]])


def _head(module: cst.Module) -> int:
    """Return how many statements the imports at the head are."""
    head = 0
    for index, statement in enumerate(module.body):
        if not isinstance(statement, cst.SimpleStatementLine):
            break
        if isinstance(statement.body[0], cst.Import | cst.ImportFrom):
            head = index + 1
        elif index:  # the first may be the docstring
            break
    return head


def _with_definition(module: cst.Module, text: str) -> cst.Module:
    """Put a function behind the imports at the head."""
    head = _head(module)
    blank = [cst.EmptyLine(), cst.EmptyLine()]
    made = cst.ensure_type(cst.parse_statement(text), cst.FunctionDef)
    made = made.with_changes(leading_lines=blank)
    body, rest = module.body[:head], list(module.body[head:])
    if rest:
        rest[0] = rest[0].with_changes(leading_lines=[*blank, *rest[0].leading_lines])
    return module.with_changes(body=[*body, made, *rest])


def _without_unused(module: cst.Module) -> cst.Module:
    """Leave out `import tensorflow as tf` where nothing of it is left."""
    kept = []
    for statement in module.body:
        said = module.code_for_node(statement).strip()
        found = _TENSORFLOW.fullmatch(said)
        if found:
            name = found[1] or "tensorflow"
            uses = re.findall(rf"(?<![\w.]){name}(?!\w)", module.code.replace(said, ""))
            if not uses:
                continue
        kept.append(statement)
    return module.with_changes(body=kept)


def _of_tensorflow(module: cst.Module, source: str) -> list[Remark]:
    """Return what to do where the program uses TensorFlow for more than `tf.keras`."""
    if not re.search(r"^\s*(import|from) tensorflow", module.code, re.MULTILINE):
        return []
    lines = source.split("\n")
    line = next(at for at, text in enumerate(lines, 1) if "tensorflow" in text)
    return [Remark(line, "TensorFlow is used beyond tf.keras: install it and set "
                   "KERAS_BACKEND=tensorflow; bital run does without")]  # fmt: skip


def _is_keras(module: str, names: list[str]) -> bool:
    home = renamed(module) or module
    if home == "keras" or home.startswith("keras."):
        return True
    return module == "tensorflow" and names == ["keras"]


def _dotted(node: cst.BaseExpression | None) -> str:
    if isinstance(node, cst.Attribute):
        return f"{_dotted(node.value)}.{node.attr.value}"
    return node.value if isinstance(node, cst.Name) else ""


def _code(node: cst.CSTNode) -> str:
    return cst.Module([]).code_for_node(node)


def _as(name: str, asname: str | None) -> str:
    return f"{name} as {asname}" if asname and asname != name else name
