"""Keras tensors that have no value yet, computed and differentiated as Keras 2's backend did."""
