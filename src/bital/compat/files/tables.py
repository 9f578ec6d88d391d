"""What the layers, arguments and names in old files are called today. Data only."""

from typing import Any

LAYERS = {
    "AtrousConvolution1D": "Conv1D",
    "AtrousConvolution2D": "Conv2D",
    "BatchNormalizationV1": "BatchNormalization",
    "BatchNormalizationV2": "BatchNormalization",
    "Convolution1D": "Conv1D",
    "Convolution2D": "Conv2D",
    "Convolution2DTranspose": "Conv2DTranspose",
    "Convolution3D": "Conv3D",
    "CuDNNGRU": "GRU",
    "CuDNNLSTM": "LSTM",
    "Deconvolution2D": "Conv2DTranspose",
    "Deconvolution3D": "Conv3DTranspose",
    "SeparableConvolution1D": "SeparableConv1D",
    "SeparableConvolution2D": "SeparableConv2D",
    "SyncBatchNormalization": "BatchNormalization",
    "TimeDistributedDense": "Dense",
}
"""class by old class"""

MODELS = ("Model", "Functional", "Sequential", "Graph")

MERGES = {
    "sum": "Add",
    "mul": "Multiply",
    "concat": "Concatenate",
    "ave": "Average",
    "max": "Maximum",
    "dot": "Dot",
    "cos": "Dot",
}
"""class by the `mode` of Keras 1's Merge"""

ARGUMENTS = {
    "U_regularizer": "recurrent_regularizer",
    "W_constraint": "kernel_constraint",
    "W_regularizer": "kernel_regularizer",
    "atrous_rate": "dilation_rate",
    "b_constraint": "bias_constraint",
    "b_regularizer": "bias_regularizer",
    "bias": "use_bias",
    "border_mode": "padding",
    "dim_ordering": "data_format",
    "dropout_U": "recurrent_dropout",
    "dropout_W": "dropout",
    "filter_length": "kernel_size",
    "init": "kernel_initializer",
    "inner_activation": "recurrent_activation",
    "inner_init": "recurrent_initializer",
    "nb_filter": "filters",
    "output_dim": "units",
    "p": "rate",
    "pool_length": "pool_size",
    "sigma": "stddev",
    "stride": "strides",
    "subsample": "strides",
    "subsample_length": "strides",
}
"""argument by old argument, for every layer"""

_AS_EVER = {n: n for n in ("output_dim", "init", "bias", "W_regularizer", "b_regularizer")}

ARGUMENTS_OF: dict[str, dict[str, str]] = {
    "Embedding": {
        "W_constraint": "embeddings_constraint",
        "W_regularizer": "embeddings_regularizer",
        "init": "embeddings_initializer",
        "output_dim": "output_dim",
    },
    "ELU": {},
    "LeakyReLU": {"alpha": "negative_slope"},
    "PReLU": {"init": "alpha_initializer"},
    "SeparableConv1D": {"init": "depthwise_initializer"},
    "SeparableConv2D": {"init": "depthwise_initializer"},
    "DepthwiseConv2D": {
        "init": "depthwise_initializer",
        "kernel_constraint": "depthwise_constraint",
        "kernel_initializer": "depthwise_initializer",
        "kernel_regularizer": "depthwise_regularizer",
    },
    "UpSampling1D": {"length": "size"},
    "Highway": _AS_EVER,
    "MaxoutDense": _AS_EVER,
}
"""exceptions, by today's class"""

JOINED = {
    "kernel_size": (
        ("nb_row", "nb_col"),
        ("kernel_dim1", "kernel_dim2", "kernel_dim3"),
    ),
}
"""arguments that were several numbers"""

ABSENT: dict[str, dict[str, Any]] = {
    "GRU": {"reset_after": False},
    "GRUCell": {"reset_after": False},
    "ConvLSTM2D": {"recurrent_activation": "hard_sigmoid"},
}
"""what a file meant that does not say it, where Keras 3's default differs"""

ANY = object()
IGNORED: dict[str, Any] = {
    "activity_regularizer": (None,),
    "bias_constraint": (None,),
    "bias_initializer": ANY,
    "bias_regularizer": (None,),
    "batch_input_shape": ANY,
    "cache_enabled": ANY,
    "causal": (False, None),
    "consume_less": ANY,
    "custom_name": ANY,
    "dim_ordering": ANY,
    "dropout": (0, None),
    "dtype_policy": ANY,
    "experimental_autocast": ANY,
    "fused": ANY,
    "groups": (1, None),
    "implementation": ANY,
    "input_dim": ANY,
    "input_dtype": ANY,
    "input_length": ANY,
    "input_shape": ANY,
    "is_input": ANY,
    "key_shape": ANY,
    "kernel_constraint": (None,),
    "kernel_initializer": ANY,
    "kernel_regularizer": (None,),
    "mode": (0, None),
    "number_of_gates": ANY,
    "noise_shape": (None,),
    "num_outputs": ANY,
    "output_shape": ANY,
    "query_shape": ANY,
    "ragged": (False, None),
    "renorm": (False, None),
    "rng_type": ANY,
    "softmax_robust_masking": (False, None),
    "sparse": (False, None),
    "time_major": (False, None),
    "unit_forget_bias": ANY,
    "use_cudnn_kernel": ANY,
    "value_shape": ANY,
    "virtual_batch_size": (None,),
    "zero_output_for_mask": (False, None),
}
"""arguments that Keras 3 lacks, with the values that change nothing"""

DATA_FORMATS = {"tf": "channels_last", "th": "channels_first", "default": None}

INITIALIZERS: dict[str, Any] = {
    "normal": {"class_name": "RandomNormal", "config": {"stddev": 0.05}},
    "one": "ones",
    "uniform": {"class_name": "RandomUniform", "config": {"minval": -0.05, "maxval": 0.05}},
    "zero": "zeros",
}

REGULARIZERS = {
    "ActivityRegularizer": "L1L2",
    "L1L2Regularizer": "L1L2",
    "WeightRegularizer": "L1L2",
}

ACTIVATIONS = {
    "leaky_relu_v2": "leaky_relu",
    "relu_v2": "relu",
    "softmax_v2": "softmax",
}

LOSSES = {
    "cosine_proximity": "cosine_similarity",
    "kullback_leibler_divergence": "kl_divergence",
    "logcosh": "log_cosh",
}

OPTIMIZERS = {
    "AdamOptimizer": "Adam",
    "Adagrad": "Adagrad",
    "Experimental>Adam": "Adam",
}

OPTIMIZER_ARGUMENTS = {"lr": "learning_rate"}
