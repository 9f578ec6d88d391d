"""`keras.preprocessing` as Keras 1 and 2 had it, over what Keras 3 still carries of it."""
