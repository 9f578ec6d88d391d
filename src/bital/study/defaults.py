"""What a study uses where nothing was asked for."""

from dataclasses import replace
from math import isfinite
from typing import NamedTuple

from bital.data import Dataset
from bital.errors import InvalidInput, UnknownName
from bital.models.recipe import RECIPES
from bital.study.arm import check_size
from bital.study.spec import StudySpec
from bital.study.words import check_language


class Training(NamedTuple):
    """Passes enough for every variant's validation curve to have bent, and a fitting batch size."""

    epochs: int
    batch_size: int


TRAINING = {
    "digits": Training(30, 32),
    "iris": Training(100, 16),
    "wine": Training(60, 16),
    "breast_cancer": Training(40, 32),
    "diabetes": Training(60, 32),
    "boston": Training(100, 32),
    "auto_mpg": Training(100, 32),
    "mnist": Training(5, 128),
    "fashion_mnist": Training(5, 128),
}


FOLDER = Training(20, 32)
"""for a folder of images of one's own"""


def completed(spec: StudySpec, dataset: Dataset) -> StudySpec:
    """Return the spec with every default filled in, checked against the data.

    Raises:
        UnknownName: a variant that is none, or a baseline that is not among the variants.
        InvalidInput: sizes below 1, a variant twice, or one that this data cannot have.
    """
    for name in ("seeds", "epochs", "batch_size"):
        check_size(name, getattr(spec, name))
    check_language(spec.language)
    rate = spec.learning_rate
    if rate is not None and not (rate > 0 and isfinite(rate)):
        raise InvalidInput(f"learning_rate must be a number above 0; got {rate:g}.")
    fitting = [name for name, recipe in RECIPES.items() if dataset.image or not recipe.convolution]
    variants = spec.variants or tuple(fitting)
    for name in variants:
        if name not in RECIPES:
            raise UnknownName("variant", name, RECIPES)
        if name not in fitting:
            raise InvalidInput(
                f"variant {name!r} convolves images, and {dataset.name} is a table. "
                f"Variants for it: {', '.join(fitting)}."
            )
        if variants.count(name) > 1:
            raise InvalidInput(f"variants must differ; {name!r} was given twice.")
    if spec.baseline is not None and spec.baseline not in variants:
        raise UnknownName("baseline", spec.baseline, variants)
    if spec.margin is not None and not (spec.margin > 0 and isfinite(spec.margin)):
        raise InvalidInput(f"margin must be a number above 0; got {spec.margin:g}.")
    training = TRAINING.get(spec.dataset, FOLDER)
    return replace(
        spec,
        variants=variants,
        epochs=spec.epochs or training.epochs,
        batch_size=spec.batch_size or training.batch_size,
    )
