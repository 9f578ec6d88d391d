"""Keras models: the backend they run on, their pure functions, and networks by recipe."""
