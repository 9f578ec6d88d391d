"""The nine rows of the course notes' overfitting table, by name. Loads neither Keras nor JAX."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Recipe:
    """A multilayer perceptron and its remedies for overfitting."""

    label: str
    """as in a table"""
    fewer: bool = False
    """leave out the last hidden layer"""
    l2: bool = False
    """penalty on the hidden layers' weights"""
    dropout: bool = False
    """after each hidden layer"""
    batch_norm: bool = False
    """between a hidden layer's sum and its activation"""
    convolution: bool = False
    """two convolutions with max-pooling before one hidden layer; needs images"""


RECIPES = {
    "original": Recipe("original DNN"),
    "fewer_layers": Recipe("one hidden layer fewer", fewer=True),
    "l2": Recipe("L2", l2=True),
    "dropout": Recipe("dropout", dropout=True),
    "batch_norm": Recipe("batch normalization", batch_norm=True),
    "l2_dropout": Recipe("L2 + dropout", l2=True, dropout=True),
    "l2_batch_norm": Recipe("L2 + BN", l2=True, batch_norm=True),
    "dropout_batch_norm": Recipe("dropout + BN", dropout=True, batch_norm=True),
    "cnn": Recipe("CNN + DNN", convolution=True),
}
