"""Old names of arguments, class by class: read by the shims and by docs/compatibility.md."""

from collections.abc import Callable
from typing import Any, NamedTuple

from bital.compat.files.tables import DATA_FORMATS

DROP = ""
"""as a new name: the argument has nothing to do any more"""


class Argument(NamedTuple):
    """One old argument."""

    old: str
    new: str
    """today's name, or `DROP`"""
    value: Callable[[Any], Any] | None = None
    """today's value from the old one"""
    remark: str = ""
    """why it is dropped, or what else changes"""


_INITIALIZERS = {
    "uniform": "random_uniform",
    "normal": "random_normal",
    "gaussian": "random_normal",
    "zero": "zeros",
    "one": "ones",
}


def initializer(value: Any) -> Any:
    """Return today's name of an initializer."""
    return _INITIALIZERS.get(value, value) if isinstance(value, str) else value


def layout(value: Any) -> Any:
    """Return "channels_first" for "th", "channels_last" for "tf", None for "default"."""
    return DATA_FORMATS.get(value, value)


def _lower(value: Any) -> Any:
    return value.lower() if isinstance(value, str) else value


def _epsilon(value: Any) -> Any:
    return 1e-7 if value is None else value


WEIGHTS = (
    Argument("init", "kernel_initializer", initializer),
    Argument("W_regularizer", "kernel_regularizer"),
    Argument("b_regularizer", "bias_regularizer"),
    Argument("W_constraint", "kernel_constraint"),
    Argument("b_constraint", "bias_constraint"),
    Argument("bias", "use_bias"),
    Argument("kernel_initializer", "kernel_initializer", initializer),
    Argument("bias_initializer", "bias_initializer", initializer),
)
LAYOUT = (
    Argument("dim_ordering", "data_format", layout),
    Argument("data_format", "data_format", layout),
)
CONVOLUTION = (
    *WEIGHTS,
    *LAYOUT,
    Argument("nb_filter", "filters"),
    Argument("border_mode", "padding"),
    Argument("subsample", "strides"),
    Argument("subsample_length", "strides"),
    Argument("filter_length", "kernel_size"),
    Argument("atrous_rate", "dilation_rate"),
    Argument("nb_row + nb_col", "kernel_size"),
    Argument("kernel_dim1 + kernel_dim2 + kernel_dim3", "kernel_size"),
    Argument("output_shape", DROP, remark="the shape follows from the input"),
    Argument("depthwise_initializer", "depthwise_initializer", initializer),
)
POOLING = (
    *LAYOUT,
    Argument("pool_length", "pool_size"),
    Argument("stride", "strides"),
    Argument("border_mode", "padding"),
)
RECURRENT = (
    *WEIGHTS,
    Argument("output_dim", "units"),
    Argument("inner_init", "recurrent_initializer", initializer),
    Argument("inner_activation", "recurrent_activation"),
    Argument("U_regularizer", "recurrent_regularizer"),
    Argument("dropout_W", "dropout"),
    Argument("dropout_U", "recurrent_dropout"),
    Argument("forget_bias_init", "unit_forget_bias", lambda value: value in ("one", "ones")),
    Argument("truncate_gradient", DROP, remark="Keras 0.3, Theano"),
    Argument("consume_less", DROP, remark="there is one implementation"),
    Argument("implementation", DROP, remark="there is one implementation"),
    Argument("input_dim + input_length", "input_shape"),
    Argument("recurrent_initializer", "recurrent_initializer", initializer),
)
LAYERS: dict[str, tuple[Argument, ...]] = {
    "Dense": (*WEIGHTS, Argument("output_dim", "units")),
    "Embedding": (
        Argument("init", "embeddings_initializer", initializer),
        Argument("W_regularizer", "embeddings_regularizer"),
        Argument("W_constraint", "embeddings_constraint"),
        Argument("embeddings_initializer", "embeddings_initializer", initializer),
        Argument("input_length", "input_shape", lambda length: (length,)),
    ),
    "Conv1D": (*CONVOLUTION, Argument("causal", "padding", lambda c: "causal" if c else "valid")),
    "Conv2D": CONVOLUTION,
    "Conv3D": CONVOLUTION,
    "Conv2DTranspose": CONVOLUTION,
    "SeparableConv1D": CONVOLUTION,
    "SeparableConv2D": CONVOLUTION,
    "DepthwiseConv2D": CONVOLUTION,
    "MaxPooling1D": POOLING,
    "MaxPooling2D": POOLING,
    "MaxPooling3D": POOLING,
    "AveragePooling1D": POOLING,
    "AveragePooling2D": POOLING,
    "AveragePooling3D": POOLING,
    "GlobalMaxPooling2D": LAYOUT,
    "GlobalAveragePooling2D": LAYOUT,
    "UpSampling1D": (Argument("length", "size"),),
    "UpSampling2D": LAYOUT,
    "UpSampling3D": LAYOUT,
    "ZeroPadding2D": LAYOUT,
    "ZeroPadding3D": LAYOUT,
    "Cropping2D": LAYOUT,
    "Cropping3D": LAYOUT,
    "Flatten": LAYOUT,
    "LSTM": RECURRENT,
    "GRU": (*RECURRENT, Argument("forget_bias_init", DROP, remark="a GRU has none")),
    "SimpleRNN": RECURRENT,
    "ConvLSTM2D": (*CONVOLUTION, *RECURRENT),
    "Dropout": (Argument("p", "rate"),),
    "GaussianDropout": (Argument("p", "rate"),),
    "AlphaDropout": (Argument("p", "rate"),),
    "SpatialDropout1D": (Argument("p", "rate"),),
    "SpatialDropout2D": (Argument("p", "rate"), *LAYOUT),
    "SpatialDropout3D": (Argument("p", "rate"), *LAYOUT),
    "GaussianNoise": (Argument("sigma", "stddev"),),
    "LeakyReLU": (Argument("alpha", "negative_slope"),),
    "PReLU": (
        Argument("init", "alpha_initializer", initializer),
        Argument("weights", "weights"),
    ),
    "Reshape": (Argument("dims", "target_shape"),),
    "Lambda": (Argument("output_shape", "output_shape"),),
    "BatchNormalization": (
        Argument("beta_init", "beta_initializer", initializer),
        Argument("gamma_init", "gamma_initializer", initializer),
        Argument("mode", DROP, remark="statistics are those of a feature (mode=0)"),
        Argument("fused", DROP, remark="XLA fuses"),
        Argument("renorm", DROP, remark="kept where Keras has it; else renorm=True is an error"),
        Argument("virtual_batch_size", DROP, remark="TensorFlow 1"),
        Argument("adjustment", DROP, remark="TensorFlow 1"),
    ),
    "LayerNormalization": (),
    "Softmax": (),
    "ReLU": (),
}
"""by the class's name in `keras.layers`"""

