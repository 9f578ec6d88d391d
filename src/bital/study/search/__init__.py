"""A search over settings, and what is left of its winner on fresh seeds."""
