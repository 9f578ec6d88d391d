import numpy as np
from sklearn.datasets import load_digits

from bital.data import load, scaled


def test_digits_are_the_flat_rows_of_scikit_learn_as_images():
    bunch = load_digits()
    dataset = load("digits")
    np.testing.assert_array_equal(dataset.x.reshape(len(dataset.x), 64), bunch.data)
    np.testing.assert_array_equal(dataset.y, bunch.target)
    shares = scaled(dataset, np.arange(1))
    assert (shares.min(), shares.max()) == (0, 1)


def test_iris_is_named_and_in_the_order_fisher_gave():
    dataset = load("iris")
    assert dataset.classes == ("setosa", "versicolor", "virginica")
    assert dataset.features[0] == "sepal length (cm)"
    np.testing.assert_allclose(dataset.x[0], [5.1, 3.5, 1.4, 0.2])


def test_diabetes_is_in_its_own_units():
    dataset = load("diabetes")
    age = dataset.x[:, dataset.features.index("age")]
    assert (age.min(), age.max()) == (19, 79)
