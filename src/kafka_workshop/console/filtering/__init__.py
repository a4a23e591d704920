"""A small closed language that chooses messages: compared, never run.

A filter is parsed into a tree of frozen values and evaluated by walking it. There is nothing in it
that calls, loops, assigns or matches patterns; its length, depth and terms are bounded, and a
message is evaluated in steps linear in its size. The package is pure: no Kafka, no page, no clock.
"""

from kafka_workshop.console.filtering.evaluation import Matcher, Readable
from kafka_workshop.console.filtering.mistakes import FilterMistake
from kafka_workshop.console.filtering.parser import parse, parse_path
from kafka_workshop.console.filtering.printing import printed, printed_path
from kafka_workshop.console.filtering.tree import Path, Tree

__all__ = [
    "FilterMistake",
    "Matcher",
    "Path",
    "Readable",
    "Tree",
    "parse",
    "parse_path",
    "printed",
    "printed_path",
]
