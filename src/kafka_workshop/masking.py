"""What of a text nobody is shown: of a card number BIN and last four, of a CPF the middle six.

Card numbers: at most the first six and the last four digits (PCI DSS 3.4.1). 13 to 19 digits, or
the usual groups of them with blanks, hyphens or dots between, that begin as an issuer's (ISO/IEC
7812: 2 to 6; with 13 digits 4) and have the right check digit (Luhn). CPF: `***.456.789-**`; what
is written with its signs, or eleven digits whose two check digits are right.

Digits behind a decimal point, and within a hexadecimal identifier (a digest), are neither.
"""

import re

# Each begins behind its first digit: so the engine passes over all else at once.
_FOUR = r"\d{3}(?P<four>[ .-])\d{4}(?P=four)\d{4}(?P=four)\d{4}(?:(?P=four)\d{1,3})?"
_SIX = r"\d{3}(?P<six>[ .-])\d{6}(?P=six)\d{4,5}"
_CPF = r"\d\d\.\d{3}\.\d{3}-\d\d"
_PLAIN = r"(?<!\d\.\d)\d{10,18}"
_FOUND = re.compile(rf"\d(?<!\d\d)(?:{_PLAIN}|{_CPF}|{_FOUR}|{_SIX})(?!\d)", re.ASCII)
_HEX = frozenset("0123456789abcdefABCDEF")
_HEX_CHARACTERS = 32
_KEPT_FIRST, _KEPT_LAST = 6, 4
_OPENING, _CLOSING = frozenset(":,["), frozenset(",]}")


def masked_text(text: str) -> str:
    """Return `text` with every card number and CPF in it masked.

    >>> masked_text("card 4111 1111 1111 1111, cpf 123.456.789-09")
    'card 4111 11** **** 1111, cpf ***.456.789-**'
    >>> masked_text("at 1767268800000, 0.4111111111111111, 4111111111111112")
    'at 1767268800000, 0.4111111111111111, 4111111111111112'
    """
    return _FOUND.sub(_masked, text)


def masked_bytes(data: bytes) -> bytes:
    """Return `data` with every card number and CPF in it masked, whatever its encoding."""
    # Digits are the same bytes in ASCII, UTF-8 and Latin-1, and the latter keeps every byte.
    return masked_text(data.decode("latin-1")).encode("latin-1")


def _masked(match: re.Match[str]) -> str:
    found = match[0]
    digits = found if found.isdecimal() else "".join(filter(str.isdecimal, found))
    if digits == found and _is_identifier(match):
        return found
    if is_card(digits):
        shown = masked_card(digits)
    elif is_cpf(digits) or (len(digits) == 11 and digits != found):
        return _as_json(match, f"***.{digits[3:6]}.{digits[6:9]}-**")
    else:
        return found
    return _as_json(match, shown) if digits == found else _refilled(found, shown)


def _as_json(match: re.Match[str], shown: str) -> str:
    """Return `shown` in quotes where it stands for a number of a JSON document."""
    text = match.string
    if not text.startswith(("{", "[")):
        return shown
    before, after = text[: match.start()].rstrip()[-1:], text[match.end() :].lstrip()[:1]
    return f'"{shown}"' if before in _OPENING and after in _CLOSING else shown


def masked_card(digits: str) -> str:
    """Return a card number's BIN and last four, the rest as stars."""
    hidden = len(digits) - _KEPT_FIRST - _KEPT_LAST
    return digits[:_KEPT_FIRST] + "*" * hidden + digits[-_KEPT_LAST:]


def _refilled(run: str, masked: str) -> str:
    left = iter(masked)
    return "".join(next(left) if character.isdigit() else character for character in run)


def is_card(digits: str) -> bool:
    """Return whether digits are a card number: length, issuer, check digit.

    >>> is_card("4111111111111111"), is_card("4111111111111112"), is_card("1767268800000")
    (True, False, False)
    """
    issuer = "4" if len(digits) == 13 else "23456"
    return 13 <= len(digits) <= 19 and digits[0] in issuer and _luhn(digits)


def _luhn(digits: str) -> bool:
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + place % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def is_cpf(digits: str) -> bool:
    """Return whether eleven digits are a CPF: both check digits are right, not all are the same.

    >>> is_cpf("12345678909"), is_cpf("12345678900"), is_cpf("11111111111")
    (True, False, False)
    """
    if len(digits) != 11 or len(set(digits)) == 1:
        return False
    return all(digits[n] == _cpf_check(digits[:n]) for n in (9, 10))


def _cpf_check(digits: str) -> str:
    weighted = sum(int(d) * (len(digits) + 1 - n) for n, d in enumerate(digits))
    return str(weighted * 10 % 11 % 10)


def _is_identifier(match: re.Match[str]) -> bool:
    """Whether it is part of a hexadecimal identifier: a UUID, a digest."""
    text, low, high = match.string, match.start(), match.end()
    while low > 0 and high - low < _HEX_CHARACTERS and text[low - 1] in _HEX:
        low -= 1
    while high < len(text) and high - low < 2 * _HEX_CHARACTERS and text[high] in _HEX:
        high += 1
    return high - low >= _HEX_CHARACTERS and not text[low:high].isdigit()
