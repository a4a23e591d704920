"""Feeds an external data set to the system: a mapping, rows, and what a row is in the domain."""
