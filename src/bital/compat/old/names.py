"""Old names of modules and of what is in them: read by the import hook and by the docs."""

from typing import NamedTuple

ROOTS = {
    "tensorflow.python.keras": "keras",
    "tensorflow.keras": "keras",
    "tensorflow.contrib.keras.api.keras": "keras",
    "tensorflow.contrib.keras.python.keras": "keras",
    "tensorflow.contrib.keras": "keras",
    "tensorflow._api.v2.v2.keras": "keras",
    "keras.api._v2.keras": "keras",
    "keras.api._v1.keras": "keras",
    "keras.api.keras": "keras",
    "keras.src.api.keras": "keras",
    "keras_preprocessing": "keras.preprocessing",
    "keras_applications": "keras.applications",
    "tf_keras": "keras",
}
"""packages that are another name for today's; the first that fits counts"""

MODULES: dict[str, tuple[str, ...]] = {
    "keras.layers.*": ("keras.layers", "keras", "keras.backend"),
    "keras.layers.experimental": ("keras.layers",),
    "keras.layers.experimental.preprocessing": ("keras.layers",),
    "keras.layers.preprocessing": ("keras.layers",),
    "keras.engine": ("keras.layers", "keras.models", "keras"),
    "keras.engine.*": ("keras.models", "keras.layers", "keras.utils", "keras"),
    "keras.legacy": ("keras.layers",),
    "keras.legacy.*": ("keras.layers",),
    "keras.models.*": ("keras.models",),
    "keras.utils.*": ("keras.utils", "keras.models", "keras"),
    "keras.optimizers.*": ("keras.optimizers", "keras.optimizers.schedules"),
    "keras.optimizers.schedules": ("keras.optimizers.schedules",),
    "keras.optimizer_v1": ("keras.optimizers",),
    "keras.optimizer_v2": ("keras.optimizers",),
    "keras.optimizer_v2.*": ("keras.optimizers", "keras.optimizers.schedules"),
    "keras.callbacks.*": ("keras.callbacks",),
    "keras.objectives": ("keras.losses",),
    "keras.losses.*": ("keras.losses",),
    "keras.metrics.*": ("keras.metrics",),
    "keras.initializations": ("keras.initializers",),
    "keras.initializers.*": ("keras.initializers",),
    "keras.regularizers.*": ("keras.regularizers",),
    "keras.activations.*": ("keras.activations",),
    "keras.applications.*": ("keras.applications",),
    "keras.backend.*": ("keras.backend",),
    "keras.saving.*": ("keras.saving", "keras.models"),
    "keras.mixed_precision.*": ("keras.mixed_precision",),
    "keras.experimental": ("keras.optimizers.schedules", "keras.layers"),
    "keras.premade": ("keras.models",),
    "keras.estimator": (),
    "keras.preprocessing.text": ("bital.compat.preprocessing.text",),
    "keras.preprocessing.sequence": (
        "bital.compat.preprocessing.sequence",
        "keras.utils",
    ),
    "keras.preprocessing.image": ("bital.compat.preprocessing.image", "keras.utils"),
    "keras.preprocessing.image_dataset": ("keras.utils",),
    "keras.preprocessing.timeseries": ("keras.utils",),
    "keras.preprocessing.text_dataset": ("keras.utils",),
    "keras.wrappers.scikit_learn": ("bital.compat.wrappers",),
    "scikeras.wrappers": ("bital.compat.wrappers",),
}
"""modules that are gone, and where their names are looked up now"""


class Name(NamedTuple):
    """A name that has moved or changed."""

    home: str
    """today's module, or one of bital's"""
    today: str


