"""The filter language: what it means, what it refuses in which words, and that it cannot hurt."""

from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kafka_workshop import language
from kafka_workshop.console.filtering import (
    FilterMistake,
    Matcher,
    parse,
    parse_path,
    printed,
    printed_path,
)
from kafka_workshop.console.filtering.tree import (
    And,
    Comparison,
    Exists,
    Field,
    Not,
    Or,
    Text,
    Tree,
    Within,
)


@dataclass(frozen=True)
class Sample:
    key: bytes | None = b"acc-1"
    value: bytes | None = (
        b'{"amount": 125000, "kind": "pix", "rate": 0.1, "merchant": {"city": "Bel\xc3\xa9m"},'
        b' "tags": ["new", "night"], "legs": [{"to": "B"}], "ok": true, "gone": null, "a b": 1}'
    )
    headers: tuple[tuple[str, bytes | None], ...] = (
        ("trace", b"1"), ("trace", b"2"), ("dlq.redrive.of", b"0:5"), ("empty", None),
    )  # fmt: skip
    partition: int = 3
    offset: int = 42
    timestamp_ms: int | None = 1_767_225_600_000  # 2026-01-01T00:00:00Z

    @property
    def size(self) -> int:
        return len(self.key or b"") + len(self.value or b"")


def holds(source: str, message: Sample = Sample()) -> bool:
    return Matcher(parse(source)).matches(message)


@pytest.mark.parametrize(
    "source",
    [
        'key = "acc-1"',
        'key starts with "acc"',
        'value contains "Belém"',
        "value.amount = 125000",
        "value.amount > 1e5".replace("1e5", "100000"),
        "value.rate = 0.10",
        'value.merchant.city = "Belém"',
        'value.tags[1] = "night"',
        'value.tags contains "new"',
        'value.legs[0].to in ("A", "B")',
        "value.ok = true",
        "value.gone = null and value.gone exists",
        'value."a b" = 1',
        'header.trace = "2"',
        'header.dlq.redrive.of starts with "0:"',
        "header.empty = null",
        "partition in (1, 2, 3) AND offset >= 42 and offset < 43",
        'timestamp >= "2026-01-01T00:00:00Z" and timestamp < "2026-01-01T00:00:01"',
        'timestamp = "2025-12-31T21:00:00-03:00"',
        "timestamp = 1767225600000",
        "size > 100",
        'not value.kind = "boleto"',
        'value.kind = "ted" or value.kind = "pix" and value.amount > 1',
        'value.kind != "ted"',
        "value.kind != 5",
        r'value.kind = "p\u0069x"',
        "value.kind = 'pix'",
        "not (value.absent exists)",
    ],
)
def test_what_is_true_of_a_message_is_found(source: str) -> None:
    assert holds(source)
    assert not holds(f"not ({source})")


@pytest.mark.parametrize(
    "source",
    [
        "value.absent = 1",
        "value.absent != 1",
        "value.absent exists",
        'value.amount = "125000"',
        'value.amount > "1"',
        "value.ok = 1",
        "value.ok > 0",
        "value.tags[9] exists",
        "value.tags[0].deeper exists",
        'value.amount contains "1"',
        'header.Trace = "1"',
        'header.trace != "1"',
        "key = null",
        'key = "ACC-1"',
    ],
)
def test_what_is_not_there_or_of_another_kind_is_not_found(source: str) -> None:
    assert not holds(source)


def test_nothing_and_an_empty_text_are_told_apart() -> None:
    assert holds("key = null and not key exists", Sample(key=None))
    assert holds('key = "" and key exists', Sample(key=b""))
    assert holds("value = null", Sample(value=None))
    assert not holds("timestamp exists", Sample(timestamp_ms=None))


def test_large_numbers_are_compared_exactly() -> None:
    message = Sample(value=b'{"n": 9007199254740993, "d": 0.1234567890123456789, "e": 1e99999}')
    assert holds("value.n = 9007199254740993", message)
    assert not holds("value.n = 9007199254740992", message)
    assert holds("value.d = 0.1234567890123456789", message)
    assert holds("value.e > 9007199254740993", message)


@pytest.mark.parametrize(
    ("source", "position", "said"),
    [
        ("", 1, "the end of the filter is not allowed here; allowed: not, (, key, value"),
        ("foo = 1", 1, "'foo' is not allowed here"),
        ("key = 1", 7, "'1' is not allowed here; allowed: a text in \"quotes\", or null"),
        ("key == 'a'", 6, "'='"),
        ("offset contains '4'", 8, "'contains' is not allowed here"),
        ("offset = 1.5", 10, "a whole number"),
        ("offset exists", 8, "'exists'"),
        ("timestamp > 'yesterday'", 13, "an instant in UTC"),
        ("value.a > true", 11, "only these have an order"),
        ("value.a > 12kg", 13, "no unit and no exponent"),
        ("value.a ! 3", 9, "'!' is not allowed here"),
        ("value.a = 'x", 13, "the closing '"),
        ("value.a = 'x' key", 15, "and, or, or the end"),
        ("(value.a = 1", 13, "and, or, or )"),
        ("value.a in (1", 14, ", or )"),
        ("value.a starts 'x'", 16, "with"),
        ("value.[0] = 1", 7, "a name, or one in"),
        ("value[x] = 1", 7, "a position from 0"),
        (r"key = '\x41'", 8, r"'\\x'"),
        ("value.a = " + "1" * 41, 11, "at most 40 digits"),
        ("value" + ".a" * 17 + " exists", 38, "at most 16 steps"),
    ],
)
def test_a_wrong_filter_is_told_where_and_what_is_allowed(
    source: str, position: int, said: str
) -> None:
    with pytest.raises(FilterMistake) as refused:
        parse(source)
    assert refused.value.position == position
    assert said in str(refused.value)


