"""Scores of single transactions: the model in force, the same scores without the stream."""
