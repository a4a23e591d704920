"""What the fault tests measured: kept as JSON, shown as a table in both languages."""

import subprocess
from pathlib import Path

import msgspec

from kafka_workshop.settings import PROJECT_FOLDER

FOLDER = PROJECT_FOLDER / "results"

# Fault -> what the table calls it, in English and Portuguese.
NAMES = {
    "leader": ("a partition's leader killed", "líder de uma partição morto"),
    "paused": ("a leader paused past its session", "líder pausado além da sessão"),
    "cut": ("a leader cut off the network", "líder isolado da rede"),
    "all": ("all brokers killed", "todos os brokers mortos"),
    "disk": ("a broker's disk full", "disco de um broker cheio"),
    "zookeeper": ("ZooKeeper dead", "ZooKeeper morto"),
    "consumer": ("a consumer killed", "consumidor morto"),
}
_HEADINGS = (
    ("fault", "falha"),
    ("times", "vezes"),
    ("acknowledged", "confirmadas"),
    ("lost", "perdidas"),
    ("duplicated", "duplicadas"),
    ("longest silence of a partition", "maior silêncio de uma partição"),
    ("healthy again after", "saudável de novo após"),
)


class Row(msgspec.Struct, frozen=True):
    """One fault's result; `silence_s` and `recovery_s` are the worst of all times, in seconds."""

    fault: str
    times: int
    acknowledged: int
    lost: int
    duplicated: int
    silence_s: float
    recovery_s: float


class Report(msgspec.Struct, frozen=True):
    """The results of one run and the commit that it ran on."""

    commit: str
    form: str
    rows: list[Row]


class Results:
    """Collects rows while the tests run."""

    def __init__(self, form: str) -> None:
        self.form = form
        self.commit = _commit()  # now: whoever works on does not change what was tried
        self.rows: list[Row] = []

    def add(self, row: Row) -> None:
        """Keep a row."""
        self.rows.append(row)

    def write(self, folder: Path = FOLDER) -> None:
        """Write `faults-FORM.json` and `.md`, if anything was measured."""
        if not self.rows:
            return
        report = Report(self.commit, self.form, self.rows)
        folder.mkdir(exist_ok=True)
        (folder / f"faults-{self.form}.json").write_bytes(dumped(report))
        (folder / f"faults-{self.form}.md").write_text(table(report, 0), encoding="utf-8")


def dumped(report: Report) -> bytes:
    """Return a report as JSON."""
    return msgspec.json.format(msgspec.json.encode(report)) + b"\n"


def loaded(path: Path) -> Report:
    """Return the report that a file holds."""
    return msgspec.json.decode(path.read_bytes(), type=Report)


def table(report: Report, language: int) -> str:
    """Return the rows as a Markdown table; `language` 0 is English, 1 Portuguese."""
    lines = [[heading[language] for heading in _HEADINGS], ["---", *["---:"] * 6]]
    lines += [_cells(row, language) for row in report.rows]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


def _cells(row: Row, language: int) -> list[str]:
    group, point = (",", ".") if language == 0 else (".", ",")
    seconds = [f"{s:.1f} s".replace(".", point) for s in (row.silence_s, row.recovery_s)]
    counts = [f"{n:,}".replace(",", group) for n in (row.acknowledged, row.lost, row.duplicated)]
    return [NAMES[row.fault][language], str(row.times), *counts, *seconds]


def _commit() -> str:
    """Return the commit, with a plus if files differ from it; `unknown` outside of git."""
    try:
        commit = _git("rev-parse", "--short=10", "HEAD")
        return commit + ("+" if _git("status", "--porcelain") else "")
    except (OSError, subprocess.CalledProcessError):
        return "unknown"


def _git(*words: str) -> str:
    done = subprocess.run(
        ["git", *words], cwd=PROJECT_FOLDER, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()
