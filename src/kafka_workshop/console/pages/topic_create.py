"""The dialog that creates a topic, with the settings of another one if that is asked for."""

import asyncio

from nicegui import ui

from kafka_workshop.console.actions import MB, TopicWish
from kafka_workshop.console.frame import Console
from kafka_workshop.console.pages.topic_dialogs import ActionDialog, done, whole
from kafka_workshop.console.widgets import muted
from kafka_workshop.console.wishes import Likeness, likeness
from kafka_workshop.errors import WorkshopError
from kafka_workshop.language import tr


class CreateTopicDialog(ActionDialog):
    """Creates a topic that is bounded in bytes."""

    def __init__(self, console: Console) -> None:
        super().__init__(tr("Create topic", "Criar tópico"), tr("Create", "Criar"))
        self._console = console
        self._settings: dict[str, str] = {}
        with self.body:
            self.name = ui.input(tr("Name", "Nome")).props("outlined dense autofocus maxlength=249")
            label = tr("Settings like", "Configurações como")
            self.like = ui.select([], label=label, with_input=True, clearable=True)
            self.like.props("outlined dense options-dense")
            with ui.element("div").classes("kw-pair"):
                self.partitions = whole(tr("Partitions", "Partições"), 3)
                self.factor = whole(tr("Replication factor", "Fator de replicação"), 3)
                self.min_insync = whole("min.insync.replicas", 2)
                self.days = whole(tr("Days kept", "Dias guardados"), 7)
                self.disk = whole(tr("Disk limit (MB)", "Limite em disco (MB)"), 100)
            muted(
                tr(
                    "The limit counts all partitions and replicas. Oldest messages go first.",
                    "O limite conta todas as partições e réplicas. As mensagens mais antigas saem "
                    "primeiro.",
                )
            )
            self._more = muted("")
        self.like.on_value_change(self._take_over)
        self.button.on_click(self._create)
        self.name.on("keydown.enter", self._create)

    def open(self, like: str = "") -> None:
        """Show the dialog; with `like`, filled with the settings of that topic."""
        names = [topic.name for topic in self._console.state.view.topics if not topic.internal]
        self.like.set_options(names)
        self.like.set_value(like if like in names else None)
        super().open()

    async def _take_over(self) -> None:
        snapshot, name = self._console.state.view.snapshot, self.like.value
        topic = snapshot.topic_by_name.get(name) if snapshot and name else None
        if topic is None:
            self._settings = {}
            self._more.set_text("")
            return
        broker = next((b.id for b in self._console.state.view.brokers if b.online), None)
        read = self._console.inspector.topic_settings
        try:
            settings = await asyncio.to_thread(read, topic.name, broker)
        except WorkshopError as error:
            self.fail(str(error))
            return
        self._fill(likeness(topic, {s.name: s.value or "" for s in settings if s.own}))

    def _fill(self, like: Likeness) -> None:
        fields = (self.partitions, self.factor, self.min_insync, self.days, self.disk)
        for field, value in zip(fields, like.figures, strict=True):
            if value is not None:
                field.set_value(value)
        self._settings = like.settings
        taken = ", ".join(f"{name}={value}" for name, value in sorted(like.settings.items()))
        self._more.set_text(tr("As there: {all}", "Como lá: {all}", all=taken) if taken else "")

    async def _create(self) -> None:
        wish = self._wish()
        if wish is None:
            self.fail(tr("Every field wants a whole number.", "Todo campo pede um número inteiro."))
            return
        created = await self.attempt(done(self._console.actions.create_topic), wish)
        if created:
            self.dialog.close()
            self._console.poller.hurry()
            text = tr("{name} was created.", "{name} foi criado.", name=wish.name)
            ui.notify(text, type="positive")

    def _wish(self) -> TopicWish | None:
        fields = (self.partitions, self.factor, self.min_insync, self.disk, self.days)
        values = [field.value for field in fields]
        if any(value is None or value != int(value) for value in values):
            return None
        partitions, factor, min_insync, disk, days = (int(value) for value in values)
        name = (self.name.value or "").strip()
        return TopicWish(
            name, partitions, factor, min_insync, disk * MB, days, settings=self._settings
        )
