"""The nine rows of the course notes' overfitting table, by name. Loads neither Keras nor JAX."""

from dataclasses import dataclass

L2 = 1e-5
DROPOUT = (0.4, 0.2)


@dataclass(frozen=True)
class Recipe:
    """A multilayer perceptron, its remedies for overfitting and how its weights begin.

    The docstrings below the attributes are also the help of a study's file.
    """

    label: str
    """as in a table"""

    units: tuple[int, ...] = ()
    """of each hidden layer, in order; the notes' two, sized to the data, when left out"""

    fewer: bool = False
    """leave out the last hidden layer"""

    activation: str = "relu"
    """of the hidden layers and convolutions; any of Keras's by name"""

    initializer: str = "glorot_uniform"
    """of every layer's weights; any of Keras's by name"""

    l2: float = 0.0
    """strength of the penalty on the hidden layers' weights"""

    dropout: tuple[float, ...] = ()
    """rates after the hidden layers, in order; the last one serves those that follow"""

    batch_norm: bool = False
    """normalize between a hidden layer's sum and its activation"""

    convolution: bool = False
    """two convolutions with max-pooling before one hidden layer; needs images"""


RECIPES = {
    "original": Recipe("original DNN"),
    "fewer_layers": Recipe("one hidden layer fewer", fewer=True),
    "l2": Recipe("L2", l2=L2),
    "dropout": Recipe("dropout", dropout=DROPOUT),
    "batch_norm": Recipe("batch normalization", batch_norm=True),
    "l2_dropout": Recipe("L2 + dropout", l2=L2, dropout=DROPOUT),
    "l2_batch_norm": Recipe("L2 + BN", l2=L2, batch_norm=True),
    "dropout_batch_norm": Recipe("dropout + BN", dropout=DROPOUT, batch_norm=True),
    "cnn": Recipe("CNN + DNN", convolution=True),
}
