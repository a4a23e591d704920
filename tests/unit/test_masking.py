"""What nobody is shown: found however it is written, and nothing else is touched."""

import io
import random
from contextlib import redirect_stdout

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kafka_workshop import logs
from kafka_workshop.masking import is_card, is_cpf, masked_bytes, masked_text
from kafka_workshop.settings import LogSettings

VISA, AMEX, ELO, MAESTRO = (
    "4111111111111111",
    "378282246310005",
    "6362970000457013",
    "6759649826438453",
)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (VISA, "411111******1111"),
        (f"pan={VISA};", "pan=411111******1111;"),
        (f"x{VISA}y", "x411111******1111y"),
        ("4111 1111 1111 1111", "4111 11** **** 1111"),
        ("on 2026-01-01 4111-1111-1111-1111", "on 2026-01-01 4111-11**-****-1111"),
        ("3782 822463 10005", "3782 82**** *0005"),
        (f"{AMEX} {ELO}", "378282*****0005 636297******7013"),
        (MAESTRO, "675964******8453"),
        ("4222222222222", "422222***2222"),
        ("6304 0000 0000 0000 000", "6304 00** **** ***0 000"),
        (f'{{"pan": {VISA} }}', '{"pan": "411111******1111" }'),
        (f'[{{"l":[{VISA}]}}]', '[{"l":["411111******1111"]}]'),
        (f'{{"pan":"{VISA}"}}', '{"pan":"411111******1111"}'),
        ("123.456.789-09", "***.456.789-**"),
        ("000.000.000-00", "***.000.000-**"),
        ("cpf 12345678909.", "cpf ***.456.789-**."),
        ('{"cpf":12345678909}', '{"cpf":"***.456.789-**"}'),
    ],
)  # fmt: skip
def test_a_card_number_and_a_cpf_are_masked_however_they_are_written(text: str, shown: str) -> None:
    assert masked_text(text) == shown
    assert masked_bytes(text.encode()) == shown.encode()
    assert masked_text(shown) == shown


@pytest.mark.parametrize(
    "text",
    [
        "1767268800000", "1767268800000000", "1767268800000000000", "0.4111111111111111",
        "4111111111111112", "41111111111111111111111", "***.456.789-**", "411111******1111",
        "+55 11 98765-4321", "7-000000123456", "A0012345", "12345678900", "11111111111",
        "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", "-23.551, -46.633",
        "3b241101-e2bb-4255-8caf-4136c566a962", "", "\u0664\u0661\u0661\u0661" * 4,
    ],
)  # fmt: skip
def test_what_is_neither_stays_as_it_is(text: str) -> None:
    assert masked_text(text) == text


def test_a_digest_that_holds_the_digits_of_a_card_stays() -> None:
    digest = "deadbeef" + VISA + "cafebabe"
    assert masked_text(digest) == digest
    assert masked_text(VISA * 2) == VISA * 2  # 32 digits are nobody's number


@given(st.binary(max_size=200))
def test_bytes_that_hold_no_number_are_never_changed(data: bytes) -> None:
    if masked_bytes(data) != data:
        assert any(chr(byte).isdigit() for byte in data)
        assert b"*" in masked_bytes(data)


@given(st.text(max_size=30), st.integers(0, 10**9), st.text(max_size=30))
def test_a_number_of_a_card_never_comes_through(before: str, seed: int, after: str) -> None:
    digits = _card(random.Random(seed))
    assert is_card(digits)
    # Beside other digits or in a digest it is no number of its own.
    apart = before.rstrip("0123456789.abcdefABCDEF"), after.lstrip("0123456789abcdefABCDEF")
    assert digits not in masked_text(digits.join(apart))


def _card(chance: random.Random) -> str:
    body = chance.choice("3456") + "".join(chance.choices("0123456789", k=14))
    return next(body + str(check) for check in range(10) if is_card(body + str(check)))


def test_of_all_eleven_digits_one_in_a_hundred_is_a_cpf() -> None:
    found = sum(is_cpf(f"{n:011d}") for n in range(10_000_000_000, 10_000_100_000))
    assert found == 1_000


@pytest.mark.parametrize("form", ["json", "console"])
def test_no_line_of_a_log_holds_a_number_not_even_that_of_an_exception(form: str) -> None:
    out = io.StringIO()
    with redirect_stdout(out):
        logger = logs.configure(LogSettings("DEBUG", form, 60), "test")
        logger.debug("seen", value=VISA, holder={"cpf": "123.456.789-09"})
        try:
            raise ValueError(f"no such card: {VISA}")
        except ValueError:
            logger.exception("failed", number=int(VISA))
    text = out.getvalue()
    assert "411111******1111" in text
    assert "***.456.789-**" in text
    assert VISA not in text
    assert "123.456.789-09" not in text
