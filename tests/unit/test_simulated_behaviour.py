"""What simulated transactions say, and how the people behave who make them."""

import re
from collections import Counter
from itertools import pairwise
from statistics import median

import pytest

from kafka_workshop.domain.local_time import local, zone_of
from kafka_workshop.domain.transaction import MAX_ENCODED_BYTES
from kafka_workshop.messaging.codec import decode, encode
from kafka_workshop.simulator.population import OWN_INSTITUTION, build_population
from tests.support.simulation import history, is_own_credit, population, small_population

# What a transaction says


def test_every_transaction_fits_and_passes_its_own_validation() -> None:
    for transaction in history():
        payload = encode(transaction)
        assert len(payload) <= MAX_ENCODED_BYTES
        assert decode(payload) == transaction


FULL_CPF = re.compile(rb"\d{3}\.\d{3}\.\d{3}-\d{2}|(?<![0-9a-z])\d{11}(?![0-9a-z])")
FULL_CARD = re.compile(rb"(?<!\d)\d{13,19}(?!\d)")


def test_nothing_holds_a_whole_cpf_or_card_number_not_even_the_population() -> None:
    assert FULL_CPF.search(b"123.456.789-09")
    assert FULL_CARD.search(b"4002170000000042")
    wire = b"\n".join(map(encode, history()))
    for text in (repr(population()).encode(), re.sub(rb'"occurred_at":\d{13},', b"", wire)):
        assert not FULL_CPF.search(text)
        assert not FULL_CARD.search(text)


def test_amounts_are_whole_numbers_on_the_wire() -> None:
    amounts = re.findall(rb'"amount":([^,]+),"currency":"BRL"', b"".join(map(encode, history())))
    assert len(amounts) == len(history())
    assert all(re.fullmatch(rb"[1-9]\d*", amount) for amount in amounts)


def test_both_legs_agree_and_name_each_other() -> None:
    pairs = [(d, c) for d, c in pairwise(history()) if is_own_credit(c)]
    assert len(pairs) > 2_000
    for debit, credit in pairs:
        assert debit.counterparty is not None
        assert credit.counterparty is not None
        assert (debit.leg, credit.leg) == ("debit", "credit")
        assert debit.counterparty.account == credit.account_id != debit.account_id
        assert credit.counterparty.account == debit.account_id
        for field in ("occurred_at", "amount", "currency", "kind", "status"):
            assert getattr(debit, field) == getattr(credit, field)
        assert debit.status == "approved"


def test_every_approved_payment_within_the_bank_has_its_credit_leg() -> None:
    for debit, following in pairwise(history()):
        other = debit.counterparty
        if debit.leg == "debit" and other is not None and other.institution == OWN_INSTITUTION:
            assert is_own_credit(following) is (debit.status == "approved")


def test_each_kind_has_the_fields_that_it_needs() -> None:
    needs = {
        "card_present": {"merchant", "terminal_id", "location", "card"},
        "card_not_present": {"merchant", "device_id", "ip", "card"},
        "boleto": {"counterparty", "device_id", "ip", "location"},
        "withdrawal": {"terminal_id", "location", "card"},
    }
    seen = Counter(transaction.kind for transaction in history())
    assert set(seen) == {*needs, "pix", "transfer"}
    optional = {"merchant", "counterparty", "terminal_id", "device_id", "ip", "location", "card"}
    for transaction in history():
        there = {name for name in optional if getattr(transaction, name) is not None}
        if transaction.kind in needs:
            assert there == needs[transaction.kind]
        elif transaction.leg == "credit":
            assert there == {"counterparty"}
        else:
            assert there - {"merchant", "counterparty"} == {"device_id", "ip", "location"}


def test_every_account_is_one_of_the_population_and_nearly_all_transact() -> None:
    known = {account.id: account.holder for account in population().accounts}
    assert all(known[t.account_id] == t.holder for t in history())
    assert len({t.account_id for t in history()}) > 0.99 * len(known)


# How people behave


def test_pix_dominates_and_every_kind_occurs() -> None:
    kinds = Counter(transaction.kind for transaction in history())
    assert 0.5 < kinds["pix"] / len(history()) < 0.7
    assert min(kinds.values()) > 500


def test_amounts_are_skewed_as_a_log_normal_variable_is() -> None:
    amounts = [t.amount for t in history() if t.kind == "pix"]
    assert 4_000 < median(amounts) < 9_000
    assert sum(amounts) / len(amounts) > 1.5 * median(amounts)


def test_few_are_declined_with_a_reason_and_no_money_that_comes_in_is() -> None:
    declined = [t for t in history() if t.status == "declined"]
    assert 0.01 < len(declined) / len(history()) < 0.05
    assert {t.leg for t in declined} == {"debit"}
    assert len({t.decline_reason for t in declined}) == 5


def hours_of(zone: str) -> Counter[int]:
    homes = {a.id: zone_of(a.uf) for a in population().accounts}
    return Counter(
        local(t.occurred_at, homes[t.account_id]).hour
        for t in history()
        if homes[t.account_id].key == zone
    )


@pytest.mark.parametrize("zone", ["America/Sao_Paulo", "America/Manaus", "America/Fortaleza"])
def test_people_sleep_at_their_own_night(zone: str) -> None:
    hours = hours_of(zone)
    night, noon = sum(hours[h] for h in (1, 2, 3, 4)), sum(hours[h] for h in (11, 12, 13, 14))
    assert noon > 100
    assert night < 0.25 * noon


def test_the_west_gets_up_later_and_stays_up_later_than_brasilia() -> None:
    homes = {a.id: zone_of(a.uf).key for a in population().accounts}
    brasilia = zone_of("DF")

    def western_share(hours: set[int]) -> float:
        singles = [t for t in history() if not is_own_credit(t) and t.channel != "clearing"]
        keys = [
            homes[t.account_id] for t in singles if local(t.occurred_at, brasilia).hour in hours
        ]
        return sum(key in WESTERN for key in keys) / len(keys)

    assert western_share({22, 23, 0}) > 1.25 * western_share({5, 6, 7})


WESTERN = {
    *("America/Manaus", "America/Cuiaba", "America/Campo_Grande", "America/Porto_Velho"),
    *("America/Boa_Vista", "America/Rio_Branco"),
}


def test_fridays_are_busier_than_sundays() -> None:
    brasilia = zone_of("DF")
    days = Counter(local(t.occurred_at, brasilia).weekday() for t in history())
    assert days[4] > 1.3 * days[6]


# The population


def test_customers_live_all_over_the_country_and_shop_where_they_live() -> None:
    accounts = population().accounts
    assert len({account.uf for account in accounts}) > 20
    for account in accounts:
        assert {t.location.city for t in account.terminals} == {account.home.city}
        assert {t.location.city for t in account.machines} == {account.home.city}


def test_identifiers_in_the_population_are_unique() -> None:
    people = population()
    devices = [device.id for account in people.accounts for device in account.devices]
    for identifiers in (
        [account.id for account in people.accounts],
        devices,
        [t.id for t in people.terminals + people.machines],
        [site.id for site in people.sites],
    ):
        assert len(set(identifiers)) == len(identifiers)


def test_nobody_pays_himself() -> None:
    for position, account in enumerate(small_population().accounts):
        assert position not in account.payees


def test_one_account_is_too_few() -> None:
    with pytest.raises(ValueError, match="two accounts"):
        build_population(1, 1)
    assert len(build_population(1, 2).accounts) == 2
