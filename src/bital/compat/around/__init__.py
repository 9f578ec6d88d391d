"""What surrounds a program: paths, figures, libraries that are missing."""
