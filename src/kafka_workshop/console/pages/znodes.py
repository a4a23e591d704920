"""ZooKeeper: its tree, one znode of it, and an election as it happens."""

import asyncio
from collections.abc import Callable

from nicegui import ui

from kafka_workshop import clock
from kafka_workshop.console import formats
from kafka_workshop.console.frame import Console, ConsolePage, frame, title_row
from kafka_workshop.console.keeper import Kept, Seen
from kafka_workshop.console.model import KRAFT
from kafka_workshop.console.pages.as_of import as_of
from kafka_workshop.console.pages.message_detail import pairs_of, payload_block
from kafka_workshop.console.pages.znode_tree import ZnodeTree
from kafka_workshop.console.payload import show
from kafka_workshop.console.state import View
from kafka_workshop.console.widgets import Empty, Stat, badge, card, muted, stats, trail
from kafka_workshop.console.zookeeper.told import (
    brokers_text,
    changes,
    controller_text,
    facts,
    secret_text,
)
from kafka_workshop.console.zookeeper.znodes import (
    CONTROLLER,
    IDS,
    ROOT,
    Change,
    Election,
    Tree,
    Znode,
    is_path,
    parents,
)
from kafka_workshop.errors import Unavailable
from kafka_workshop.language import tr

_LOOK_SECONDS = 1.0


def register(console: Console) -> None:
    """Serve the page."""

    @ConsolePage("/zookeeper")
    def zookeeper(path: str = CONTROLLER) -> None:
        with frame(console, "ZooKeeper", "/zookeeper") as live:
            with title_row("ZooKeeper"):
                badge(tr("read only", "só leitura"))
            page = ui.element("div").classes("kw-stack").style("width:100%")
            with ui.element("section").classes("kw-card") as absent:
                nothing = Empty("how_to_vote", _no_zookeeper())
                with nothing.box:
                    ui.link(tr("The brokers and the quorum", "Os brokers e o quórum"), "/brokers")
            with page:
                panel = _Panel(console, path if is_path(path) else ROOT)

            def choose(view: View) -> None:
                kraft = view.snapshot is not None and view.snapshot.coordination == KRAFT
                absent.set_visibility(kraft)
                page.set_visibility(not kraft)
                panel.wanted = not kraft

            live.on_change(choose)


def _no_zookeeper() -> str:
    return tr(
        "This cluster has no ZooKeeper: with KRaft the brokers elect the controller among "
        "themselves, and keep what stood in this tree in a log of their own.",
        "Este cluster não tem ZooKeeper: com KRaft os brokers elegem o controller entre si e "
        "guardam em um log próprio o que ficava nesta árvore.",
    )


class _Panel:
    """The figures of the election, the tree, and the znode that is chosen."""

    def __init__(self, console: Console, path: str) -> None:
        self._znodes, self._kept = console.znodes, Kept[Tree]()
        self._chosen = path
        self._looking = self._again = False
        self.wanted = True
        self._opened = {*parents(path), IDS, ROOT}
        self._drawn: tuple[str, Znode | None] = ("", None)
        self._seen: tuple[Change, ...] = ()
        self._when = _when()
        self._figures()
        with ui.element("div").classes("kw-columns"):
            with card(tr("Tree", "Árvore")):
                self._tree = ZnodeTree(self._toggle, self._choose)
                self._nothing = Empty("account_tree")
            with ui.element("div").classes("kw-stack"):
                with card("Znode"):
                    self._detail = ui.element("div").classes("kw-card-body")
                with card(tr("Seen here", "Visto aqui")):
                    self._trail = trail(tr("Seen here", "Visto aqui"))
                    self._quiet = Empty("timeline", _quiet())
        self._show()
        self._znodes.open()
        ui.context.client.on_delete(self._znodes.release)
        ui.timer(_LOOK_SECONDS, self._look)

    def _figures(self) -> None:
        with stats():
            self._controller = Stat("Controller")
            self._epoch = Stat(tr("Controller epoch", "Época do controller"))
            self._brokers = Stat(tr("Registered brokers", "Brokers registrados"))

    async def _look(self) -> None:
        if self._looking or not self.wanted:
            self._again = self._looking
            return
        self._looking = True
        try:
            await self._look_once()
            while self._again:  # somebody opened or chose something meanwhile
                await self._look_once()
        finally:
            self._looking = False

    async def _look_once(self) -> None:
        self._again = False
        try:
            opened = {*self._opened}
            tree = await asyncio.to_thread(self._znodes.look, opened, self._chosen)
            self._kept.succeeded(tree)
        except Unavailable as silent:
            self._kept.failed(str(silent), clock.now_ms())
        self._show()

    async def _toggle(self, path: str) -> None:
        self._opened ^= {path}
        await self._look()

    async def _choose(self, path: str) -> None:
        self._chosen = path
        await self._look()

    def _show(self) -> None:
        seen = self._kept.seen
        self._when(seen)
        tree = seen.value or Tree()
        self._tree.show(tree, self._chosen)
        self._nothing.box.set_visibility(not tree.rows)
        self._nothing.say(_nothing(failing=seen.failing_since_ms is not None, reason=seen.reason))
        if seen.value is not None:
            self._show_election(tree.election)
            self._show_znode(tree.chosen)
            self._show_seen()

    def _show_election(self, election: Election) -> None:
        since = election.since_ms
        elected = formats.time_of_day(since) if since else ""
        note = tr("since {at}", "desde {at}", at=elected) if elected else ""
        led = election.controller is not None
        self._controller.show(controller_text(election), note, "good" if led else "bad")
        self._epoch.show(formats.number(election.epoch))
        self._brokers.show(brokers_text(election), "/brokers/ids")

    def _show_seen(self) -> None:
        seen = self._znodes.changes
        if seen == self._seen:
            return
        self._seen = seen
        self._quiet.box.set_visibility(False)
        self._trail.clear()
        lines = [(c.at_ms, said) for c in seen for said in changes(c.before, c.after)]
        with self._trail:
            for at_ms, said in lines:
                with ui.element("li").classes("kw-trail-line"):
                    ui.label(formats.time_of_day(at_ms)).classes("kw-muted kw-small")
                    badge(said, "accent").classes("kw-long")

    def _show_znode(self, znode: Znode | None) -> None:
        drawn = (self._chosen, znode)
        if drawn == self._drawn:
            return
        self._drawn = drawn
        self._detail.clear()
        with self._detail:
            if znode is None:
                muted(tr("There is no {path} now.", "Não há {path} agora.", path=self._chosen))
                return
            pairs_of(facts(znode))
            if znode.secret:
                muted(secret_text())
            else:
                payload_block(tr("Data", "Dados"), show(znode.data), znode.size)


def _when() -> Callable[[Seen[Tree]], None]:
    return as_of(
        tr("Asking ZooKeeper…", "Consultando o ZooKeeper…"),
        tr("ZooKeeper has not answered yet.", "O ZooKeeper ainda não respondeu."),
        lambda since, at: tr(
            "ZooKeeper has not answered since {since}. This is what was known at {at}.",
            "O ZooKeeper não responde desde {since}. Isto é o que se sabia às {at}.",
            since=since,
            at=at,
        ),
    )


def _quiet() -> str:
    return tr(
        "Nothing has changed while somebody looked. Kill the controller and watch.",
        "Nada mudou enquanto alguém olhava. Mate o controller e observe.",
    )


def _nothing(*, failing: bool, reason: str) -> str:
    return reason if failing else tr("Asking ZooKeeper…", "Consultando o ZooKeeper…")
