"""Files that a program saves itself, by the endings that Keras 3 asks for."""

import re

import libcst as cst
from libcst import matchers as m

_LOGS = re.compile(r"\{(val_)?acc(?=[:}])")
_HDF5 = re.compile(r"\.(h5|hdf5|hdf|keras)$")


class Saved(cst.CSTVisitor):
    """Finds the names of files that a program saves as literals.

    Attributes:
        names: today's name by the program's.
    """

    def __init__(self) -> None:
        self.names: dict[str, str] = {}
        self._literals: dict[str, str] = {}

    def visit_Assign(self, node: cst.Assign) -> None:
        """Remember text by the name it is given."""
        target = node.targets[0].target
        if isinstance(target, cst.Name) and isinstance(node.value, cst.SimpleString):
            self._literals[target.value] = str(node.value.evaluated_value)

    def visit_Call(self, node: cst.Call) -> None:
        """Remember what is saved."""
        if m.matches(node.func, m.Attribute(attr=m.Name("save_weights"))):
            self._keep(node, ".weights.h5")
        elif m.matches(node.func, m.Attribute(attr=m.Name("save"))):
            path = self._path(node)
            if path is not None and path.endswith((".h5", ".hdf5")):
                self._keep(node, ".keras")
        elif m.matches(
            node.func, m.Name("ModelCheckpoint") | m.Attribute(attr=m.Name("ModelCheckpoint"))
        ):
            only = m.Arg(keyword=m.Name("save_weights_only"), value=m.Name("True"))
            weights = any(m.matches(arg, only) for arg in node.args)
            self._keep(node, ".weights.h5" if weights else ".keras")

    def _keep(self, call: cst.Call, suffix: str) -> None:
        path = self._path(call)
        if path is not None and "\\" not in path:
            today = _LOGS.sub(r"{\1accuracy", path)
            self.names[path] = today if today.endswith(suffix) else _HDF5.sub("", today) + suffix
            ending = _HDF5.search(path)
            if ending is not None and ending[0] != suffix:
                self.names[f"*{ending[0]}"] = f"*{suffix}"  # what the program globs them by

    def _path(self, call: cst.Call) -> str | None:
        for arg in call.args:
            if arg.keyword is None or arg.keyword.value in ("filepath", "path"):
                if isinstance(arg.value, cst.SimpleString):
                    return str(arg.value.evaluated_value)
                if isinstance(arg.value, cst.Name):
                    return self._literals.get(arg.value.value)
                return None
        return None
