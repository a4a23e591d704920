"""The page for an address that leads nowhere."""

from nicegui import ui

from kafka_workshop.console.frame import Console, ConsolePage, frame, title_row
from kafka_workshop.console.widgets import Empty
from kafka_workshop.language import tr


def register(console: Console) -> None:
    """Serve the page for every address that no other page has; register it last."""

    @ConsolePage("/{_:path}")
    def missing() -> None:
        title = tr("Page not found", "Página não encontrada")
        with frame(console, title, ""):
            with title_row(title):
                pass
            with Empty("explore_off", tr("There is nothing here.", "Não há nada aqui.")).box:
                ui.link(tr("To the overview", "Para a visão geral"), "/")
        ui.context.client.status_code = 404
