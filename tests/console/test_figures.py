"""Live figures: folded from the records of KPIs within bounds, and shown on the overview."""

import pytest
from nicegui import ui
from nicegui.testing import User

from kafka_workshop import language
from kafka_workshop.console.figures.known import OTHER, Figures, Known
from kafka_workshop.console.frame import Console
from kafka_workshop.errors import Undecodable
from kafka_workshop.messaging.client import Message
from kafka_workshop.messaging.kpi_codec import MAX_KPI_BYTES, Kpi, decode_kpi, encode_kpi
from tests.console.visiting import visit_console

NOW = 1_700_000_100
KINDS = {"pix": [6, 60_000, 1], "boleto": [4, 40_000, 1]}
STATES = {"SP": [7, 70_000, 1], "--": [3, 30_000, 1]}


def kpi(at: int, kinds: dict[str, list[int]] = KINDS, states: dict[str, list[int]] = STATES) -> Kpi:
    return Kpi(0, 1, at, 10, 100_000, 2, 0, kinds, states, {"velocity": 1})


def known_of(*kpis: Kpi, at: int = NOW) -> Known:
    known = Known()
    for each in kpis:
        known.add(Message("kpis", 0, 0, 0, b"0", encode_kpi(each)), at * 1000)
    return known


def figures_of(*kpis: Kpi, at: int = NOW) -> Figures:
    return known_of(*kpis, at=at).shown(at * 1000)


def test_rates_are_of_ten_whole_seconds_and_the_rest_of_a_minute() -> None:
    found = figures_of(*(kpi(NOW - back) for back in range(61)))
    assert (found.rate, found.money) == (10.0, 100_000.0)
    assert (found.count, found.declined, found.alerts) == (590, 118, 59)
    assert found.approval == pytest.approx(0.8)


def test_the_seconds_that_are_still_written_do_not_count_yet() -> None:
    known = known_of(kpi(NOW - 1), kpi(NOW))
    assert known.shown(NOW * 1000).count == 0
    assert known.shown((NOW + 2) * 1000).count == 20
    assert known.shown((NOW + 2) * 1000).rate == 2.0


def test_what_is_older_than_a_minute_is_forgotten() -> None:
    known = known_of(kpi(NOW - 30))
    assert known.shown(NOW * 1000).count == 10
    later = known.shown((NOW + 60) * 1000)
    assert (later.count, later.rate, later.alerts, later.kinds) == (0, 0.0, 0, ())
    assert known.shown(NOW * 1000).count == 0


def test_the_parts_of_a_minute_stand_by_size_with_their_shares() -> None:
    found = figures_of(kpi(NOW - 2), kpi(NOW - 40))
    assert [(p.name, p.count, p.amount, p.share) for p in found.kinds] == [
        ("pix", 12, 120_000, 0.6),
        ("boleto", 8, 80_000, 0.4),
    ]
    assert [(p.name, p.share) for p in found.states] == [("SP", 0.7), ("--", 0.3)]


def test_before_anything_is_known_there_is_no_number() -> None:
    known = Known()
    known.say_missing(True)
    found = known.shown(NOW * 1000)
    numbers = found.rate, found.money, found.count, found.alerts, found.approval
    assert (set(numbers), found.missing) == ({None}, True)
    assert figures_of().approval is None


@pytest.mark.parametrize("at", [0, NOW - 62, NOW + 6, 2**53])
def test_records_from_another_time_count_nowhere_and_take_no_room(at: int) -> None:
    assert figures_of(kpi(at)).count == 0


def test_names_that_nobody_knows_are_one_name() -> None:
    strange = {f"<img>{n}": [1, 1, 0] for n in range(500)}
    found = figures_of(kpi(NOW - 2, strange, strange))
    assert [(p.name, p.count) for p in (*found.kinds, *found.states)] == [(OTHER, 500)] * 2


