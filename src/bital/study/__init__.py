"""Variants x seeds on the same splits, and what can be said of their differences."""
