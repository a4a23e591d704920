"""The balance in words, in both languages: one line, and what there is to say beside it."""

from kafka_workshop.language import current, tr
from kafka_workshop.ledger.balance import Balance
from kafka_workshop.ledger.numbers import Some


def number(value: int) -> str:
    """Return a number with its thousands grouped.

    >>> number(1234567)
    '1,234,567'
    """
    text = f"{value:,}"
    return text.replace(",", ".") if current() == "pt-BR" else text


def equation(found: Balance) -> str:
    """Return the equation: what was acknowledged, and where it is now."""
    text = tr(
        "acknowledged {a} = processed {p} + DLQ {d} + in flight {f}",
        "confirmadas {a} = processadas {p} + DLQ {d} + em trânsito {f}",
        a=number(found.acknowledged),
        p=number(found.processed),
        d=number(found.dead),
        f=number(found.in_flight),
    )
    if found.unbooked:
        text += tr(" + unbooked {u}", " + sem registro {u}", u=number(found.unbooked))
    return text


def verdict(found: Balance) -> str:
    """Return how many are lost and how many duplicated."""
    return tr(
        "lost {lost} · duplicated {duplicated}",
        "perdidas {lost} · duplicadas {duplicated}",
        lost=number(found.lost),
        duplicated=number(found.duplicated),
    )


def line(found: Balance) -> str:
    """Return the whole ledger in one line."""
    return f"{equation(found)} · {verdict(found)}"


def findings(found: Balance) -> list[str]:
    """Return one sentence for each thing that is wrong."""
    said = {
        "missing": tr(
            "Lost: {n} acknowledged ids are not stored: {what}",
            "Perdidas: {n} ids confirmados não estão gravados: {what}",
            n=number(found.missing.count),
            what=_names(found.missing),
        ),
        "skipped": tr(
            "Lost: the group passed {n} messages without processing them: {what}",
            "Perdidas: o grupo passou por {n} mensagens sem processá-las: {what}",
            n=number(found.skipped),
            what=_places(found, "skipped"),
        ),
        "letters_missing": tr(
            "Lost: {n} messages count as dead letters and are not in the DLQ: {what}",
            "Perdidas: {n} mensagens contam como enviadas à DLQ e não estão lá: {what}",
            n=number(found.letters_missing),
            what=_places(found, "letters_missing"),
        ),
        "repeated": tr(
            "Duplicated: {n} messages repeat an id that is stored already: {what}",
            "Duplicadas: {n} mensagens repetem um id que já está gravado: {what}",
            n=number(found.repeated.count),
            what=_names(found.repeated),
        ),
        "recounted": tr(
            "Duplicated: the group processed {n} messages more than once: {what}",
            "Duplicadas: o grupo processou {n} mensagens mais de uma vez: {what}",
            n=number(found.recounted),
            what=_places(found, "recounted"),
        ),
    }
    counts = {name: getattr(found, name) for name in said}
    return [text for name, text in said.items() if counts[name] not in (0, Some())]


def _names(some: Some) -> str:
    return ", ".join(some.first) + (", …" if some.count > len(some.first) else "")


def _places(found: Balance, name: str) -> str:
    counts = ((p, getattr(p, name)) for p in found.partitions)
    return ", ".join(
        tr("partition {p}: {n}", "partição {p}: {n}", p=p.partition, n=number(count))
        for p, count in counts
        if count
    )


def notes(found: Balance) -> list[str]:
    """Return what is no fault but good to know."""
    said = (
        (
            not found.group_exists,
            tr(
                "The group {group} has committed nothing yet: all is in flight.",
                "O grupo {group} ainda não fez nenhum commit: tudo está em trânsito.",
                group=found.group,
            ),
        ),
        (
            found.unbooked > 0,
            tr(
                "Unbooked: {n} messages lie below an offset that was committed without our count, "
                "by another tool; nobody knows whether they were processed.",
                "Sem registro: {n} mensagens ficam abaixo de um offset que outra ferramenta gravou "
                "sem a nossa contagem; não se sabe se foram processadas.",
                n=number(found.unbooked),
            ),
        ),
        (
            found.expired,
            tr(
                "Retention has removed old messages; those are not judged.",
                "A retenção já removeu mensagens antigas; essas não são julgadas.",
            ),
        ),
        (
            found.without_id > 0,
            tr(
                "{n} stored messages are no transactions of ours.",
                "{n} mensagens gravadas não são transações nossas.",
                n=number(found.without_id),
            ),
        ),
    )
    return [text for true, text in said if true]
