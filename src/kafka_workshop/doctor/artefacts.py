"""Java and the jars: whether they are here, run, and are what the lock names."""

import subprocess
from pathlib import Path

from kafka_workshop.cluster import java
from kafka_workshop.cluster.artefacts import Jar, JarCache
from kafka_workshop.doctor.finding import Finding, ok, problem, shown, warning
from kafka_workshop.errors import ArtefactError
from kafka_workshop.language import tr

JAVA, JARS = "java", "jars"
_JAVA_S = 10.0


def check_jars(cache: JarCache, jars: tuple[Jar, ...]) -> list[Finding]:
    """Compare every jar of the lock with its checksum."""
    missing = cache.missing(jars)
    wrong = [jar for jar in missing if cache.path(jar).exists()]
    absent = [jar for jar in missing if jar not in wrong]
    return [
        *([_wrong(wrong)] if wrong else ()),
        *([_absent(absent, len(jars))] if absent else ()),
        *([] if missing else [_all_here(len(jars))]),
    ]


def _all_here(count: int) -> Finding:
    return ok(
        JARS,
        tr("{n} jars, checksums right", "{n} jars, checksums corretos", n=count),
    )


def _absent(absent: list[Jar], count: int) -> Finding:
    return warning(
        JARS,
        tr(
            "{n} of {count} jars are not here yet ({mb:.0f} MB)",
            "{n} de {count} jars ainda não estão aqui ({mb:.0f} MB)",
            n=len(absent),
            count=count,
            mb=sum(jar.size for jar in absent) / 1e6,
        ),
        tr("./workshop up downloads them", "./workshop up os baixa"),
    )


def _wrong(wrong: list[Jar]) -> Finding:
    return problem(
        JARS,
        tr(
            "Damaged jars, their checksum is not that of the lock: {names}",
            "Jars danificados, o checksum não é o do lock: {names}",
            names=shown([jar.filename for jar in wrong]),
        ),
        tr(
            "./workshop down, then ./workshop up: it downloads them anew",
            "./workshop down, depois ./workshop up: ele os baixa de novo",
        ),
    )


def check_java(executable: Path | None = None) -> Finding:
    """Run `executable`, the wheel's java unless one is given."""
    try:
        path = executable or java.executable()
        done = subprocess.run(
            [str(path), "-version"], capture_output=True, text=True, timeout=_JAVA_S, check=False
        )
    except (ArtefactError, OSError, subprocess.TimeoutExpired) as error:
        return _no_java(str(error))
    if done.returncode:
        return _no_java((done.stderr.strip() or str(done.returncode)).splitlines()[0])
    return ok(JAVA, f"Java: {done.stderr.splitlines()[0]}")


def _no_java(reason: str) -> Finding:
    return problem(
        JAVA,
        tr("Java does not run: {reason}", "O Java não roda: {reason}", reason=reason),
        tr(
            "delete the folder .venv and run ./workshop up, which installs it anew",
            "apague a pasta .venv e rode ./workshop up, que o instala de novo",
        ),
    )