EVERY_LAYER = (
    Argument("batch_input_shape", "keras.Input(batch_shape=...)"),
    Argument("input_shape", "keras.Input(shape=...)"),
    Argument("input_dim", "keras.Input(shape=(input_dim,))"),
    Argument("input_dtype", "keras.Input(dtype=...)"),
    Argument("weights", "layer.set_weights(...)", remark="given once the layer is built"),
    Argument("dynamic", DROP, remark="TensorFlow 2"),
)
"""what `keras.layers.Layer` takes for all of them"""

OPTIMIZERS = (
    Argument("lr", "learning_rate"),
    Argument("decay", "keras.optimizers.schedules.InverseTimeDecay", remark="kept as Keras 2 did"),
    Argument("schedule_decay", DROP, remark="Nadam, Keras 2"),
    Argument("epsilon", "epsilon", _epsilon),
)
METHODS: dict[str, tuple[Argument, ...]] = {
    "fit": (
        Argument("nb_epoch", "epochs"),
        Argument("X", "x"),
        Argument("show_accuracy", "compile(metrics=['accuracy'])"),
        Argument("workers", "keras.utils.PyDataset(workers=...)"),
        Argument("use_multiprocessing", "keras.utils.PyDataset(use_multiprocessing=...)"),
        Argument("max_queue_size", "keras.utils.PyDataset(max_queue_size=...)"),
    ),
    "evaluate": (
        Argument("X", "x"),
        Argument("show_accuracy", "compile(metrics=['accuracy'])"),
        Argument("workers", "keras.utils.PyDataset(workers=...)"),
        Argument("use_multiprocessing", "keras.utils.PyDataset(use_multiprocessing=...)"),
        Argument("max_queue_size", "keras.utils.PyDataset(max_queue_size=...)"),
    ),
    "predict": (
        Argument("X", "x"),
        Argument("workers", "keras.utils.PyDataset(workers=...)"),
        Argument("use_multiprocessing", "keras.utils.PyDataset(use_multiprocessing=...)"),
        Argument("max_queue_size", "keras.utils.PyDataset(max_queue_size=...)"),
    ),
    "fit_generator": (
        Argument("samples_per_epoch", "steps_per_epoch", remark="rows divided by the batch size"),
        Argument("nb_epoch", "epochs"),
        Argument("nb_val_samples", "validation_steps", remark="rows divided by the batch size"),
        Argument("max_q_size", "max_queue_size"),
        Argument("nb_worker", "workers"),
        Argument("nb_val_worker", "workers"),
        Argument("pickle_safe", "use_multiprocessing"),
    ),
    "evaluate_generator": (
        Argument("val_samples", "steps", remark="rows divided by the batch size"),
        Argument("max_q_size", "max_queue_size"),
        Argument("nb_worker", "workers"),
        Argument("pickle_safe", "use_multiprocessing"),
    ),
    "predict_generator": (
        Argument("val_samples", "steps", remark="rows divided by the batch size"),
        Argument("max_q_size", "max_queue_size"),
        Argument("nb_worker", "workers"),
        Argument("pickle_safe", "use_multiprocessing"),
    ),
    "compile": (
        Argument("class_mode", DROP, remark="Keras 0.3; the loss says it"),
        Argument("sample_weight_mode", DROP, remark="weights may have one entry a step"),
        Argument("target_tensors", DROP, remark="TensorFlow 1"),
        Argument("experimental_run_tf_function", DROP, remark="TensorFlow 2"),
        Argument("distribute", DROP, remark="TensorFlow 1"),
        Argument("options", DROP, remark="TensorFlow 1"),
        Argument("run_metadata", DROP, remark="TensorFlow 1"),
    ),
    "Model": (Argument("input", "inputs"), Argument("output", "outputs")),
    "train_on_batch": (
        Argument("accuracy", "compile(metrics=['accuracy'])"),
        Argument("reset_metrics", DROP, remark="metrics begin anew at each batch"),
        Argument("X", "x"),
    ),
    "test_on_batch": (
        Argument("accuracy", "compile(metrics=['accuracy'])"),
        Argument("reset_metrics", DROP, remark="metrics begin anew at each batch"),
        Argument("X", "x"),
    ),
    "summary": (Argument("print_fn", "print_fn"),),
}
CALLBACKS: dict[str, tuple[Argument, ...]] = {
    "ReduceLROnPlateau": (Argument("epsilon", "min_delta"),),
    "ModelCheckpoint": (
        Argument("period", "period", remark="kept: saves every so many epochs"),
        Argument("load_weights_on_restart", DROP, remark="TensorFlow 2"),
    ),
    "ProgbarLogger": (
        Argument("count_mode", DROP, remark="steps are counted"),
        Argument("stateful_metrics", DROP, remark="Keras 2"),
    ),
    "TensorBoard": (
        Argument("batch_size", DROP, remark="Keras 2"),
        Argument("write_grads", DROP, remark="Keras 2"),
        Argument("embeddings_layer_names", DROP, remark="Keras 2"),
        Argument("embeddings_data", DROP, remark="Keras 2"),
    ),
}
MODES = {
    "loss": {
        "cosine_proximity": "cosine_similarity",
        "cosine": "cosine_similarity",
        "kullback_leibler_divergence": "kl_divergence",
        "kld": "kl_divergence",
        "KLD": "kl_divergence",
        "logcosh": "log_cosh",
        "mse": "mean_squared_error",
        "MSE": "mean_squared_error",
        "mae": "mean_absolute_error",
        "MAE": "mean_absolute_error",
        "mape": "mean_absolute_percentage_error",
        "msle": "mean_squared_logarithmic_error",
    },
    "optimizer": {"adam": "adam", "sgd": "sgd", "rmsprop": "rmsprop"},
}
"""old words for losses and optimizers"""
