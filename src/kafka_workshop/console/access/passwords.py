"""Passwords: kept as salted scrypt, compared in constant time, generated where nobody types one.

Cost after OWASP's password storage cheat sheet (2024), scrypt: N = 2^15, r = 8, p = 3, which takes
32 MB and a few tenths of a second.
"""

import base64
import binascii
import hashlib
import hmac
import secrets
import threading

from kafka_workshop.console.outgoing import NotAllowed
from kafka_workshop.language import tr

MIN_CHARACTERS, MAX_CHARACTERS = 12, 200
_COST, _BLOCK, _LANES = 2**15, 8, 3
_MEMORY = 128 * _COST * _BLOCK * 2
_SALT_BYTES, _HASH_BYTES, _GENERATED_BYTES = 16, 32, 15
# One at a time: many at once would take a machine's memory.
_turn = threading.Lock()


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _bytes(text: str) -> bytes:
    return base64.b64decode(text, validate=True)


def hashed(password: str) -> str:
    """Return a password as it is kept: `scrypt$N$r$p$salt$hash`."""
    salt = secrets.token_bytes(_SALT_BYTES)
    derived = _derived(password, salt, _COST, _BLOCK, _LANES)
    parts = ("scrypt", _COST, _BLOCK, _LANES, _text(salt), _text(derived))
    return "$".join(map(str, parts))


# Whose name nobody has is compared with this: it takes as long.
_NOBODYS = (
    f"scrypt${_COST}${_BLOCK}${_LANES}${_text(bytes(_SALT_BYTES))}${_text(bytes(_HASH_BYTES))}"
)


def matches(password: str, kept: str | None) -> bool:
    """Return whether it is the password; of nobody's (`None`) the answer takes as long."""
    _, cost, block, lanes, salt, derived = (kept or _NOBODYS).split("$")
    if len(password) > MAX_CHARACTERS:
        return False
    found = _derived(password, _bytes(salt), int(cost), int(block), int(lanes))
    return hmac.compare_digest(found, _bytes(derived)) and kept is not None


def readable(kept: str) -> bool:
    """Return whether a text is a password as it is kept, at a cost that this machine can pay."""
    parts = kept.split("$")
    if len(parts) != 6 or parts[0] != "scrypt" or not all(p.isdecimal() for p in parts[1:4]):
        return False
    cost, block, lanes = (int(part) for part in parts[1:4])
    try:
        whole = len(_bytes(parts[5])) == _HASH_BYTES
    except (ValueError, binascii.Error):
        return False
    bounded = 2 <= cost <= _COST and 1 <= block <= _BLOCK and 1 <= lanes <= 2 * _LANES
    return whole and bounded and cost & (cost - 1) == 0


def generated() -> str:
    """Return a new password of 120 random bits."""
    return secrets.token_urlsafe(_GENERATED_BYTES)


def check(password: str) -> None:
    """Refuse a password that is too short or too long.

    Raises:
        NotAllowed: the text says what is allowed.
    """
    if not MIN_CHARACTERS <= len(password) <= MAX_CHARACTERS:
        raise NotAllowed(
            tr(
                "The password has {n} characters; {low} to {high} are allowed.",
                "A senha tem {n} caracteres; são permitidos de {low} a {high}.",
                n=len(password),
                low=MIN_CHARACTERS,
                high=MAX_CHARACTERS,
            )
        )


def _derived(password: str, salt: bytes, cost: int, block: int, lanes: int) -> bytes:
    data = password.encode(errors="surrogatepass")
    with _turn:
        return hashlib.scrypt(
            data, salt=salt, n=cost, r=block, p=lanes, maxmem=_MEMORY, dklen=_HASH_BYTES
        )
