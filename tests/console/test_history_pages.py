"""Charts of lag and throughput on the pages, and the same as REST."""

from nicegui import ui
from nicegui.testing import User

from kafka_workshop import language
from kafka_workshop.clock import now_ms
from kafka_workshop.console.frame import Console
from kafka_workshop.console.history.series import FINE_MS, History
from tests.console.planted import PlantedReader, planted
from tests.console.visiting import visit_console

HOSTILE = "<img src=x onerror=alert(1)>"


def recorded(history: History, name: str = "orders") -> int:
    """Two figures with a gap between them; return when the first was measured."""
    at_ms = (now_ms() // FINE_MS - 10) * FINE_MS
    for step, value in ((0, 1_200.0), (4, 10_400.5)):
        history.record("id", "topic", at_ms + step * FINE_MS, {name: value})
        history.record("id", "group", at_ms + step * FINE_MS, {name: value})
    return at_ms


def test_a_topics_chart_has_gaps_and_is_told_in_words() -> None:
    async def story(user: User, console: Console) -> None:
        began = recorded(console.history)
        await user.open("/topics/orders")
        await user.should_see("Last 10,400/s · highest 10,400/s at ")
        (chart,) = user.find(ui.echart).elements
        data = chart.options["series"][0]["data"]
        assert data[0] == {"value": [began, 1_200.0], "symbol": "circle", "symbolSize": 4}
        assert data[1] == [began + FINE_MS, None]
        assert data[2]["value"] == [began + 4 * FINE_MS, 10_400.5]
        assert chart.options["xAxis"]["max"] - chart.options["xAxis"]["min"] == 3_600_000
        assert str(chart.props["aria-label"]).startswith("Messages written a second. Last 10,400/s")

    visit_console(story, planted(PlantedReader([])))


def test_a_groups_chart_speaks_portuguese_and_shows_a_day() -> None:
    async def story(user: User, console: Console) -> None:
        language.use("pt-BR")
        recorded(console.history)
        await user.open("/groups/orders")
        await user.should_see("Último 10.400 · maior 10.400 às ")
        (chart,) = user.find(ui.echart).elements
        assert "toLocaleString('pt-BR'" in chart.options["tooltip"][":valueFormatter"]
        (span,) = user.find(ui.toggle).elements
        span.set_value("day")
        assert chart.options["xAxis"]["max"] - chart.options["xAxis"]["min"] == 86_400_000

    visit_console(story, planted(PlantedReader([])))


def test_without_history_it_says_so_instead_of_an_empty_chart() -> None:
    async def story(user: User, _: Console) -> None:
        await user.open("/topics/orders")
        await user.should_see("Nothing is known of this time yet.")
        await user.should_not_see(ui.echart)

    visit_console(story, planted(PlantedReader([])))


def test_no_name_of_a_topic_gets_into_what_the_browser_evaluates() -> None:
    async def story(user: User, console: Console) -> None:
        recorded(console.history, HOSTILE)
        await user.open("/groups/" + HOSTILE.replace(" ", "%20"))
        await user.should_see("Last 10,400")
        (chart,) = user.find(ui.echart).elements
        assert "onerror" not in str(chart.options)

    visit_console(story, planted(PlantedReader([])))


def test_history_is_told_as_rest_with_null_for_gaps() -> None:
    async def story(user: User, console: Console) -> None:
        began = recorded(console.history, "with/slash")
        told = (await user.http_client.get("/api/history/groups/with/slash")).json()
        assert (told["unit"], told["step_ms"]) == ("messages", FINE_MS)
        assert told["points"] == [
            [began, 1200.0],
            [began + FINE_MS, None],
            [began + 4 * FINE_MS, 10400.5],
            [began + 5 * FINE_MS, None],
        ]
        day = (await user.http_client.get("/api/history/groups/with/slash?span=day")).json()
        assert day["end_ms"] - day["start_ms"] == 86_400_000
        for path, status in (("/topics/none", 404), ("/topics/none?span=year", 422)):
            answer = await user.http_client.get("/api/history" + path)
            assert answer.status_code == status

    visit_console(story, planted(PlantedReader([])))
