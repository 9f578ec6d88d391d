"""What Keras 0.3, 1 and 2 called things, in tables, and what carries it out today."""
