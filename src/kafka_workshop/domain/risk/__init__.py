"""The risk of one transaction: features of its account and of its place, and a model's score."""

from kafka_workshop.domain.risk.features import DESCRIBED, FEATURES, Feature, vector
from kafka_workshop.domain.risk.score import Model, Score, scored
from kafka_workshop.domain.risk.sides import NO_PLACE, AccountSide, PlaceSide

__all__ = [
    "DESCRIBED",
    "FEATURES",
    "NO_PLACE",
    "AccountSide",
    "Feature",
    "Model",
    "PlaceSide",
    "Score",
    "scored",
    "vector",
]