def test_a_wrong_filter_is_told_in_portuguese() -> None:
    language.use("pt-BR")
    try:
        with pytest.raises(FilterMistake, match="Posição 10: 'x' não é permitido aqui; permitido"):
            parse("offset = x")
    finally:
        language.use("en")


@pytest.mark.parametrize("text", ["(" * 5_000, "(" * 1_500, "not " * 400, "x" * 1_000_000])
def test_what_is_too_deep_or_too_long_is_refused(text: str) -> None:
    with pytest.raises(FilterMistake, match="at most"):
        parse(text)


def test_too_many_comparisons_are_refused() -> None:
    with pytest.raises(FilterMistake, match="at most 60 comparisons"):
        parse(" or ".join(["offset=1"] * 61))
    with pytest.raises(FilterMistake, match="at most 60 comparisons"):
        parse("offset in (" + ",".join(["1"] * 61) + ")")


@given(st.text(max_size=200))
def test_any_text_is_a_filter_or_its_own_mistake(source: str) -> None:
    check_parse(source)


PIECES = st.sampled_from(
    ["key", "value", ".a", "[0]", "header", "=", "!=", "<", "contains", "starts", "with", "in", "(",
     ")", ",", "and", "or", "not", "exists", '"x"', "1", "-1.5", "null", "true", "timestamp", "'"]
)  # fmt: skip


@given(st.lists(PIECES, max_size=30))
def test_any_row_of_its_words_is_a_filter_or_its_own_mistake(pieces: list[str]) -> None:
    check_parse(" ".join(pieces))


def check_parse(source: str) -> None:
    tree = None
    with suppress(FilterMistake):
        tree = parse(source)
    if tree is not None:
        assert parse(printed(tree)) == tree


NAMES = st.text(min_size=0, max_size=6)
PATHS = st.lists(NAMES | st.integers(0, 99), min_size=1, max_size=4).map(tuple)
NUMBERS = st.integers(-(10**18), 10**18) | st.decimals(
    allow_nan=False, allow_infinity=False, places=3, min_value=-1000, max_value=1000
)
TEXTS = st.text(max_size=10)
JSON_FIELDS = PATHS.map(lambda path: Field("json", path))
TEXT_FIELDS = st.sampled_from([Field("key"), Field("value"), Field("header", ("a-b.c",))])
NUMBER_FIELDS = st.sampled_from([Field("partition"), Field("offset"), Field("timestamp")])
LEAVES = st.one_of(
    st.builds(Comparison, JSON_FIELDS, st.sampled_from(["<", ">="]), NUMBERS | TEXTS),
    st.builds(Comparison, JSON_FIELDS, st.just("!="), TEXTS | st.booleans() | st.none()),
    st.builds(Comparison, TEXT_FIELDS, st.sampled_from(["=", "<"]), TEXTS),
    st.builds(Comparison, NUMBER_FIELDS, st.just("<="), st.integers(-5, 10**15)),
    st.builds(Text, TEXT_FIELDS | JSON_FIELDS, st.sampled_from(["contains", "starts with"]), TEXTS),
    st.builds(Within, JSON_FIELDS, st.lists(NUMBERS | TEXTS, min_size=1, max_size=3).map(tuple)),
    st.builds(Exists, JSON_FIELDS | TEXT_FIELDS),
)
TREES: st.SearchStrategy[Tree] = st.recursive(
    LEAVES,
    lambda inner: (
        st.builds(Not, inner)
        | st.builds(And, st.lists(inner, min_size=2, max_size=3).map(tuple))
        | st.builds(Or, st.lists(inner, min_size=2, max_size=3).map(tuple))
    ),
    max_leaves=6,
)


@given(TREES)
def test_a_tree_that_is_printed_parses_to_itself(tree: Tree) -> None:
    assert parse(printed(tree)) == tree


@given(PATHS)
def test_a_path_that_is_printed_parses_to_itself(path: tuple[str | int, ...]) -> None:
    assert parse_path(printed_path(path)) == path


DOCUMENTS = st.binary(max_size=100) | st.sampled_from(
    [b'{"": null}', b'{"a": [1.5, {"b": NaN}]}', b"[" * 9_000, b'{"a":1e99999}', b"1e4", b'"\xff"']
)


@settings(max_examples=200)
@given(TREES, DOCUMENTS | st.none(), DOCUMENTS | st.none(), NAMES)
def test_no_message_makes_evaluation_fail(
    tree: Tree, key: bytes | None, value: bytes | None, header: str
) -> None:
    message = Sample(key, value, ((header, key), ("a-b.c", value)), -1, -1, None)
    assert Matcher(tree).matches(message) in {True, False}


@pytest.mark.parametrize("size", [1_000, 100_000, 1_000_000])
def test_a_hostile_message_costs_steps_linear_in_its_size(size: int) -> None:
    source = " or ".join(f'value contains "{"a" * n}b"' for n in range(25))
    source += " or " + " or ".join(f"value.a[{n}] = 1" for n in range(25))
    matcher = Matcher(parse(source))
    message = Sample(value=b"a" * size, headers=tuple(("h", b"a") for _ in range(100)))
    assert not matcher.matches(message)
    assert matcher.steps <= 60 * (message.size + 200)


def test_each_part_of_a_message_is_decoded_once() -> None:
    many, one = (Matcher(parse(" or ".join(["value.x = 1"] * n))) for n in (60, 1))
    message = Sample()
    many.matches(message)
    one.matches(message)
    assert many.steps - one.steps < 60 * 2


def test_a_decimal_is_printed_as_a_plain_number() -> None:
    tree = Comparison(Field("json", ("a",)), "=", Decimal("0.00000001"))
    assert printed(tree) == "value.a = 0.00000001"
