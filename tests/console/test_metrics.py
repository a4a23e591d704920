"""Prometheus metrics and the OpenAPI document: what they say, and that scrapers can read it."""

from dataclasses import replace

import pytest
from nicegui import app
from nicegui.testing import User
from prometheus_client.parser import text_string_to_metric_families

from kafka_workshop.console.access import roles
from kafka_workshop.console.access.roles import LOCAL, Session
from kafka_workshop.console.figures.counted import Counted
from kafka_workshop.console.figures.known import Figures
from kafka_workshop.console.frame import Console
from kafka_workshop.console.model import Group, GroupPartition
from kafka_workshop.console.openapi import operations
from kafka_workshop.messaging.kpi_codec import Kpi
from tests.console.test_pages import SNAPSHOT, balance
from tests.console.visiting import paths_of, table_rows, visit_console

HOSTILE = 'a"b\\c<script>alert(1)</script>4111111111111111'
Samples = dict[tuple[str, tuple[str, ...]], float]


async def scraped(user: User) -> Samples:
    answer = await user.http_client.get("/metrics")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain; version=")
    return {
        (sample.name, tuple(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def test_before_anything_is_known_there_is_no_figure_but_that_and_the_process() -> None:
    async def story(user: User, _: Console) -> None:
        found = await scraped(user)
        ours = {name: value for (name, _), value in found.items() if "workshop" in name}
        assert ours == {"kafka_workshop_brokers_answering": 0.0}
        assert found["process_resident_memory_bytes", ()] > 1_000_000

    visit_console(story)


def test_a_scrape_tells_cluster_monitor_and_ledger() -> None:
    counted = Counted().plus(Kpi(0, 9, 0, 10, 12_345, 2, 1, {}, {}, {"velocity": 3, HOSTILE: 4}))
    group = Group(HOSTILE, "Empty", 1, "", (), (GroupPartition("orders", 0, 5, 0, 12),))

    async def story(user: User, console: Console) -> None:
        console.state.succeeded(replace(SNAPSHOT, groups=(*SNAPSHOT.groups, group)))
        console.figures.succeeded(Figures(count=1, counted=counted))
        console.ledger.succeeded(balance())
        found = await scraped(user)
        ours = {key: value for key, value in found.items() if key[0].startswith("kafka_workshop_")}
        prefix = "kafka_workshop_"
        for name, labels, value in (
            ("brokers_answering", (), 1), ("broker_online", ("2",), 1),
            ("topic_under_replicated_partitions", ("orders",), 1),
            ("topic_offline_partitions", ("orders",), 0), ("topic_end_offsets", ("orders",), 1234),
            ("group_lag_messages", ("readers",), 234), ("group_members", ("readers",), 1),
            ("group_lag_messages", (HOSTILE.replace("4111111111111111", "411111******1111"),), 7),
            ("transactions_total", (), 10), ("transactions_declined_total", (), 2),
            ("dead_letters_total", (), 1), ("amount_brl_total", (), 123.45),
            ("alerts_total", ("velocity",), 3), ("alerts_total", ("other",), 4),
            ("ledger_dead_messages", (), 4), ("ledger_in_flight_messages", (), 34),
        ):  # fmt: skip
            assert ours[prefix + name, labels] == value, name
        assert not any("4111111111111111" in str(key) for key in found)

    visit_console(story)


def test_names_have_base_units_and_counters_their_total() -> None:
    async def story(user: User, console: Console) -> None:
        console.state.succeeded(SNAPSHOT)
        console.figures.succeeded(Figures(count=1))
        text = (await user.http_client.get("/metrics")).text
        for family in text_string_to_metric_families(text):
            assert family.documentation
            if family.name.startswith("kafka_workshop_"):
                assert not family.name.endswith(("_ms", "_cents", "_kb"))
                totals = [s.name.endswith("_total") for s in family.samples]
                assert all(total is (family.type == "counter") for total in totals)

    visit_console(story)


def test_the_document_describes_every_route_of_rest_and_no_page() -> None:
    async def story(user: User, _: Console) -> None:
        document = (await user.http_client.get("/api/openapi.json")).json()
        assert document["openapi"].startswith("3.")
        assert "://" not in str(document)  # nothing of it is loaded from elsewhere
        paths = set(document["paths"])
        assert {"/livez", "/readyz", "/metrics", "/api/alerts", "/api/audit"} <= paths
        known = {path.replace(":path", "") for path in paths_of(app.routes)}
        ours = {path for path in known if path.startswith("/api/")}
        assert len(ours) > 8
        not_rest = {"/api/openapi.json", "/api/docs"}
        assert paths - {"/livez", "/readyz", "/metrics"} == ours - not_rest
        for each in operations(document):
            assert each.about, each.path

    visit_console(story)


def test_the_page_shows_each_address_with_its_parameters() -> None:
    async def story(user: User, _: Console) -> None:
        await user.open("/api/docs")
        rows = {row["path"]: row for row in table_rows(user, "Addresses")}
        assert "size: integer = 100" in str(rows["GET /api/audit"]["parameters"])
        assert rows["GET /livez"]["about"] == "Whether the process serves."
        assert {str(path).split()[0] for path in rows} == {"GET"}
        await user.should_see("curl http://localhost:8087/api/brokers")

    visit_console(story)


@pytest.fixture(autouse=True)
def everybody() -> None:
    roles.use(Session(lambda: LOCAL))
