"""Runs and what they left, found by what produced them; the only package with SQLAlchemy."""
