"""What Keras programs use of TensorFlow, on `keras.ops` and JAX."""
