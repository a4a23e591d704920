"""Pages over a read model that a test fills itself: what they say, with no Kafka and no browser."""

import re
from dataclasses import replace

import msgspec
import pytest
from nicegui import Client, ui
from nicegui.testing import User

from kafka_workshop import language
from kafka_workshop.clock import now_ms
from kafka_workshop.console.diagnosis import Failure
from kafka_workshop.console.frame import Console
from kafka_workshop.console.model import (
    Broker,
    Group,
    GroupPartition,
    Member,
    Partition,
    Snapshot,
    Topic,
)
from kafka_workshop.console.state import ClusterState
from kafka_workshop.ledger.balance import Balance, Ids, PartitionBalance
from kafka_workshop.ledger.balance import balance as summed
from kafka_workshop.ledger.numbers import Some
from kafka_workshop.messaging.reach import Problem
from tests.console.addresses import addresses
from tests.console.visiting import table_rows, visit, visit_console

BROKERS = tuple(Broker(n, f"broker-{n}", 9090 + n, controller=n == 2) for n in (1, 2, 3))
SNAPSHOT = Snapshot(
    1_700_000_000_000,
    "cluster-id",
    BROKERS,
    (
        Topic("__internal", (Partition(0, 1, (1,), (1,), 0, 5),), {"cleanup.policy": "compact"}),
        Topic("orders", (Partition(0, 1, (1, 2, 3), (1, 2), 0, 1234),)),
    ),
    (
        Group(
            "readers",
            "Stable",
            1,
            "range",
            (Member("m-1", "client-1", "/10.0.0.1", (("orders", 0), ("orders", 1))),),
            (
                GroupPartition("orders", 0, 1000, 0, 1234, "m-1"),
                GroupPartition("orders", 1, None, 0, 7, "m-1"),
            ),
        ),
    ),
)
FAILURE = Failure((("127.0.0.1:9091", Problem.REFUSED),), "")


def test_before_the_first_answer_a_page_says_that_it_is_asking() -> None:
    async def story(user: User, _: ClusterState) -> None:
        await user.open("/topics")
        table = next(iter(user.find(ui.table).elements))
        assert table.props["no-data-label"] == "Asking the brokers…"
        await user.should_see("asking…")

    visit(story)


def test_the_overview_shows_brokers_replication_and_lag() -> None:
    async def story(user: User, state: ClusterState) -> None:
        state.succeeded(SNAPSHOT)
        await user.open("/")
        await user.should_see("3/3")
        await user.should_see("controller: 2")
        await user.should_see("partition, 0 offline")
        await user.should_see("234")
        assert [row["name"] for row in table_rows(user, "Busiest topics")] == ["orders"]

    visit(story)


@pytest.mark.parametrize(
    ("coordination", "said", "not_said"),
    [
        ("zookeeper", "ephemeral node /controller", "KRaft"),
        ("kraft", "leads the quorum of the controllers", "ZooKeeper"),
        ("", "The controller assigns leaders.", "With "),
    ],
)
def test_who_controls_is_told_as_the_cluster_is(
    coordination: str, said: str, not_said: str
) -> None:
    async def story(user: User, state: ClusterState) -> None:
        state.succeeded(replace(SNAPSHOT, coordination=coordination))
        await user.open("/brokers")
        await user.should_see(said)
        await user.should_not_see(not_said)

    visit(story)


def test_a_lost_broker_and_a_silent_cluster_are_told_from_each_other() -> None:
    async def story(user: User, state: ClusterState) -> None:
        state.succeeded(SNAPSHOT)
        state.succeeded(replace(SNAPSHOT, brokers=BROKERS[:2]))
        await user.open("/brokers")
        states = [row["state"] for row in table_rows(user, "Brokers")]
        assert states == ["online", "online", "offline"]
        await user.should_not_see("have not answered since")
        state.failed(FAILURE, 1_700_000_060_000)
        await user.should_see("The brokers have not answered since 22:14:20", retries=20)
        await user.should_see("known at 22:13:20")
        await user.should_see("127.0.0.1:9091: nothing listens there")
        assert {row["state"] for row in table_rows(user, "Brokers")} == {"offline"}

    visit(story)


def test_internal_topics_are_hidden_until_asked_for_and_marked_as_estimates() -> None:
    async def story(user: User, state: ClusterState) -> None:
        state.succeeded(SNAPSHOT)
        await user.open("/topics")
        (orders,) = table_rows(user, "Topics")
        assert (orders["count_text"], orders["health"]) == ("1,234", "1 under-replicated")
        user.find(ui.switch).click()
        internal, _ = table_rows(user, "Topics")
        assert (internal["name"], internal["count_text"]) == ("__internal", "≈ 5")
        (search,) = (
            field
            for field in user.find(ui.input).elements
            if field.props.get("aria-label") == "Filter by name"
        )
        search.set_value("order")
        assert [row["name"] for row in table_rows(user, "Topics")] == ["orders"]

    visit(story)


