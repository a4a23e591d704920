"""A plugin of pytest that notes which findings of the doctor the tests bring about.

It is loaded before any check is: each check then takes what makes a finding from here.
"""

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path

from kafka_workshop.doctor import finding
from kafka_workshop.doctor.finding import Finding

LEVELS = ("problem", "warning")
# Where the notes go: a list of [module, function, level].
NOTES = "DOCTOR_FINDINGS"

Make = Callable[[str, str, str], Finding]
_seen: set[tuple[str, str, str]] = set()


def noted(level: str, make: Make) -> Make:
    """Return `make`, which also notes the function that calls it."""

    def made(check: str, text: str, mend: str) -> Finding:
        caller = sys._getframe(1)
        # Without what is nested in it: until Python 3.12 a comprehension is a function of its own.
        function = caller.f_code.co_qualname.partition(".<locals>")[0].rpartition(".")[2]
        _seen.add((caller.f_globals["__name__"], function, level))
        return make(check, text, mend)

    return made


for _level in LEVELS:
    setattr(finding, _level, noted(_level, getattr(finding, _level)))


def pytest_sessionfinish() -> None:
    """Write the notes."""
    Path(os.environ[NOTES]).write_text(json.dumps(sorted(_seen)), encoding="utf-8")