_SCHEDULES = "keras.optimizers.schedules"
NAMES: dict[str, dict[str, Name]] = {
    "keras.layers": {
        "Deconvolution2D": Name("keras.layers", "Conv2DTranspose"),
        "Deconv2D": Name("keras.layers", "Conv2DTranspose"),
        "Deconvolution3D": Name("keras.layers", "Conv3DTranspose"),
        "AtrousConvolution1D": Name("keras.layers", "Conv1D"),
        "AtrousConvolution2D": Name("keras.layers", "Conv2D"),
        "AtrousConv1D": Name("keras.layers", "Conv1D"),
        "AtrousConv2D": Name("keras.layers", "Conv2D"),
        "CuDNNLSTM": Name("bital.compat.old.recurrent", "CuDNNLSTM"),
        "CuDNNGRU": Name("bital.compat.old.recurrent", "CuDNNGRU"),
        "TimeDistributedDense": Name("bital.compat.old.recurrent", "TimeDistributedDense"),
        "LocallyConnected1D": Name("bital.compat.old.layers", "LocallyConnected1D"),
        "LocallyConnected2D": Name("bital.compat.old.layers", "LocallyConnected2D"),
        "MaxoutDense": Name("bital.compat.old.layers", "MaxoutDense"),
        "Highway": Name("bital.compat.old.layers", "Highway"),
        "ThresholdedReLU": Name("bital.compat.old.layers", "ThresholdedReLU"),
        "ParametricSoftplus": Name("bital.compat.old.layers", "ParametricSoftplus"),
        "Merge": Name("bital.compat.old.layers", "Merge"),
        "merge": Name("bital.compat.old.layers", "merge"),
        "Recurrent": Name("keras.layers", "RNN"),
        "BatchNormalizationV1": Name("keras.layers", "BatchNormalization"),
        "BatchNormalizationV2": Name("keras.layers", "BatchNormalization"),
        "SyncBatchNormalization": Name("keras.layers", "BatchNormalization"),
        "RandomHeight": Name("keras._legacy.layers", "RandomHeight"),
        "RandomWidth": Name("keras._legacy.layers", "RandomWidth"),
        "K": Name("keras", "backend"),
    },
    "keras.models": {
        "Functional": Name("keras", "Functional"),
        "Container": Name("keras", "Model"),
        "Network": Name("keras", "Model"),
        "Input": Name("keras", "Input"),
        "get_source_inputs": Name("keras.utils", "get_source_inputs"),
        "model_from_config": Name("bital.compat.old.functions", "model_from_config"),
    },
    "keras.optimizers": {
        "adam": Name("keras.optimizers", "Adam"),
        "sgd": Name("keras.optimizers", "SGD"),
        "rmsprop": Name("keras.optimizers", "RMSprop"),
        "adagrad": Name("keras.optimizers", "Adagrad"),
        "adadelta": Name("keras.optimizers", "Adadelta"),
        "adamax": Name("keras.optimizers", "Adamax"),
        "nadam": Name("keras.optimizers", "Nadam"),
        "adam_v2": Name("keras", "optimizers"),
        "gradient_descent_v2": Name("keras", "optimizers"),
        "rmsprop_v2": Name("keras", "optimizers"),
        "experimental": Name("keras", "optimizers"),
        "OptimizerV2": Name("keras.optimizers", "Optimizer"),
        "CosineDecay": Name(_SCHEDULES, "CosineDecay"),
        "ExponentialDecay": Name(_SCHEDULES, "ExponentialDecay"),
    },
    "keras.losses": {
        "mse": Name("keras.losses", "mean_squared_error"),
        "MSE": Name("keras.losses", "mean_squared_error"),
        "mae": Name("keras.losses", "mean_absolute_error"),
        "MAE": Name("keras.losses", "mean_absolute_error"),
        "mape": Name("keras.losses", "mean_absolute_percentage_error"),
        "MAPE": Name("keras.losses", "mean_absolute_percentage_error"),
        "msle": Name("keras.losses", "mean_squared_logarithmic_error"),
        "MSLE": Name("keras.losses", "mean_squared_logarithmic_error"),
        "kld": Name("keras.losses", "kl_divergence"),
        "KLD": Name("keras.losses", "kl_divergence"),
        "kullback_leibler_divergence": Name("keras.losses", "kl_divergence"),
        "logcosh": Name("keras.losses", "log_cosh"),
        "cosine_proximity": Name("keras.losses", "cosine_similarity"),
        "cosine": Name("keras.losses", "cosine_similarity"),
        "BCE": Name("keras.losses", "binary_crossentropy"),
        "bce": Name("keras.losses", "binary_crossentropy"),
    },
    "keras.metrics": {
        "mse": Name("keras.metrics", "mean_squared_error"),
        "MSE": Name("keras.metrics", "mean_squared_error"),
        "mae": Name("keras.metrics", "mean_absolute_error"),
        "MAE": Name("keras.metrics", "mean_absolute_error"),
        "mape": Name("keras.metrics", "mean_absolute_percentage_error"),
        "msle": Name("keras.metrics", "mean_squared_logarithmic_error"),
        "kld": Name("keras.metrics", "kl_divergence"),
        "kullback_leibler_divergence": Name("keras.metrics", "kl_divergence"),
        "cosine_proximity": Name("keras.losses", "cosine_similarity"),
        "cosine_similarity": Name("keras.losses", "cosine_similarity"),
        "logcosh": Name("keras.metrics", "log_cosh"),
        "MeanRelativeError": Name("keras.metrics", "MeanAbsolutePercentageError"),
    },
    "keras.regularizers": {
        "l1l2": Name("keras.regularizers", "l1_l2"),
        "activity_l1": Name("keras.regularizers", "l1"),
        "activity_l2": Name("keras.regularizers", "l2"),
        "activity_l1l2": Name("keras.regularizers", "l1_l2"),
        "WeightRegularizer": Name("keras.regularizers", "L1L2"),
        "ActivityRegularizer": Name("keras.regularizers", "L1L2"),
    },
    "keras.constraints": {
        "maxnorm": Name("keras.constraints", "max_norm"),
        "nonneg": Name("keras.constraints", "non_neg"),
        "unitnorm": Name("keras.constraints", "unit_norm"),
    },
    "keras.initializers": {
        "normal": Name("keras.initializers", "random_normal"),
        "uniform": Name("keras.initializers", "random_uniform"),
        "zero": Name("keras.initializers", "zeros"),
        "one": Name("keras.initializers", "ones"),
        "get_fans": Name("bital.compat.old.functions", "get_fans"),
    },
    "keras.callbacks": {
        "BaseLogger": Name("keras.callbacks", "Callback"),
        "TensorBoard": Name("bital.compat.old.callbacks", "TensorBoard"),
    },
    "keras.utils": {
        "Sequence": Name("keras.utils", "PyDataset"),
        "OrderedEnqueuer": Name("keras.utils", "PyDataset"),
        "plot": Name("keras.utils", "plot_model"),
        "to_graph": Name("keras.utils", "model_to_dot"),
        "np_utils": Name("keras", "utils"),
        "vis_utils": Name("keras", "utils"),
        "generic_utils": Name("keras", "utils"),
        "data_utils": Name("keras", "utils"),
        "layer_utils": Name("keras", "utils"),
        "io_utils": Name("keras", "utils"),
        "conv_utils": Name("keras", "utils"),
        "tf_utils": Name("keras", "utils"),
        "probas_to_classes": Name("bital.compat.old.functions", "probas_to_classes"),
        "categorical_probas_to_classes": Name(
            "bital.compat.old.functions", "probas_to_classes"
        ),
        "print_summary": Name("bital.compat.old.functions", "print_summary"),
        "multi_gpu_model": Name("bital.compat.old.functions", "multi_gpu_model"),
        "convert_all_kernels_in_model": Name(
            "bital.compat.old.functions", "convert_all_kernels_in_model"
        ),
        "convert_kernel": Name("bital.compat.old.functions", "convert_kernel"),
        "HDF5Matrix": Name("bital.compat.old.functions", "HDF5Matrix"),
        "get_test_data": Name("bital.compat.old.functions", "get_test_data"),
        "conv_output_length": Name("bital.compat.old.functions", "conv_output_length"),
    },
    "keras": {
        "objectives": Name("keras", "losses"),
        "engine": Name("keras", "engine"),
        "legacy": Name("keras", "legacy"),
        "experimental": Name("keras", "experimental"),
    },
}
"""by module: names it has no more"""

