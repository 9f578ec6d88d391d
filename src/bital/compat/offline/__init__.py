"""Data and weights that Keras downloads, from local copies."""
