"""Text as arrays: layers that look words up, without TensorFlow."""