GONE: dict[str, str] = {
    "keras.models.Graph": "Graph went with Keras 1; write the same with keras.Input and "
    "keras.Model(inputs, outputs)",
    "keras.models.model_from_yaml": "YAML went with TensorFlow 2.6, for it could run code; save "
    "the model with model.to_json() or model.save('model.keras')",
    "keras.layers.SReLU": "no layer of Keras 3 does the same; the nearest is PReLU",
    "keras.layers.DenseFeatures": "feature columns are TensorFlow's; see keras.utils.FeatureSpace",
    "keras.layers.SimpleDeepRNN": "it went with Keras 1; keras.layers.RNN takes a cell of yours",
    "keras.layers.JZS1": "it went with Keras 0.3; GRU is the nearest",
    "keras.layers.ConvRecurrent2D": "subclass keras.layers.RNN, or use ConvLSTM2D",
    "keras.layers.AutoEncoder": "it went with Keras 0.3; two keras.Sequential, one after the other",
    "keras.estimator.model_to_estimator": "estimators are TensorFlow's",
    "keras.layers.RandomFourierFeatures": "it went with TensorFlow 2; a Dense layer that is not "
    "trainable, with a cosine, does the same",
    "keras.experimental.SequenceFeatures": "feature columns are TensorFlow's",
}
"""what cannot be had, and what to do instead"""