def test_a_group_shows_lag_and_where_it_never_committed() -> None:
    async def story(user: User, state: ClusterState) -> None:
        state.succeeded(SNAPSHOT)
        await user.open("/groups/readers")
        await user.should_see("1 partition without a committed offset")
        first, second = table_rows(user, "Lag by partition")
        assert (first["lag_text"], first["committed_text"]) == ("234", "1,000")
        assert (second["lag_text"], second["committed_text"]) == (
            "no offset",
            "no committed offset",
        )
        assert table_rows(user, "Members")[0]["assigned"] == "orders-0, orders-1"

    visit(story)


def test_an_absent_topic_and_group_are_said_to_be_absent() -> None:
    async def story(user: User, state: ClusterState) -> None:
        state.succeeded(SNAPSHOT)
        await user.open("/topics/absent")
        await user.should_see("There is no such topic.")
        await user.open("/groups/absent/with/slashes")
        await user.should_see("There is no such group.")

    visit(story)


def test_the_frame_speaks_portuguese_and_groups_digits_as_brazilians_do() -> None:
    async def story(user: User, state: ClusterState) -> None:
        language.use("pt-BR")
        state.succeeded(SNAPSHOT)
        await user.open("/topics")
        await user.should_see("Grupos de consumidores")
        (orders,) = table_rows(user, "Tópicos")
        assert (orders["count_text"], orders["health"]) == ("1.234", "1 sub-replicada")

    visit(story)


def balance(lost: Some = Some(), age_ms: int = 0) -> Balance:  # noqa: B008 - a frozen value
    partition = PartitionBalance(0, 0, 1234, 1200, 1190, 4, 34, skipped=6)
    ids = Ids(missing=lost, repeated=Some(), without_id=4, runs=2, alive=1)
    well = msgspec.structs.replace(partition, processed=1196, skipped=0)
    chosen = partition if lost.count else well
    return summed("orders", "readers", now_ms() - age_ms, (chosen,), ids)


def test_the_ledger_shows_the_equation_and_zero_lost() -> None:
    async def story(user: User, console: Console) -> None:
        await user.open("/ledger")
        await user.should_see("Reading the log for the first time…")
        console.ledger.succeeded(balance())
        await user.should_see(
            "acknowledged 1,234 = processed 1,196 + DLQ 4 + in flight 34 · lost 0 · duplicated 0",
            retries=20,
        )
        await user.should_see("As of")
        (row,) = table_rows(user, "By partition")
        assert (row["stored_text"], row["state"], row["state_tone"]) == (
            "1,234",
            "balanced",
            "good",
        )

    visit_console(story)


def test_the_ledger_names_what_is_lost_in_the_browsers_language() -> None:
    async def story(user: User, console: Console) -> None:
        language.use("pt-BR")
        console.ledger.succeeded(balance(Some(1, ("0000007-00000001",))))
        await user.open("/ledger")
        await user.should_see("perdidas 7 · duplicadas 0")
        await user.should_see("1 ids confirmados não estão gravados: 0000007-00000001")
        await user.should_see("o grupo passou por 6 mensagens sem processá-las: partição 0: 6")
        assert table_rows(user, "Por partição")[0]["state_tone"] == "bad"

    visit_console(story)


def test_a_ledger_that_cannot_be_taken_says_since_when_and_keeps_what_it_knew() -> None:
    async def story(user: User, console: Console) -> None:
        console.ledger.succeeded(balance())
        console.ledger.failed("no broker answers", 1_700_000_060_000)
        await user.open("/ledger")
        await user.should_see("No new ledger since 22:14:20. This is what was known at")
        await user.should_see("lost 0")
        answer = await user.http_client.get("/api/ledger?fresh=true")
        told = answer.json()
        assert (told["fresh"], told["reason"], told["ledger"]["acknowledged"]) == (
            False,
            "no broker answers",
            1234,
        )

    visit_console(story)


def test_each_page_has_an_address_for_what_must_hold_of_all() -> None:
    async def story(_user: User, _: Console) -> None:
        routes = [re.sub(r"{[^}]*}", "[^/]+", route) for route in Client.page_routes.values()]
        known = addresses("orders")
        assert [r for r in routes if not any(re.fullmatch(r, path) for path in known)] == []

    visit_console(story)
