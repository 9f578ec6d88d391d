"""Sources of any era's Keras rewritten for Keras 3, by the tables the shims read."""