def test_a_topic_made_anew_begins_anew() -> None:
    known = known_of(kpi(NOW - 2))
    known.forget()
    assert known.shown(NOW * 1000).count == 0


def test_nothing_new_is_the_same_value() -> None:
    known = known_of(kpi(NOW - 2))
    before = known.shown(NOW * 1000)
    assert known.shown(NOW * 1000 + 300) is before
    assert known.shown((NOW + 1) * 1000) is not before


@pytest.mark.parametrize(
    "value",
    [
        None,
        b"",
        b"[" * 5_000,
        b'{"partition":0,"until":1}',
        b'{"partition":0,"until":1,"at":-1}',
        b'{"partition":0,"until":1,"at":1,"amount":1e400}',
        b'{"partition":0,"until":1,"at":1,"count":' + b"9" * 400 + b"}",
        b'{"partition":0,"until":1,"at":1,"by_kind":{"pix":[1,2]}}',
        b'{"partition":0,"until":1,"at":1,"alerts":{"x":"many"}}',
        b" " * (MAX_KPI_BYTES + 1),
    ],
)
def test_what_is_no_kpi_is_counted_and_passed_over(value: bytes | None) -> None:
    with pytest.raises(Undecodable):
        decode_kpi(value)
    known = known_of(kpi(NOW - 2))
    known.add(Message("kpis", 0, 0, 0, None, value), NOW * 1000)
    assert (known.shown(NOW * 1000).misread, known.shown(NOW * 1000).count) == (1, 10)


def texts(user: User, name: str) -> list[str]:
    shown = [e for e in user.find(ui.label).elements if name in e.classes and e.visible]
    return [e.text for e in sorted(shown, key=lambda e: e.id)]


def test_the_overview_shows_them_as_the_language_writes_numbers() -> None:
    async def story(user: User, console: Console) -> None:
        language.use("pt-BR")
        console.figures.succeeded(figures_of(*(kpi(NOW - back) for back in range(61))))
        await user.open("/")
        await user.should_see("R$ 1.000/s")
        assert texts(user, "kw-stat-value")[:4] == ["10/s", "R$ 1.000/s", "80,0 %", "59/min"]
        await user.should_see("472 de 590 no último minuto")
        assert texts(user, "kw-bar-name") == ["Pix", "boleto", "SP", "não informada"]
        assert texts(user, "kw-bar-text")[0] == "60,0 % · R$ 35.400,00"

    visit_console(story)


def test_the_overview_shows_a_dash_where_nothing_is_known_and_says_why() -> None:
    async def story(user: User, console: Console) -> None:
        await user.open("/")
        await user.should_see("Reading the KPIs…")
        assert texts(user, "kw-stat-value")[:4] == ["—"] * 4
        console.figures.succeeded(Figures(missing=True))
        await user.should_see("There is no topic of KPIs yet", retries=20)
        console.figures.succeeded(figures_of())
        await user.should_see("Nothing was processed in the last minute.", retries=20)
        assert texts(user, "kw-stat-value")[:4] == ["0/s", "R$ 0.00/s", "—", "0/min"]
        console.figures.failed("no broker answers", 1_700_000_060_000)
        await user.should_see("No new figures since 22:14:20", retries=20)

    visit_console(story)


def test_of_many_states_the_smallest_are_summed() -> None:
    states = {uf: [n + 1, 100, 0] for n, uf in enumerate(("AC", "AL", "AM", "AP", "BA"))}
    more = {uf: [n + 10, 100, 0] for n, uf in enumerate(("CE", "DF", "ES", "GO", "MA"))}

    async def story(user: User, console: Console) -> None:
        console.figures.succeeded(figures_of(kpi(NOW - 2, {}, states | more)))
        await user.open("/")
        await user.should_see("others")
        names = ["MA", "GO", "ES", "DF", "CE", "BA", "AP", "others"]
        assert texts(user, "kw-bar-name") == names
        assert texts(user, "kw-bar-text")[-1] == "8.0 % · R$ 3.00"

    visit_console(story)
