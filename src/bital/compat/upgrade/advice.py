"""What of a program no rewriting makes run on Keras 3 alone."""

import re
from collections.abc import Callable

import libcst as cst
from libcst import matchers as m

_HDF5 = re.compile(r"""[^'"]*\.(?:h5|hdf5)""")
_COLUMN = (
    "a metric or loss of your own gets y as fit was given it, no longer as a column beside a "
    "column of outputs: give fit y.reshape(-1, 1)"
)
_FREE = (
    "{name} belongs to the model, and a loss of Keras 3 knows y_true and y_pred alone: add it in a "
    "layer's call with self.add_loss(...)"
)
_FILE = "Keras 3 reads few HDF5 files of Keras 1 and 2: load it under bital run and save it anew"
_TRAINABLE = (
    "Keras 3 trains what is trainable when it trains, whatever compile() saw: set it before each "
    "train_on_batch"
)


class Advice(cst.CSTVisitor):
    """Finds it.

    Args:
        say: is told a node and what to do about it.
        saved: names of files that the program writes itself.
        old: whether it was written for a Keras before 3.
    """

    def __init__(self, say: Callable[[cst.CSTNode, str], None], saved: set[str], old: bool) -> None:
        self._say, self._saved, self._old = say, saved, old
        self._tensors: set[str] = set()  # what a layer called on something is assigned to
        self._frozen: cst.Assign | None = None
        self._functions: dict[str, cst.FunctionDef] = {}

    def visit_Assign(self, node: cst.Assign) -> None:
        """Remember symbolic tensors; look at `trainable`."""
        if self._old and m.matches(
            node, m.Assign([m.AssignTarget(m.Attribute(attr=m.Name("trainable")))], m.Name("False"))
        ):
            self._frozen = node
        if m.matches(node.value, m.Call(func=m.Call())):
            names = [t.target for t in node.targets if isinstance(t.target, cst.Name)]
            self._tensors.update(name.value for name in names)

    def visit_FunctionDef(self, node: cst.FunctionDef) -> None:
        """Remember functions."""
        self._functions[node.name.value] = node

    def visit_Call(self, node: cst.Call) -> None:
        """Look at `load_model`, `train_on_batch` and `compile`."""
        if m.matches(node.func, m.Name("load_model") | m.Attribute(attr=m.Name("load_model"))):
            said = cst.Module([]).code_for_node(node)
            if any(found not in self._saved for found in _HDF5.findall(said)):
                self._say(node, _FILE)
        if m.matches(node.func, m.Attribute(attr=m.Name("train_on_batch"))) and self._frozen:
            self._say(self._frozen, _TRAINABLE)
        if self._old and m.matches(node.func, m.Attribute(attr=m.Name("compile"))):
            self._look_at(node)

    def _look_at(self, call: cst.Call) -> None:
        for arg in call.args:
            for name in m.findall(arg.value, m.Name()):
                function = self._functions.get(cst.ensure_type(name, cst.Name).value)
                if function is None:
                    continue
                read = {
                    cst.ensure_type(n, cst.Name).value for n in m.findall(function.body, m.Name())
                }
                own = {p.name.value for p in function.params.params}
                for free in sorted((read - own) & self._tensors):
                    self._say(function, _FREE.format(name=free))
                if arg.keyword is not None and "metrics" in arg.keyword.value:
                    self._say(call, _COLUMN)
