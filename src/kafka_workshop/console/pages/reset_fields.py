"""The fields of a reset of offsets: which partitions, and where to."""

from collections.abc import Callable

from nicegui import ui

from kafka_workshop.console.managing.resetting import Target
from kafka_workshop.console.pages.message_controls import ALL, moment, moment_ms
from kafka_workshop.language import tr


class ResetFields:
    """Topic, partition, where to, and the number or time that this needs."""

    def __init__(self) -> None:
        ways = {
            "earliest": tr("The earliest", "O mais antigo"),
            "latest": tr("The end", "O fim"),
            "offset": tr("An offset", "Um offset"),
            "time": tr("A time", "Um horário"),
            "shift": tr("Forward or back by", "Avançar ou voltar"),
        }
        with ui.element("div").classes("kw-pair") as self.box:
            self.topic = ui.select([], label=tr("Topic", "Tópico"))
            self.partition = ui.select(
                {ALL: tr("all", "todas")}, label=tr("Partition", "Partição"), value=ALL
            )
            self.way = ui.select(ways, label=tr("To", "Para"), value="earliest")
            label = tr("Offset or number of messages", "Offset ou número de mensagens")
            self.number = ui.number(label, value=0, step=1)
            self.time = moment()
        self._every = (self.topic, self.partition, self.way, self.number, self.time)
        for field in self._every:
            field.props("outlined dense options-dense")
        self.way.on_value_change(self._show)
        self._show()

    def on_change(self, changed: Callable[[], None]) -> None:
        """Call `changed` whenever one has another value."""
        for field in self._every:
            field.on_value_change(changed)

    def offer(self, topics: list[str]) -> None:
        """Offer these topics; the first is chosen unless one of them is already."""
        self.topic.set_options(topics)
        if self.topic.value not in topics:
            self.topic.set_value(topics[0] if topics else None)

    def offer_partitions(self, partitions: list[int]) -> None:
        """Offer all of these, or one."""
        choices = {ALL: tr("all", "todas")} | {p: str(p) for p in partitions}
        self.partition.set_options(choices)
        self.partition.set_value(ALL)

    @property
    def chosen_partition(self) -> int | None:
        """The partition that is asked for, `None` for all."""
        return None if self.partition.value in {None, ALL} else int(self.partition.value)

    @property
    def all(self) -> tuple[object, ...]:
        """What they say now."""
        return tuple(field.value for field in self._every)

    def target(self) -> Target:
        """Return where to.

        Raises:
            ValueError, OverflowError: the time or the number is none.
        """
        if self.way.value == "time":
            return Target("time", max(0, moment_ms(self.time)))
        if self.way.value in {"offset", "shift"}:
            if self.number.value is None or self.number.value != int(self.number.value):
                raise ValueError
            return Target(self.way.value, int(self.number.value))
        return Target(self.way.value)

    def _show(self) -> None:
        self.number.set_visibility(self.way.value in {"offset", "shift"})
        self.time.set_visibility(self.way.value == "time")
