"""ZooKeeper's tree: what is made of znodes, the page, REST; silent, absent, hostile, live."""

from collections.abc import Iterable
from dataclasses import replace

import pytest
from nicegui import ui
from nicegui.testing import User
from nicegui.testing.user_interaction import UserInteraction

from kafka_workshop import language
from kafka_workshop.console.frame import Console
from kafka_workshop.console.model import KRAFT, Broker, Snapshot
from kafka_workshop.console.zookeeper.reading import Znodes
from kafka_workshop.console.zookeeper.told import changes
from kafka_workshop.console.zookeeper.znodes import (
    MOST_ROWS,
    ROOT,
    Election,
    Found,
    Tree,
    Znode,
    election_of,
    parents,
    tree_of,
)
from kafka_workshop.errors import Unavailable
from tests.console.visiting import visit_console
from tests.support.bench import until

NOON = 1_767_268_800_000
HOSTILE = "\u202e<img src=x onerror=alert(1)>"


def found(leader: int = 2, epoch: int = 7, brokers: tuple[int, ...] = (1, 2, 3)) -> Found:
    data = {
        "/": b"",
        "/brokers": b"",
        "/brokers/ids": b"",
        "/config": b"",
        "/config/users": b"",
        "/controller": b'{"version":2,"brokerid":%d}' % leader,
        "/controller_epoch": b"%d" % epoch,
        **{f"/brokers/ids/{n}": b'{"host":"h%d"}' % n for n in brokers},
    }
    children = {
        "/": ("brokers", "config", "controller", "controller_epoch"),
        "/brokers": ("ids",),
        "/brokers/ids": tuple(map(str, brokers)),
    }
    owners = {"/controller": 0x10F, **{f"/brokers/ids/{n}": 0x100 + n for n in brokers}}
    znodes = {
        path: Znode(
            path, value, len(value), owners.get(path, 0), len(children.get(path, ())), 0, NOON, NOON
        )
        for path, value in data.items()
    }
    return Found(znodes, children)


class PlantedZnodes(Znodes):
    """Shows what a test has planted, or that ZooKeeper is silent."""

    def __init__(self, planted: Found | None) -> None:
        super().__init__(("127.0.0.1:9",))
        self.planted, self.looks = planted, 0

    def look(self, opened: Iterable[str] = (), chosen: str = ROOT) -> Tree:
        self.looks += 1
        if self.planted is None:
            raise Unavailable("ZooKeeper does not answer at 127.0.0.1:9.")
        tree = tree_of(self.planted, {ROOT, *opened}, chosen)
        self._compare(tree.election, float(self.looks))
        return tree


def planted(tree: Found | None) -> PlantedZnodes:
    return PlantedZnodes(tree)


def names(user: User) -> list[str]:
    lists = [e for e in user.find(ui.element).elements if "kw-znodes" in e.classes]
    (found_list,) = lists
    labels = (d for d in found_list.descendants() if isinstance(d, ui.label))
    return [
        x.text for x in labels if x.parent_slot and "kw-znode-name" in x.parent_slot.parent.classes
    ]


def pressable(user: User, label: str) -> ui.element:
    (one,) = (e for e in user.find(ui.element).elements if e.props.get("aria-label") == label)
    return one


def test_the_tree_is_what_is_open_in_order_and_bounded() -> None:
    paths = [row.znode.path for row in tree_of(found(), {"/", "/brokers"}, "/").rows]
    assert paths == ["/", "/brokers", "/brokers/ids", "/config", "/controller", "/controller_epoch"]
    wide = Found(
        {"/": Znode("/", children=5_000), **{f"/{n}": Znode(f"/{n}") for n in range(4_000)}},
        {"/": tuple(map(str, range(4_000)))},
    )
    tree = tree_of(wide, {"/"}, "/gone")
    assert (len(tree.rows), tree.rows[0].more, tree.chosen) == (MOST_ROWS, 1_000, None)
    assert [row.depth for row in tree_of(found(), parents("/brokers/ids/1"), "/").rows][:4] == [
        0,
        1,
        2,
        3,
    ]


@pytest.mark.parametrize("data", [b"", b"[[", b'{"brokerid":"x"}', b'"7"', b"[" * 9_000, b"true"])
def test_an_election_believes_only_numbers(data: bytes) -> None:
    odd = {path: Znode(path, data) for path in ("/controller", "/controller_epoch")}
    told = election_of(Found(odd, {"/brokers/ids": ("1", "x", "9" * 40)}))
    assert (told.controller, told.epoch, told.brokers) == (None, None, (1,))


def test_an_election_is_told_as_what_has_changed() -> None:
    before, after = election_of(found()), election_of(found(3, 8, (1, 3)))
    assert changes(before, before) == []
    assert changes(before, after) == [
        "controller: broker-2 → broker-3",
        "epoch: 7 → 8",
        "/brokers/ids/2 is gone",
    ]
    assert changes(after, replace(after, controller=None)) == ["controller: broker-3 → none now"]
    assert changes(Election(), before)[-1] == "/brokers/ids/3 is there"


