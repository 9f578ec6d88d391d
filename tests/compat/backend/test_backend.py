"""Every function of Keras 2.3's keras.backend is there, and computes what NumPy does."""

import keras
import numpy as np
import pytest

from bital.compat import backend, mode

PUBLIC = """
abs all any arange argmax argmin backend batch_dot batch_flatten batch_get_value
batch_normalization batch_set_value bias_add binary_crossentropy cast cast_to_floatx
categorical_crossentropy clear_session clip concatenate constant conv1d conv2d conv2d_transpose
conv3d conv3d_transpose cos count_params ctc_batch_cost ctc_decode ctc_label_dense_to_sparse
cumprod cumsum depthwise_conv2d dot dropout dtype elu epsilon equal eval exp expand_dims eye
flatten floatx foldl foldr function gather get_session get_uid get_value get_variable_shape
gradients greater greater_equal hard_sigmoid has_arg identity image_data_format in_test_phase
in_top_k in_train_phase int_shape is_keras_tensor is_placeholder is_sparse is_tensor is_variable
l2_normalize learning_phase less less_equal local_conv1d local_conv2d log logsumexp
manual_variable_initialization map_fn max maximum mean min minimum moving_average_update
name_scope ndim normalize_batch_in_training not_equal one_hot ones ones_like permute_dimensions
placeholder pool2d pool3d pow print_tensor prod random_binomial random_normal
random_normal_variable random_uniform random_uniform_variable relu repeat repeat_elements
reset_uids reshape resize_images resize_volumes reverse rnn round separable_conv1d
separable_conv2d set_epsilon set_floatx set_image_data_format set_learning_phase set_session
set_value shape sigmoid sign sin slice softmax softplus softsign sparse_categorical_crossentropy
spatial_2d_padding spatial_3d_padding sqrt square squeeze stack std stop_gradient sum switch
tanh temporal_padding tile to_dense transpose truncated_normal update update_add update_sub var
variable zeros zeros_like image_dim_ordering set_image_dim_ordering learning_phase_scope
""".split()  # noqa: SIM905


def test_every_public_function_is_there() -> None:
    with mode.compat():
        assert not [name for name in PUBLIC if not callable(getattr(keras.backend, name, None))]


X = np.linspace(-2, 2, 24, dtype="float32").reshape(2, 3, 4)
K = backend.names()
CASES = [
    ("sum", (X, [1, 2]), X.sum((1, 2))),
    ("mean", (X > 0, -1), (X > 0).mean(-1)),
    ("argmax", (X,), X.argmax(-1)),
    ("clip", (X, -1, 1), X.clip(-1, 1)),
    ("dot", (X, np.ones((4, 2), "float32")), X @ np.ones((4, 2))),
    ("batch_dot", (X, X, (2, 2)), np.einsum("nik,njk->nij", X, X)),
    ("l2_normalize", (X, -1), X / np.linalg.norm(X, axis=-1, keepdims=True)),
    ("hard_sigmoid", (X,), np.clip(0.2 * X + 0.5, 0, 1)),
    ("batch_flatten", (X,), X.reshape(2, 12)),
    ("permute_dimensions", (X, (0, 2, 1)), X.transpose(0, 2, 1)),
    ("repeat", (X[:, 0], 3), np.repeat(X[:, :1], 3, 1)),
    ("repeat_elements", (X, 2, 1), np.repeat(X, 2, 1)),
    ("reverse", (X, 1), X[:, ::-1]),
    ("slice", (X, (0, 1, 0), (2, 2, -1)), X[:, 1:3]),
    ("gather", (X[0], np.array([2, 0])), X[0][[2, 0]]),
    ("temporal_padding", (X,), np.pad(X, ((0, 0), (1, 1), (0, 0)))),
    ("std", (X, 0), X.std(0)),
    ("sqrt", (X,), np.sqrt(np.maximum(X, 0))),
    ("logsumexp", (X, -1), np.log(np.exp(X).sum(-1))),
    ("switch", (X > 0, X, -X), np.abs(X)),
    ("foldl", (lambda a, b: a + b, X), X.sum(0)),
    ("map_fn", (lambda row: row * 2, X), X * 2),
    ("in_train_phase", (X, -X, True), X),
    ("softmax", (X,), np.exp(X) / np.exp(X).sum(-1, keepdims=True)),
    ("relu", (X, 0.1), np.where(X > 0, X, 0.1 * X)),
    ("one_hot", (np.array([1, 0]), 3), np.eye(3)[[1, 0]]),
    ("bias_add", (X, np.arange(4, dtype="float32")), X + np.arange(4)),
    ("cumsum", (X, 1), X.cumsum(1)),
    ("any", (X > 1, 1), (X > 1).any(1)),
]  # fmt: skip


@pytest.mark.parametrize(("name", "given", "expected"), CASES, ids=[case[0] for case in CASES])
def test_values(name: str, given: tuple[object, ...], expected: np.ndarray) -> None:
    found = K[name](*given)  # type: ignore[operator]
    np.testing.assert_allclose(np.asarray(found), expected, atol=1e-5)


def test_symbolic_tensors_too() -> None:
    with mode.compat():
        k = keras.backend
        x = keras.Input((3, 4))
        y = k.mean(k.square(x) * 2.0 + k.variable(1.0), axis=[1, 2])
        found = k.function([x], [y])([X])[0]
    np.testing.assert_allclose(found, (X**2 * 2 + 1).mean((1, 2)), atol=1e-5)
