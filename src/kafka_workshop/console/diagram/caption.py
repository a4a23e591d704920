"""The diagram in sentences, for whoever cannot see it or wants to be sure."""

from kafka_workshop.console import formats
from kafka_workshop.console.diagram.consumers import Stage
from kafka_workshop.console.state import View
from kafka_workshop.console.widgets import nothing
from kafka_workshop.language import tr


def caption(view: View, topic: str, stages: tuple[Stage, ...]) -> str:
    """Return what the diagram says, as sentences."""
    if view.snapshot is None:
        return nothing(view, "")
    return " ".join([_brokers(view), _written(view, topic), *map(_processed, stages)])


def _brokers(view: View) -> str:
    if view.failure is not None:
        return tr(
            "No broker answers: this is what was last known.",
            "Nenhum broker responde: isto é o que se sabia por último.",
        )
    gone = [f"broker-{broker.id}" for broker in view.brokers if not broker.online]
    if not gone:
        return tr("Every broker is online.", "Todos os brokers estão no ar.")
    names = ", ".join(gone)
    if len(gone) == 1:
        return tr("{names} is offline.", "{names} está fora do ar.", names=names)
    return tr("{names} are offline.", "{names} estão fora do ar.", names=names)


def _written(view: View, topic: str) -> str:
    rate = view.rates.get(topic)
    if rate is None:
        return tr(
            "How much is written to {topic} is not known now.",
            "Não se sabe agora quanto é gravado em {topic}.",
            topic=topic,
        )
    return tr(
        "{rate} are written to {topic}.",
        "São gravadas {rate} em {topic}.",
        rate=formats.rate(rate),
        topic=topic,
    )


def _processed(stage: Stage) -> str:
    if stage.rate is None:
        return tr(
            "How much {name} processes is not known now.",
            "Não se sabe agora quanto {name} processa.",
            name=stage.title,
        )
    return tr(
        "{name} processes {rate} and is {lag} behind.",
        "{name} processa {rate}, com lag de {lag}.",
        name=stage.title,
        rate=formats.rate(stage.rate, estimate=stage.estimate),
        lag=formats.number(stage.lag),
    )
