"""Topics: all of them, with what is wrong first to see, and a way to make one."""

from urllib.parse import quote

from nicegui import ui

from kafka_workshop.console import formats
from kafka_workshop.console.access.roles import Role, may
from kafka_workshop.console.frame import Console, ConsolePage, Live, frame, title_row
from kafka_workshop.console.model import Topic
from kafka_workshop.console.pages.topic_create import CreateTopicDialog
from kafka_workshop.console.state import View
from kafka_workshop.console.widgets import Column, Row, Table, card, muted, nothing
from kafka_workshop.language import tr


def register(console: Console) -> None:
    """Serve the page."""

    @ConsolePage("/topics")
    def topics(like: str = "") -> None:
        title = tr("Topics", "Tópicos")
        with frame(console, title, "/topics") as live:
            dialog = CreateTopicDialog(console)
            with title_row(title):
                if may(Role.OPERATOR):
                    button = ui.button(tr("Create topic", "Criar tópico"), icon="add")
                    button.props("unelevated").classes("kw-end").on_click(dialog.open)
            if like and may(Role.OPERATOR):
                ui.timer(0.05, lambda: dialog.open(like), once=True)
            _all(live)
            muted(
                tr(
                    "Messages = end offset − start offset. ≈ marks an estimate: compaction removes "
                    "messages in between, and transactions add control records.",
                    "Mensagens = offset final − offset inicial. ≈ marca uma estimativa: a "
                    "compactação remove mensagens no meio e transações somam registros de "
                    "controle.",
                )
            )


def _all(live: Live) -> None:
    with card(tr("All topics", "Todos os tópicos")) as end:
        with end:
            label = tr("Filter by name", "Filtrar por nome")
            search = ui.input(placeholder=label).props("outlined dense clearable")
            search.props["aria-label"] = label
            internal = ui.switch(tr("Internal topics", "Tópicos internos"))
        table = _table()

    def show(view: View) -> None:
        wanted = (search.value or "").lower()
        shown = [
            t
            for t in view.topics
            if wanted in t.name.lower() and (internal.value or not t.internal)
        ]
        table.show([_row(topic, view) for topic in shown], _nothing(view, wanted))

    live.on_change(show)
    search.on_value_change(lambda: show(live.view))
    internal.on_value_change(lambda: show(live.view))


def _nothing(view: View, wanted: str) -> str:
    if wanted:
        return nothing(
            view, tr("No topic has this in its name.", "Nenhum tópico tem isso no nome.")
        )
    return nothing(
        view,
        tr(
            "No topic yet. Create one, or start the producer.",
            "Nenhum tópico ainda. Crie um ou inicie o produtor.",
        ),
    )


def _table() -> Table:
    columns = [
        Column("name", tr("Topic", "Tópico"), "link"),
        Column("partitions", tr("Partitions", "Partições"), right=True, wide=True),
        Column("factor", tr("Replicas", "Réplicas"), right=True, wide=True),
        Column("health", tr("Replication", "Replicação"), "badge"),
        Column("count", tr("Messages", "Mensagens"), "shown", right=True),
        Column("rate", tr("Written", "Gravadas"), "shown", right=True, wide=True),
        Column("cleanup", tr("Clean-up", "Limpeza"), wide=True),
    ]
    return Table(columns, label=tr("Topics", "Tópicos"), paged=True)


def health(topic: Topic) -> tuple[str, str]:
    """Return in words, and as a tone, how well a topic is replicated."""
    if topic.offline:
        return tr("{n} offline", "{n} fora do ar", n=topic.offline), "bad"
    if topic.under_replicated:
        return behind_text(topic.under_replicated), "warn"
    return tr("in sync", "em sincronia"), "good"


def behind_text(n: int) -> str:
    """Return how many partitions have a replica out of sync."""
    if n == 1:
        return tr("1 under-replicated", "1 sub-replicada")
    return tr("{n} under-replicated", "{n} sub-replicadas", n=n)


def count_text(topic: Topic) -> str:
    """Return the number of messages, marked where it can only be an estimate."""
    estimate = "≈ " if topic.compacted and topic.count else ""
    return estimate + formats.number(topic.count)


def _row(topic: Topic, view: View) -> Row:
    words, tone = health(topic)
    return {
        "id": topic.name,
        "name": topic.name,
        "href": "/topics/" + quote(topic.name, safe=""),
        "partitions": len(topic.partitions),
        "factor": topic.replication_factor,
        "health": words,
        "health_tone": tone,
        "count": -1 if topic.count is None else topic.count,
        "count_text": count_text(topic),
        "rate": view.rates.get(topic.name, -1.0),
        "rate_text": formats.rate(view.rates.get(topic.name)),
        "cleanup": topic.config.get("cleanup.policy", formats.UNKNOWN),
    }