def test_a_look_that_took_longer_than_the_next_one_tells_nothing() -> None:
    znodes, before, after = planted(None), election_of(found()), election_of(found(3, 8, (1, 3)))
    for began, election in ((1.0, before), (3.0, after), (2.0, before), (4.0, after)):
        znodes._compare(election, began)
    (change,) = znodes.changes
    assert (change.before, change.after) == (before, after)


def test_who_leads_is_shown_and_an_election_as_it_happens() -> None:
    tree = planted(found())

    async def story(user: User, _: Console) -> None:
        await user.open("/zookeeper")
        await user.should_see("broker-2", retries=30)
        await user.should_see("1, 2, 3")
        await user.should_see("0x10f")
        tree.planted = found(3, 8, (1, 3))
        await user.should_see("controller: broker-2 → broker-3", retries=30)
        await user.should_see("/brokers/ids/2 is gone")
        await user.open("/zookeeper")  # a page that is loaded anew has it too
        await user.should_see("epoch: 7 → 8", retries=30)

    visit_console(story, lambda console: replace(console, znodes=tree))


def test_branches_open_and_close_and_a_znode_is_chosen() -> None:
    async def story(user: User, _: Console) -> None:
        await user.open("/zookeeper?path=/brokers/ids/1")
        await user.should_see("h1", retries=30)
        assert names(user)[:6] == ["/", "brokers", "ids", "1", "2", "3"]
        press(user, pressable(user, "Close ids"))
        await until(lambda: "3" not in names(user), "the branch to close")
        assert pressable(user, "Open ids").props["aria-expanded"] == "false"
        assert names(user)[:4] == ["/", "brokers", "ids", "config"]

    visit_console(story, lambda console: replace(console, znodes=planted(found())))


def press(user: User, element: ui.element) -> None:
    UserInteraction(user=user, elements={element}, target=None).click()


def test_silence_is_told_and_what_was_known_stays() -> None:
    tree = planted(None)

    async def story(user: User, _: Console) -> None:
        language.use("pt-BR")
        await user.open("/zookeeper")
        await user.should_see("O ZooKeeper ainda não respondeu.", retries=30)
        tree.planted = found()
        await user.should_see("broker-2", retries=30)
        tree.planted = None
        await user.should_see("O ZooKeeper não responde desde", retries=30)
        await user.should_see("broker-2")
        answer = await user.http_client.get("/api/zookeeper?path=/controller")
        assert answer.status_code == 503

    visit_console(story, lambda console: replace(console, znodes=tree))


def test_with_kraft_it_says_so_and_asks_nobody() -> None:
    tree = planted(found())

    async def story(user: User, console: Console) -> None:
        brokers = (Broker(1, "h", 9091),)
        console.state.succeeded(Snapshot(0, "", brokers, (), (), coordination=KRAFT))
        await user.open("/zookeeper")
        await user.should_see("This cluster has no ZooKeeper")
        await user.should_not_see("Controller epoch")
        targets = {link.props["href"] for link in user.find(ui.link).elements}
        assert "/brokers" in targets
        assert tree.looks == 0

    visit_console(story, lambda console: replace(console, znodes=tree))


def test_hostile_names_and_data_are_text_and_secrets_stay_secret() -> None:
    odd = found()
    planted_znodes = {
        **odd.znodes,
        "/config": Znode("/config", HOSTILE.encode(), 40, 0, 2),
        f"/config/{HOSTILE}": Znode(f"/config/{HOSTILE}"),
        "/config/users": Znode("/config/users", b"", 50, 0, 1),
    }
    children = {**odd.children, "/config": ("users", HOSTILE)}

    async def story(user: User, _: Console) -> None:
        await user.open("/zookeeper?path=/config/users")
        await user.should_see("kept secret", retries=30)
        await user.should_see("\\u202e<img src=x")
        await user.should_not_see("\u202e")
        told = (await user.http_client.get("/api/zookeeper?path=/config/users")).json()["znode"]
        assert (told["secret"], told["data"]) == (True, "")

    tree = planted(Found(planted_znodes, children))
    visit_console(story, lambda console: replace(console, znodes=tree))


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/controller", 200),
        ("/none", 404),
        ("controller", 422),
        ("/a/../b", 422),
        ("/" * 2000, 422),
    ],
)
def test_rest_tells_a_znode_of_a_path_and_refuses_what_is_none(path: str, code: int) -> None:
    async def story(user: User, _: Console) -> None:
        answer = await user.http_client.get("/api/zookeeper", params={"path": path})
        assert answer.status_code == code
        if code == 200:
            told = answer.json()
            assert told["election"]["controller"] == 2
            assert told["znode"]["owner"] == 0x10F

    visit_console(story, lambda console: replace(console, znodes=planted(found())))
