"""The chaos panel as a page and as REST: off, absent, alive, refused, in both languages."""

from dataclasses import replace
from pathlib import Path

import pytest
from nicegui import ui
from nicegui.testing import User
from nicegui.testing.user_interaction import UserInteraction

from kafka_workshop import language
from kafka_workshop.cluster.protocol import Refused, Reply
from kafka_workshop.cluster.states import KILLED, READY, Status
from kafka_workshop.console.chaos.orders import Orders, Verb
from kafka_workshop.console.chaos.supervision import Supervision, System
from kafka_workshop.console.frame import Console
from tests.console.test_supervision import LOGGER, view
from tests.console.visiting import SETTINGS, press, visit_console
from tests.support.bench import until


class PlantedOrders(Orders):
    """Gives no order, and remembers which it was asked to give."""

    def __init__(self) -> None:
        super().__init__(Supervision(None, ()), LOGGER)
        self.given: list[tuple[str, ...]] = []

    def give(self, verb: Verb, service: str, typed: str = "") -> bool:
        if service == "broker-3":
            raise Refused(Reply(refused="not now"))
        self.given.append((verb, service, typed))
        return True

    def set_rate(self, rate: float) -> bool:
        self.given.append(("rate", str(rate)))
        return True


def status(service: str, state: str = READY, rate: float | None = None) -> Status:
    return Status(service, state, 1, (), 0, None, 0.0, 50_000_000, rate)


def system(broker_2: str = READY) -> System:
    names = ("zookeeper", "broker-1", "broker-3", "kafka-ui", "consumer")
    return System(
        (*map(status, names), status("broker-2", broker_2), status("producer", rate=50.0))
    )


def planted(console: Console) -> Console:
    settings = replace(SETTINGS, data=Path("/nowhere"))
    return replace(console, settings=settings, orders=PlantedOrders())


def given(console: Console) -> list[tuple[str, ...]]:
    assert isinstance(console.orders, PlantedOrders)
    return console.orders.given


def order(user: User, label: str) -> ui.button:
    (found,) = (b for b in user.find(ui.button).elements if b.props.get("aria-label") == label)
    return found


def click(user: User, label: str) -> None:
    UserInteraction(user=user, elements={order(user, label)}, target=None).click()


@pytest.mark.parametrize(
    ("spoken", "said"),
    [("en", "no hand on the containers"), ("pt-BR", "não tem acesso aos containers")],
)
def test_under_compose_it_is_off_and_says_why(spoken: language.Language, said: str) -> None:
    async def story(user: User, console: Console) -> None:
        language.use(spoken)
        console.system.succeeded(system())
        await user.open("/chaos")
        await user.should_see(said)
        buttons = {b.props.get("aria-label", "") for b in user.find(ui.button).elements}
        assert not any("broker" in label for label in buttons)

    visit_console(story, lambda c: replace(c, settings=replace(SETTINGS, run="compose")))


def test_without_a_supervisor_it_says_how_to_get_one() -> None:
    async def story(user: User, console: Console) -> None:
        await user.open("/chaos")
        await user.should_see("Asking the supervisor…")
        console.system.failed("nobody", 1_700_000_060_000)
        await user.should_see("./workshop up starts a system", retries=20)
        console.system.succeeded(System(foreign=True))
        await user.should_see("runs other brokers than this console shows", retries=20)

    visit_console(story, planted)


def test_services_take_the_orders_that_fit_their_state() -> None:
    async def story(user: User, console: Console) -> None:
        console.system.succeeded(system())
        await user.open("/chaos")
        click(user, "Kill broker-2")
        console.system.succeeded(system(KILLED))
        await user.should_see("killed", retries=20)
        labels = {b.props.get("aria-label") for b in user.find(ui.button).elements}
        assert "Start broker-2" in labels
        assert "Kill broker-2" not in labels
        click(user, "Start broker-2")
        await user.should_see("50/s")
        press(user, "Change")
        expected = [("kill", "broker-2", ""), ("start", "broker-2", ""), ("rate", "200.0")]
        await until(lambda: len(given(console)) == 3, "the orders to be given")
        assert given(console) == expected

    visit_console(story, planted)


def test_a_refusal_is_told() -> None:
    async def story(user: User, console: Console) -> None:
        console.system.succeeded(system())
        await user.open("/chaos")
        click(user, "Kill broker-3")
        await user.should_see("not now", retries=20)

    visit_console(story, planted)


def test_the_console_itself_asks_for_its_name() -> None:
    async def story(user: User, console: Console) -> None:
        console.system.succeeded(system())
        await user.open("/chaos")
        labels = {b.props.get("aria-label") for b in user.find(ui.button).elements}
        assert not {"Pause kafka-ui", "Stop kafka-ui"} & labels
        click(user, "Kill kafka-ui")
        await user.should_see("only ./workshop start kafka-ui brings it back")
        assert given(console) == []

    visit_console(story, planted)


def test_what_happened_is_told_newest_first_and_by_rest() -> None:
    async def story(user: User, console: Console) -> None:
        language.use("pt-BR")
        console.trail.take(system(), view(2, (1, 2, 3), (1, 2, 3)), 1_700_000_000_000)
        console.trail.take(system(KILLED), view(3, (1, 3), (1, 3)), 1_700_000_060_000)
        console.system.succeeded(system(KILLED))
        await user.open("/chaos")
        for text in (
            "broker-2: pronto → morto",
            "controller: broker-2 → broker-3",
            "os outros perderam broker-2",
            "partições sub-replicadas: 0 → 1",
        ):
            await user.should_see(text)
        told = (await user.http_client.get("/api/services")).json()
        assert {each["kind"] for each in told["happened"]} >= {"service", "controller"}
        assert [s["state"] for s in told["services"] if s["service"] == "broker-2"] == [KILLED]

    visit_console(story, planted)


def test_an_old_answer_offers_no_orders() -> None:
    async def story(user: User, console: Console) -> None:
        console.system.succeeded(system())
        console.system.failed("gone", 1_700_000_060_000)
        await user.open("/chaos")
        await user.should_see("The supervisor has not answered since 22:14:20.")
        labels = {str(b.props.get("aria-label")) for b in user.find(ui.button).elements}
        assert not any("broker" in label for label in labels)

    visit_console(story, planted)
