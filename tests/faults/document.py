"""`python -m tests.faults.document`: the last long results go into the documents, by no hand.

`./workshop test --long --record` runs it. `docs/faults.json` keeps what was measured; the tables of
`docs/faults.md` and `docs/faults.pt-BR.md` are made of it, which a unit test checks.
"""

import re
from pathlib import Path

from kafka_workshop.settings import PROJECT_FOLDER
from tests.faults.results import FOLDER, Report, dumped, loaded, table

DOCS = PROJECT_FOLDER / "docs"
SOURCE = DOCS / "faults.json"
DOCUMENTS = (DOCS / "faults.md", DOCS / "faults.pt-BR.md")
_BEGIN, _END = "<!-- faults:begin -->", "<!-- faults:end -->"
_MEASURED = (
    "Measured by `./workshop test --long`, commit",
    "Medido por `./workshop test --long`, commit",
)


def block(report: Report, language: int) -> str:
    """Return what stands between the two marks; `language` 0 is English, 1 Portuguese."""
    said = f"{_MEASURED[language]} `{report.commit}`:"
    return f"{_BEGIN}\n\n{said}\n\n{table(report, language)}\n{_END}"


def written(text: str, report: Report, language: int) -> str:
    """Return a document with the results in it."""
    new, count = re.subn(f"(?s){_BEGIN}.*{_END}", lambda _: block(report, language), text)
    if count != 1:
        raise ValueError(f"{count} places for the results, not one")
    return new


def write(measured: Path) -> None:
    """Take over a file of results into `docs/`."""
    report = loaded(measured)
    SOURCE.write_bytes(dumped(report))
    for language, path in enumerate(DOCUMENTS):
        text = path.read_text(encoding="utf-8")
        path.write_text(written(text, report, language), encoding="utf-8")


if __name__ == "__main__":
    write(FOLDER / "faults-long.json")
