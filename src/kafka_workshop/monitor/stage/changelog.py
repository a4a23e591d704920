"""The changelog's records: state by key, and for each partition a stamp that says as of when.

The stamp is written in every transaction, beside the state that it belongs to. At restore it is
compared with what the group has committed and with the topic: state and offsets that don't belong
together are refused in words, never mended by a guess.
"""

import msgspec

from kafka_workshop.errors import UserError
from kafka_workshop.language import tr
from kafka_workshop.monitor.stage.values import Change

# No key of a state begins with a zero byte.
STAMP_KEY = b"\x00stamp"


class Mismatch(UserError):
    """State, offsets, topic and rules do not belong together: a person decides what goes."""


class Identity(msgspec.Struct, frozen=True):
    """What a state belongs to.

    Attributes:
        topic_id: the input topic's; one that was deleted and made again has another.
        partitions: how many the input has.
        schema: the form of the state.
        rules: the version of what folds.
    """

    topic_id: str
    partitions: int
    schema: int
    rules: str


class Stamp(msgspec.Struct, frozen=True):
    """As of which input offset the state is, and what it belongs to."""

    offset: int
    identity: Identity


class Found(msgspec.Struct, frozen=True):
    """What was found of a partition at restore; None is nothing.

    `low` and `high` are the offsets of the input's oldest record and after its newest.
    """

    committed: int | None
    stamp: Stamp | None
    low: int
    high: int


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(Stamp)


def stamp_change(partition: int, offset: int, identity: Identity) -> Change:
    """Return the record that stamps a partition."""
    return Change(partition, STAMP_KEY, _encoder.encode(Stamp(offset, identity)))


def stamp_of(value: bytes | None) -> Stamp | None:
    """Return the stamp that a record says, None if it says none.

    Raises:
        Mismatch: it is no stamp of ours.
    """
    try:
        return None if value is None else _decoder.decode(value)
    except msgspec.DecodeError:
        raise Mismatch(
            tr(
                "the changelog has a stamp of another version; {mend}",
                "o changelog tem um carimbo de outra versão; {mend}",
                mend=how_to_mend(),
            )
        ) from None


def how_to_mend() -> str:
    """Return which command makes state and offsets begin again together."""
    return tr(
        "./workshop monitor reset deletes the group's offsets, state, alerts, scores and KPIs, "
        "and it reads the topic again from the beginning",
        "./workshop monitor reset apaga offsets, estado, alertas, pontuações e KPIs do grupo, "
        "que relê o tópico desde o começo",
    )


def check(found: Found, here: Identity, offsets_may_lag: bool = False) -> None:
    """Check that what was found belongs together.

    `offsets_may_lag` is for at-least-once processing, which commits offsets after the state.

    Raises:
        Mismatch: it does not; the sentence says why.
    """
    why = (
        _why_apart(found.committed, found.stamp, offsets_may_lag)
        or (found.stamp is not None and _why_other(found.stamp.identity, here))
        or (found.committed is not None and _why_gone(found.committed, found.low, found.high))
    )
    if why:
        raise Mismatch(f"{why}; {how_to_mend()}")


def _why_apart(committed: int | None, stamp: Stamp | None, offsets_may_lag: bool) -> str:
    if committed is None and stamp is None:
        return ""
    if stamp is None:
        return tr(
            "the group has committed offset {committed}, and there is no state that belongs to it",
            "o grupo confirmou o offset {committed}, e não há estado que corresponda a ele",
            committed=committed,
        )
    if committed is None:
        if offsets_may_lag:
            return ""
        return tr(
            "there is state up to offset {at}, but the group has committed none (expired, deleted)",
            "há estado até o offset {at}, mas o grupo não tem offset confirmado "
            "(expirado, apagado)",
            at=stamp.offset,
        )
    if stamp.offset == committed or (offsets_may_lag and stamp.offset > committed):
        return ""
    return tr(
        "the state is as of offset {at}, the group has committed {committed} (offsets reset?)",
        "o estado é do offset {at}, o grupo confirmou {committed} (offsets redefinidos?)",
        at=stamp.offset,
        committed=committed,
    )


def _why_other(was: Identity, now: Identity) -> str:
    if was.topic_id != now.topic_id:
        return tr(
            "the state belongs to a topic of the same name that was deleted since",
            "o estado é de um tópico de mesmo nome que foi apagado desde então",
        )
    if was.partitions != now.partitions:
        return tr(
            "the state belongs to {was} partitions, the topic has {now}: accounts have moved",
            "o estado é de {was} partições, o tópico tem {now}: contas mudaram de partição",
            was=was.partitions,
            now=now.partitions,
        )
    if was.schema != now.schema:
        return tr(
            "the state has schema {was}, this program {now}",
            "o estado tem schema {was}, este programa {now}",
            was=was.schema,
            now=now.schema,
        )
    if was.rules != now.rules:
        return tr(
            "the state was made with rules {was}, this program has {now}",
            "o estado foi feito com as regras {was}, este programa tem {now}",
            was=was.rules,
            now=now.rules,
        )
    return ""


def _why_gone(committed: int, low: int, high: int) -> str:
    if low <= committed <= high:
        return ""
    return tr(
        "the group has committed offset {committed}, the topic has {low} to {high} only",
        "o grupo confirmou o offset {committed}, o tópico só tem de {low} a {high}",
        committed=committed,
        low=low,
        high=high,
    )
