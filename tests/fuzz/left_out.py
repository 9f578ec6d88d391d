"""Public names of Keras that no random model is drawn with, each with the reason."""

_BASE = "a base class"
_STRINGS = "reads text, or needs TensorFlow outside of a compiled program; tests/compat/text has it"

LEFT_OUT: dict[str, dict[str, str]] = {
    "layers": {
        "Layer": _BASE,
        "Wrapper": _BASE,
        "InputSpec": "no layer",
        "InputLayer": "every model has one, by keras.Input",
        "FlaxLayer": "needs flax",
        "JaxLayer": "needs TensorFlow in a functional model",
        "TFSMLayer": "needs TensorFlow",
        "TorchModuleWrapper": "needs PyTorch",
        "Hashing": _STRINGS,
        "HashedCrossing": _STRINGS,
        "IntegerLookup": _STRINGS,
        "StringLookup": _STRINGS,
        "TextVectorization": _STRINGS,
        "MaxNumBoundingBoxes": "reads boxes, not a tensor",
    },
    "initializers": {
        "Initializer": _BASE,
        "STFT": "makes the kernel of a spectrogram; the layer is drawn",
    },
    "regularizers": {"Regularizer": _BASE},
    "constraints": {"Constraint": _BASE},
    "optimizers": {"Optimizer": _BASE, "OptimizerMap": "a table of MultiOptimizer"},
    "optimizers.schedules": {"LearningRateSchedule": _BASE},
    "losses": {"Loss": _BASE},
    "metrics": {
        "Metric": _BASE,
        "Mean": "every loss is one",
        "Sum": "reads one value, not y and a prediction",
    },
    "callbacks": {
        "Callback": _BASE,
        "CallbackList": "fit makes one",
        "History": "fit makes one",
        "ProgbarLogger": "fit makes one",
        "RemoteMonitor": "needs a server",
        "OrbaxCheckpoint": "needs orbax",
        "TensorBoard": "writes event files with the time in them",
    },
}
