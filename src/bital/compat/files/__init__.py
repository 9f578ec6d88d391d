"""Models and weights that Keras 0.3, 1 and 2 wrote, as models of today."""
