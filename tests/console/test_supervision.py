"""The console and a supervisor: what it is told, the orders it gives, what it never does."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from kafka_workshop import logs
from kafka_workshop.cluster.control import ControlServer
from kafka_workshop.cluster.protocol import Refused
from kafka_workshop.cluster.service import Service, Stage
from kafka_workshop.cluster.states import KILLED, PAUSED, READY, Status
from kafka_workshop.cluster.supervisor import Supervisor
from kafka_workshop.console.chaos.orders import KAFKA_UI, VERBS, Orders, Verb, orders_to_nobody
from kafka_workshop.console.chaos.supervision import Supervision, System
from kafka_workshop.console.chaos.told import verbs_for
from kafka_workshop.console.chaos.trail import Happening, Trail
from kafka_workshop.console.model import Broker, Partition, Snapshot, Topic
from kafka_workshop.console.outgoing import NotAllowed
from kafka_workshop.console.state import View
from kafka_workshop.errors import Unavailable
from tests.console.visiting import LOG
from tests.support.bench import SERVER, Bench, until

SERVERS = ("127.0.0.1:9091", "127.0.0.1:9092")
LOGGER = logs.configure(LOG, "test")
Story = Callable[[Orders, Supervision], Awaitable[None]]


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def broker(bench: Bench, port: int = 9092) -> Service:
    return replace(bench.service("broker-2"), ports=(port,))


def run(bench: Bench, story: Story, *services: Service) -> None:
    """Let `story` speak to a supervisor of small programs, through its socket."""

    def paced(rate: float) -> Service:
        return replace(bench.service("producer"), rate=rate)

    async def scenario(supervisor: Supervisor) -> None:
        control = ControlServer(supervisor, bench.folders)
        await control.start()
        supervision = Supervision(bench.folders.root, SERVERS)
        try:
            await story(Orders(supervision, LOGGER), supervision)
        finally:
            await control.close()

    bench.run(Stage("a", services), then=scenario, paced={"producer": paced})


async def state_of(supervision: Supervision, service: str) -> str:
    found = (await asyncio.to_thread(supervision.look)).status(service)
    assert found is not None
    return found.state


def test_a_broker_is_killed_and_started_and_paused_through_the_socket(bench: Bench) -> None:
    async def story(orders: Orders, supervision: Supervision) -> None:
        steps: tuple[tuple[Verb, str], ...] = (
            ("kill", KILLED),
            ("start", READY),
            ("pause", PAUSED),
            ("unpause", READY),
            ("restart", READY),
        )
        for verb, state in steps:
            assert await asyncio.to_thread(orders.give, verb, "broker-2")
            assert await state_of(supervision, "broker-2") == state

    run(bench, story, broker(bench))


def test_the_rate_of_the_producer_is_changed(bench: Bench) -> None:
    async def story(orders: Orders, supervision: Supervision) -> None:
        assert await asyncio.to_thread(orders.set_rate, 250.0)
        status = (await asyncio.to_thread(supervision.look)).status("producer")
        assert status is not None
        assert (status.state, status.rate) == (READY, 250.0)
        for rate in (0.0, -1.0, 2e6, float("nan")):
            with pytest.raises(NotAllowed, match=r"from 0\.1 to 1e"):
                await asyncio.to_thread(orders.set_rate, rate)

    run(bench, story, broker(bench), bench.service("producer"))


def test_an_order_that_takes_long_goes_on_without_us(bench: Bench) -> None:
    slow = SERVER.replace("pathlib.Path(ready)", "time.sleep(3); pathlib.Path(ready)")

    async def story(orders: Orders, supervision: Supervision) -> None:
        assert not await asyncio.to_thread(orders.give, "restart", "slow")

        async def ready() -> bool:
            return await state_of(supervision, "slow") == READY

        assert await state_of(supervision, "slow") == "starting"
        while not await ready():
            await asyncio.sleep(0.1)

    run(bench, story, broker(bench), bench.service("slow", slow))


def test_the_supervisors_refusal_is_told_and_unknown_orders_never_reach_it(bench: Bench) -> None:
    async def story(orders: Orders, supervision: Supervision) -> None:
        with pytest.raises(Refused, match="No service 'broker-9'"):
            await asyncio.to_thread(orders.give, "kill", "broker-9")
        strange: tuple[tuple[Any, str], ...] = (("down", "broker-2"), ("kill", ""))
        for verb, service in strange:
            with pytest.raises(NotAllowed, match="no such order"):
                await asyncio.to_thread(orders.give, verb, service)
        assert await state_of(supervision, "broker-2") == READY

    run(bench, story, broker(bench))


@pytest.mark.parametrize("verb", VERBS)
def test_the_console_itself_is_not_ended_by_accident(bench: Bench, verb: Verb) -> None:
    async def story(orders: Orders, supervision: Supervision) -> None:
        with pytest.raises(NotAllowed):
            await asyncio.to_thread(orders.give, verb, KAFKA_UI)
        assert await state_of(supervision, KAFKA_UI) == READY

    run(bench, story, broker(bench), bench.service(KAFKA_UI))
    assert bench.lines().count("kafka-ui started") == 1


def test_the_console_is_restarted_once_its_name_is_typed(bench: Bench) -> None:
    async def story(orders: Orders, supervision: Supervision) -> None:
        await asyncio.to_thread(orders.give, "restart", KAFKA_UI, KAFKA_UI)
        await until(lambda: bench.lines().count("kafka-ui started") == 2, "the restart")
        with pytest.raises(NotAllowed, match="nobody could take that back"):
            await asyncio.to_thread(orders.give, "pause", KAFKA_UI, KAFKA_UI)
        assert await state_of(supervision, KAFKA_UI) == READY

    run(bench, story, broker(bench), bench.service(KAFKA_UI))


def test_the_supervisor_of_other_brokers_gets_no_orders(bench: Bench) -> None:
    async def story(orders: Orders, supervision: Supervision) -> None:
        assert (await asyncio.to_thread(supervision.look)) == System(foreign=True)
        with pytest.raises(Unavailable, match="No supervisor of these brokers"):
            await asyncio.to_thread(orders.give, "kill", "broker-2")

    run(bench, story, broker(bench, port=7777))
    assert KILLED not in bench.states("broker-2")


def test_without_a_supervisor_everything_is_refused(tmp_path: Path) -> None:
    orders = Orders(Supervision(tmp_path, SERVERS), LOGGER)
    for refusing in (orders, orders_to_nobody()):
        with pytest.raises(Unavailable, match="No supervisor of these brokers"):
            refusing.give("kill", "broker-2")


def test_orders_on_offer_follow_the_state_and_spare_the_console() -> None:
    def offered(service: str, state: str) -> set[str]:
        return set(verbs_for(Status(service, state, 1, (), 0, None, 0.0, 0)))

    assert offered("broker-1", READY) == {"kill", "restart", "pause", "stop"}
    assert offered("broker-1", PAUSED) == {"unpause", "kill"}
    assert offered("broker-1", KILLED) == {"start"}
    assert offered("broker-1", "stopping") == set()
    assert offered(KAFKA_UI, READY) == {"kill", "restart"}


def view(controller: int, online: tuple[int, ...], isr: tuple[int, ...]) -> View:
    brokers = tuple(Broker(n, "h", 1, n in online, n == controller) for n in (1, 2, 3))
    topic = Topic("t", (Partition(0, isr[0] if isr else None, (1, 2, 3), isr),))
    return View(Snapshot(0, "", brokers, (topic,), ()))


def test_what_happened_is_the_difference_of_two_looks() -> None:
    trail = Trail()
    ready, killed = (
        System((Status("broker-2", s, 1, (), 0, None, 0.0, 0),)) for s in ("ready", "killed")
    )
    trail.take(ready, view(2, (1, 2, 3), (1, 2, 3)), 1)
    assert list(trail.happened) == []
    trail.take(killed, view(3, (1, 3), (1, 3)), 2)
    assert set(trail.happened) == {
        Happening(2, "service", "broker-2", "ready", "killed"),
        Happening(2, "controller", "", "broker-2", "broker-3"),
        Happening(2, "broker", "broker-2", "online", "offline"),
        Happening(2, "replication", "", "0", "1"),
    }
    trail.take(None, View(), 3)
    trail.take(ready, view(3, (1, 2, 3), (1, 3, 2)), 4)
    assert sum(each.at_ms == 4 for each in trail.happened) == 3
    for n in range(5, 400):
        trail.take((ready, killed)[n % 2], View(), n)
    assert len(trail.happened) <= 100
