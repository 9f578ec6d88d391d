"""Programs written for Keras, run as they are."""
