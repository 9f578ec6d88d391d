import ast
from dataclasses import replace

from bital.report.again import again

from .simulated import classification

PLAIN = {
    "name": "옵티마이저",
    "question": "Which?",
    "arms": {
        "adam": {"label": "Adam", "epochs": 5, "batch_size": "all", "optimizer": "Adam"},
        "sgd": {"label": "SGD", "epochs": 5, "batch_size": 32},
    },
    "data": "digits",
    "seeds": [0, 1],
    "metric": "val_accuracy",
    "splits": {"kind": "k-fold", "k": 5, "repeats": 2, "validation": 0.2, "groups": True},
    "baseline": None,
    "margin": 0.01,
}


def test_a_command_line_s_study_is_a_command():
    assert again(classification()).startswith("bital study digits --variants original,")


def test_python_around_the_builders():
    said = again(replace(classification(), spec=None, plain=PLAIN))
    call = ast.parse(said).body[-1].value
    assert call.func.attr == "run"
    study = call.func.value
    given = {keyword.arg: ast.unparse(keyword.value) for keyword in study.keywords}
    assert given["seeds"] == "[0, 1]"
    assert given["metric"] == "'val_accuracy'"
    assert given["margin"] == "0.01"
    assert given["name"] == "'옵티마이저'"
    assert "baseline" not in given
    assert given["splits"] == "bital.KFold(k=5, repeats=2, validation=0.2, groups=...)"
    assert given["arms"] == (
        "{'adam': bital.Arm(..., label='Adam', epochs=5, batch_size='all'), "
        "'sgd': bital.Arm(..., label='SGD', epochs=5, batch_size=32)}"
    )


def test_a_holdout():
    splits = {"kind": "holdout", "validation": 0.1, "test": 0.3, "groups": False}
    said = again(replace(classification(), spec=None, plain={**PLAIN, "splits": splits}))
    assert "splits=bital.Holdout(validation=0.1, test=0.3)," in said
