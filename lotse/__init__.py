"""Lotse: one place for the work of a transfer network."""

__version__ = "0.1.0"
