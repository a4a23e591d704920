"""The tables of results: both languages, and in the documents exactly what was measured."""

import re

import pytest

from tests.faults.document import DOCUMENTS, SOURCE, block, written
from tests.faults.results import NAMES, Report, Row, dumped, loaded, table
from tests.unit.repository import Document

ROW = Row("leader", 10, 123_456, 0, 0, 7.5, 18.25)
REPORT = Report("abc123", "long", [ROW])


def test_a_table_speaks_both_languages() -> None:
    english, portuguese = (Document(table(REPORT, language)).tables[0] for language in (0, 1))
    assert english[1] == [NAMES["leader"][0], "10", "123,456", "0", "0", "7.5 s", "18.2 s"]
    assert portuguese[1] == [NAMES["leader"][1], "10", "123.456", "0", "0", "7,5 s", "18,2 s"]


def test_results_replace_those_before_and_nothing_else() -> None:
    old = f"before\n{block(Report('old', 'long', []), 0)}\nafter\n"
    new = written(old, REPORT, 0)
    assert new == f"before\n{block(REPORT, 0)}\nafter\n"
    with pytest.raises(ValueError, match="0 places"):
        written("no place", REPORT, 0)


def test_the_documents_hold_what_was_measured_last() -> None:
    report = loaded(SOURCE)
    assert dumped(report) == SOURCE.read_bytes()
    assert [row.fault for row in report.rows if row.lost or row.duplicated] == []
    assert {row.fault for row in report.rows} == set(NAMES)
    for language, path in enumerate(DOCUMENTS):
        text = path.read_text(encoding="utf-8")
        assert written(text, report, language) == text


def test_the_documents_are_twins_that_name_every_fault() -> None:
    one, other = (Document(path.read_text(encoding="utf-8")) for path in DOCUMENTS)
    assert [level for level, _ in one.headings] == [level for level, _ in other.headings]
    commands = [[re.sub(" +#.*", "", line) for line in d.code[0].lines] for d in (one, other)]
    assert commands[0] == commands[1]
    for language, document in enumerate((one, other)):
        named = [row[0] for row in document.tables[0][1:]]
        assert sorted(named) == sorted(names[language] for names in NAMES.values())
