"""Readers of a setting's text: each returns the value or says what is allowed."""

import re
from collections.abc import Callable
from pathlib import Path

from kafka_workshop.language import tr


class Refused(ValueError):
    """The text is not allowed; the message says what is. It never leaves this package."""


def integer(minimum: int, maximum: int) -> Callable[[str], int]:
    """Return a reader of whole numbers from `minimum` to `maximum`."""

    def parse(text: str) -> int:
        if not re.fullmatch(r"[+-]?[0-9]{1,18}", text) or not minimum <= int(text) <= maximum:
            raise Refused(
                tr(
                    "a whole number from {minimum} to {maximum}",
                    "um número inteiro de {minimum} a {maximum}",
                    minimum=minimum,
                    maximum=maximum,
                )
            )
        return int(text)

    return parse


def number(minimum: float, maximum: float) -> Callable[[str], float]:
    """Return a reader of decimal numbers from `minimum` to `maximum`."""

    def parse(text: str) -> float:
        if (
            not re.fullmatch(r"[0-9]{1,12}(\.[0-9]{1,9})?", text)
            or not minimum <= float(text) <= maximum
        ):
            raise Refused(
                tr(
                    "a number from {minimum:g} to {maximum:g}",
                    "um número de {minimum:g} a {maximum:g}",
                    minimum=minimum,
                    maximum=maximum,
                )
            )
        return float(text)

    return parse


def share(maximum: float) -> Callable[[str], float]:
    """Return a reader of shares of one, from 0 to `maximum`."""

    def parse(text: str) -> float:
        try:
            return number(0, maximum)(text)
        except Refused:
            raise Refused(
                tr(
                    "a share from 0 to {maximum:g}; 0.003 is 0.3 %",
                    "uma fração de 0 a {maximum:g}; 0.003 é 0,3 %",
                    maximum=maximum,
                )
            ) from None

    return parse


def choice(*allowed: str, fold: Callable[[str], str] = str) -> Callable[[str], str]:
    """Return a reader of one of `allowed`, after `fold`."""

    def parse(text: str) -> str:
        if fold(text) not in allowed:
            raise Refused(tr("one of {all}", "um de {all}", all=", ".join(allowed)))
        return fold(text)

    return parse


def name(text: str) -> str:
    """Read the name of a topic or a consumer group."""
    # Kafka's own rule for topics (org.apache.kafka.common.internals.Topic), kept for groups too.
    if not re.fullmatch(r"[A-Za-z0-9._-]{1,249}", text) or text in {".", ".."}:
        raise Refused(
            tr(
                "1 to 249 letters, digits, '.', '_' or '-'",
                "de 1 a 249 letras, dígitos, '.', '_' ou '-'",
            )
        )
    return text


def servers(text: str) -> tuple[str, ...]:
    """Read `host:port`, several separated by commas."""
    servers = tuple(part.strip() for part in text.split(",") if part.strip())
    good = re.compile(r"(\[[0-9A-Fa-f:]+\]|[A-Za-z0-9._-]+):([0-9]{1,5})")
    matches = [good.fullmatch(server) for server in servers]
    if not servers or any(m is None or not 0 < int(m[2]) < 65536 for m in matches):
        raise Refused(
            tr(
                "host:port, several separated by commas",
                "host:porta, vários separados por vírgulas",
            )
        )
    return servers


def host_names(text: str) -> tuple[str, ...]:
    """Read names of hosts, with or without a port, separated by commas; or nothing."""
    found = tuple(part.strip().lower() for part in text.split(",") if part.strip())
    good = re.compile(r"[a-z0-9]([a-z0-9.-]{0,252}[a-z0-9])?(:[0-9]{1,5})?")
    if not all(good.fullmatch(name) for name in found):
        raise Refused(
            tr(
                "names like host or host:port, separated by commas",
                "nomes como host ou host:porta, separados por vírgulas",
            )
        )
    return found


def field_roles(text: str) -> tuple[tuple[str, str], ...]:
    """Read `field=role` separated by commas, or nothing."""
    found = tuple(part.strip().rpartition("=") for part in text.split(",") if part.strip())
    roles = ("viewer", "analyst", "operator")
    if not all(name.strip() and role.strip() in roles for name, _, role in found):
        raise Refused(
            tr(
                "field=role separated by commas, the role one of {all}",
                "campo=papel separados por vírgulas, o papel um de {all}",
                all=", ".join(roles),
            )
        )
    return tuple((name.strip(), role.strip()) for name, _, role in found)


def optional_name(text: str) -> str:
    """Read a name as `name` does, or nothing."""
    return name(text) if text else text


FAILPOINTS = ("before_produce", "after_produce", "after_offsets", "after_commit")


def failpoint(text: str) -> tuple[str, int, bool]:
    """Read `PLACE` or `PLACE:N`, the N-th time that a transaction is there; or nothing.

    `:stop` behind it, and the last of the answer, ask to stand still instead of to die.
    """
    if not text:
        return "", 1, False
    match = re.fullmatch(rf"({'|'.join(FAILPOINTS)})(?::([1-9][0-9]{{0,8}}))?(:stop)?", text)
    if match is None:
        raise Refused(
            tr(
                "one of {all}, with :N for the N-th time, :stop to stand still only",
                "um de {all}, com :N para a N-ésima vez, :stop para só ficar parado",
                all=", ".join(FAILPOINTS),
            )
        )
    return match[1], int(match[2] or 1), match[3] is not None


def port(text: str) -> int:
    """Read a TCP port."""
    return integer(1, 65535)(text)


def ports(text: str) -> tuple[int, ...]:
    """Read the three brokers' ports."""
    ports = tuple(port(part.strip()) for part in text.split(","))
    if len(ports) != 3 or len(set(ports)) != 3:
        raise Refused(
            tr(
                "three different ports separated by commas, broker-1 first",
                "três portas diferentes separadas por vírgulas, broker-1 primeiro",
            )
        )
    return ports


_UNITS = {"": 1, "K": 10**3, "M": 10**6, "G": 10**9}


def byte_count(minimum: int, maximum: int) -> Callable[[str], int]:
    """Return a reader of a number of bytes: `512MB`, `2GB`, or the bare number."""

    def parse(text: str) -> int:
        match = re.fullmatch(r"([0-9]{1,12})\s*([KMG]?)B?", text, re.IGNORECASE)
        size = int(match[1]) * _UNITS[match[2].upper()] if match else -1
        if not minimum <= size <= maximum:
            raise Refused(
                tr(
                    "bytes, or a number with KB, MB or GB, from {low} MB to {high} MB",
                    "bytes, ou um número com KB, MB ou GB, de {low} MB a {high} MB",
                    low=minimum // 10**6,
                    high=maximum // 10**6,
                )
            )
        return size

    return parse


def folder(text: str) -> Path:
    """Read a folder, made absolute."""
    return Path(text).expanduser().absolute()


def optional_path(text: str) -> Path | None:
    """Read a path, or nothing."""
    return Path(text).expanduser().absolute() if text else None


def language(text: str) -> str:
    """Read a language: any way of writing English or Portuguese, or nothing."""
    if text and not re.match(r"(?i)(pt|en|c\b|posix)", text):
        raise Refused(tr("pt-BR or en", "pt-BR ou en"))
    return text
