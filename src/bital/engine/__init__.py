"""Training, evaluation and prediction of Keras models as compiled programs."""
