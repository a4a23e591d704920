"""The features of a transaction: their names, what they mean, where they come from.

A vector has them in this order, the account's first. A transaction without a place, and one whose
place nobody has been at, has zeros for the place's.

Source: [1] Y.-A. Le Borgne et al., Reproducible Machine Learning for Credit Card Fraud Detection,
2022, chapter 3: weekend, night, number and mean amount of a customer's payments in 1, 7 and 30
days, number and risk of a terminal's with a delay of seven days.
"""

from typing import Literal, NamedTuple

from kafka_workshop.domain.risk.sides import NO_PLACE, AccountSide, PlaceSide, smoothed
from kafka_workshop.domain.words import Words


class Feature(NamedTuple):
    """One feature: its name, its unit (empty for a number or a yes of 1.0), who knows it."""

    name: str
    unit: str
    side: Literal["account", "place"]
    meaning: Words


def _account(name: str, unit: str, en: str, pt: str) -> Feature:
    return Feature(name, unit, "account", Words(en, pt))


def _place(name: str, unit: str, en: str, pt: str) -> Feature:
    return Feature(name, unit, "place", Words(en, pt))


DESCRIBED: tuple[Feature, ...] = (
    _account("amount", "BRL", "the amount", "o valor"),
    _account(
        "amount_ratio",
        "log2",
        "amount by the account's mean for this way to pay, from -16 to 16; 0 without a history",
        "valor sobre a média da conta nessa forma de pagar, de -16 a 16; 0 sem histórico",
    ),
    *(
        _account(
            f"payments_{days}d",
            "",
            f"approved payments of the account in {days} d, this transaction included",
            f"pagamentos aprovados da conta em {days} d, incluindo esta transação",
        )
        for days in (1, 7, 30)
    ),
    *(
        _account(
            f"mean_{days}d",
            "BRL",
            f"their mean amount in {days} d, to a 256th",
            f"o valor médio deles em {days} d, com erro de até 1/256",
        )
        for days in (1, 7, 30)
    ),
    _account(
        "idle",
        "s",
        "since the account's newest transaction before; 0 for the first and late ones",
        "desde a transação anterior mais nova da conta; 0 na primeira e nas atrasadas",
    ),
    _account(
        "attempts_15m",
        "",
        "attempts to pay in 15 min, this one included",
        "tentativas de pagar em 15 min, incluindo esta",
    ),
    _account(
        "speed",
        "km/h",
        "from where the card was present before to here, at most 2,000; 0 below 100 km",
        "de onde o cartão esteve presente antes até aqui, no máximo 2.000; 0 abaixo de 100 km",
    ),
    _account(
        "new_payers_1d",
        "",
        "payments received in the 24 h before from accounts new to it, at most 16",
        "recebimentos nas 24 h anteriores de contas novas para ela, no máximo 16",
    ),
    _account(
        "new_payees_1d",
        "",
        "payments made in the 24 h before to accounts new to it, at most 16",
        "pagamentos nas 24 h anteriores a contas novas para ela, no máximo 16",
    ),
    _account(
        "weekend", "", "Saturday or Sunday, local to the state", "sábado ou domingo, hora do estado"
    ),
    _account("night", "", "from 0h to 7h, local to the state", "das 0h às 7h, hora do estado"),
    _account("new_device", "", "from a device new to it", "de um aparelho novo para ela"),
    _account("new_beneficiary", "", "to an account new to it", "a uma conta nova para ela"),
    _account("online", "", "card not present", "cartão não presente"),
    _account(
        "to_person", "", "Pix to a person, or a transfer", "Pix a uma pessoa, ou transferência"
    ),
    _account("credit", "", "money that comes in", "dinheiro que entra"),
    _account("declined", "", "refused", "recusada"),
    _account(
        "unsettled",
        "",
        "of an account known for less than four days or transactions",
        "de uma conta conhecida há menos de quatro dias ou transações",
    ),
    *(
        _place(
            f"place_payments_{days}d",
            "",
            f"payments at the place in {days} whole days that ended a week ago",
            f"pagamentos no local em {days} dias inteiros que terminaram há uma semana",
        )
        for days in (1, 7, 30)
    ),
    *(
        _place(
            f"place_risk_{days}d",
            "",
            f"share of labelled fraud among them, {days} d",
            f"parcela de fraude rotulada entre eles, {days} d",
        )
        for days in (1, 7, 30)
    ),
)
FEATURES: tuple[str, ...] = tuple(feature.name for feature in DESCRIBED)
# By the bits of `AccountSide.flags`, their part of the vector.
_FLAGS = tuple(tuple(flags >> bit & 1 for bit in range(9)) for flags in range(512))
_NO_PLACE = (0,) * 6


def vector(amount: int, account: AccountSide, place: PlaceSide = NO_PLACE) -> tuple[float, ...]:
    """Return the features in the order of `FEATURES`; `amount` in minor units."""
    return (
        amount / 100,
        account.ratio / 100,
        account.payments_1 / 10,
        account.payments_7 / 10,
        account.payments_30 / 10,
        smoothed(account.mean_1) / 100,
        smoothed(account.mean_7) / 100,
        smoothed(account.mean_30) / 100,
        smoothed(account.idle),
        account.attempts,
        account.speed,
        account.new_payers,
        account.new_payees,
        *_FLAGS[account.flags],
        *(_NO_PLACE if place is NO_PLACE else _of_place(place)),
    )


def _of_place(place: PlaceSide) -> tuple[float, ...]:
    return (
        place.payments_1,
        place.payments_7,
        place.payments_30,
        _share(place.frauds_1, place.payments_1),
        _share(place.frauds_7, place.payments_7),
        _share(place.frauds_30, place.payments_30),
    )


def _share(frauds: int, payments: int) -> float:
    """Return at most 1.0: a card that was copied here counts with the fraud done elsewhere."""
    return round(min(1.0, frauds / payments), 4) if payments else 0.0
