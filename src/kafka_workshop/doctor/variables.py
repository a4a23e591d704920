"""The environment's variables: each that a program would refuse, by name."""

from collections.abc import Callable

from kafka_workshop.doctor.finding import Finding, ok, problem
from kafka_workshop.errors import InvalidSetting
from kafka_workshop.language import tr
from kafka_workshop.settings import (
    BROKER_PORTS,
    CONSOLE_PORT,
    VARIABLES,
    ZOOKEEPER_PORT,
    Environment,
    cluster_settings,
    console_settings,
    consumer_settings,
    producer_settings,
)

CHECK = "settings"
# Each variable by itself first; then what a program refuses because of another one's value.
_READERS: tuple[Callable[[Environment], object], ...] = (
    *(variable.read for variable in VARIABLES),
    producer_settings,
    consumer_settings,
    console_settings,
    cluster_settings,
)


def examine(environment: Environment) -> tuple[list[Finding], Environment]:
    """Return the findings, and the environment without the variables that are refused."""
    usable = dict(environment)
    refused = [error for read in _READERS for error in _refusals(read, usable)]
    if refused:
        return [problem(CHECK, str(error), _mend(error.name)) for error in refused], usable
    given = [variable.name for variable in VARIABLES if environment.get(variable.name)]
    return [ok(CHECK, _all_valid(given))], usable


def _refusals(
    read: Callable[[Environment], object], usable: dict[str, str]
) -> list[InvalidSetting]:
    """Read until nothing is refused; what is refused is taken out of `usable`."""
    found: list[InvalidSetting] = []
    while True:
        try:
            read(usable)
        except InvalidSetting as error:
            found.append(error)
            if usable.pop(error.name, None) is None:
                # Its default clashes with the port that somebody gave to another service.
                _give_up_ports(usable)
        else:
            return found


def _give_up_ports(usable: dict[str, str]) -> None:
    for variable in (ZOOKEEPER_PORT, BROKER_PORTS, CONSOLE_PORT):
        usable.pop(variable.name, None)


def _mend(name: str) -> str:
    return tr(
        "unset {name}, or give it a value that is allowed",
        "unset {name}, ou dê um valor permitido",
        name=name,
    )


def _all_valid(given: list[str]) -> str:
    if not given:
        return tr("Settings: all at their defaults", "Configurações: todas no padrão")
    return tr(
        "Settings: all valid; set: {names}",
        "Configurações: todas válidas; definidas: {names}",
        names=", ".join(given),
    )
