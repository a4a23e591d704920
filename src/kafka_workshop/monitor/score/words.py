"""What there is to say beside a score, in both languages."""

from kafka_workshop.domain.words import shown
from kafka_workshop.language import current, tr
from kafka_workshop.monitor.score.result import Score

# Lag never reads 0 on a transactional topic: each partition may end with a marker or two.
_BEHIND = 1_000
_NAME = 32


def number(value: float) -> str:
    """Return a number as the person's language writes it."""
    return shown(value, current())


def named(rule: str, policy: bool) -> str:
    """Return a rule's name as it may be shown: whoever wrote the alert chose it.

    >>> named("pix_limits", True), named("a" * 40, False)
    ('pix_limits (policy)', 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa')
    """
    mark = tr(" (policy)", " (política)") if policy else ""
    return f"{harmless(rule)}{mark}"


def harmless(rule: str) -> str:
    """Return a rule's name without what a terminal would obey, and not too long."""
    return (rule if rule.isprintable() else ascii(rule))[:_NAME]


def line(score: Score) -> str:
    """Return how much was caught, and how much of what was said was right."""
    return tr(
        "Caught before the first label: {caught} of {episodes} episodes whose labels are complete. "
        "About an episode: {right} of {alerts} alerts.",
        "Detectados antes do primeiro rótulo: {caught} de {episodes} episódios com rótulos "
        "completos. Sobre um episódio: {right} de {alerts} alertas.",
        episodes=number(sum(each.episodes for each in score.scenarios)),
        caught=number(sum(each.caught for each in score.scenarios)),
        alerts=number(score.alerts),
        right=number(score.right),
    )


def missing(name: str, labels: bool) -> str:
    """Say that there is no topic `name` yet, that of the labels or that of the alerts."""
    if labels:
        return tr(
            "There is no topic {name} yet: the producer makes it, and without labels there is no "
            "score.",
            "Ainda não há tópico {name}: o producer o cria, e sem rótulos não há avaliação.",
            name=name,
        )
    return tr(
        "There is no topic {name} yet: the monitor makes it when it starts.",
        "Ainda não há tópico {name}: o monitor o cria quando inicia.",
        name=name,
    )


def nothing_yet(score: Score) -> str:
    """Say why there is nothing to judge."""
    return tr(
        "Nothing is mature yet: no label has come, or none is complete. Labels come up to 7 days "
        "of event time after the fraud; {n} alerts wait.",
        "Nada está maduro ainda: não chegou rótulo, ou nenhum está completo. Rótulos chegam até 7 "
        "dias, no tempo dos eventos, depois da fraude; {n} alertas esperam.",
        n=number(score.waiting),
    )


def too_new(score: Score) -> str | None:
    """Say how many alerts wait for their labels, if any."""
    if not score.waiting:
        return None
    return tr(
        "{n} more alerts are too new to judge: their labels are not complete yet.",
        "Outros {n} alertas são recentes demais: os rótulos ainda não estão completos.",
        n=number(score.waiting),
    )


def behind(lag: int) -> str | None:
    """Say that the monitor is behind by so many messages, if that is worth a word."""
    if lag <= _BEHIND:
        return None
    return tr(
        "The monitor is {n} messages behind: what it has not seen yet counts as missed.",
        "O monitor está {n} mensagens atrasado: o que ainda não viu conta como perdido.",
        n=number(lag),
    )


def undecodable(count: int) -> str | None:
    """Say how many records of the topics are neither alert nor label, if any."""
    if not count:
        return None
    return tr(
        "{n} records are no alert and no label.",
        "{n} registros não são alerta nem rótulo.",
        n=count,
    )
