"""Each fault test has a short form, which every run has, and a long one, only with `--long`."""

import pytest


def forms(name: str, short: int, long: int) -> pytest.MarkDecorator:
    """Return the two forms of a test: what `name` is in each."""
    shorter = pytest.param(short, id="short")
    longer = pytest.param(long, id="long", marks=[pytest.mark.long, pytest.mark.timeout(900)])
    return pytest.mark.parametrize(name, [shorter, longer])
