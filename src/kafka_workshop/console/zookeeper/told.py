"""Znodes and the election in words; whatever stands in a znode is harmless on a page."""

from kafka_workshop.console import formats
from kafka_workshop.console.payload import preview
from kafka_workshop.console.zookeeper.znodes import Election, Znode
from kafka_workshop.language import tr

_PREVIEW = 80


def data_line(znode: Znode) -> str:
    """Return the beginning of a znode's data on one line."""
    return secret_text() if znode.secret and znode.size else preview(znode.data, _PREVIEW)


def secret_text() -> str:
    """Return what is shown where data is secret."""
    return tr("kept secret", "mantido em segredo")


def facts(znode: Znode) -> tuple[tuple[str, str], ...]:
    """Return the stat of a znode."""
    zone = formats.zone_name()
    owner = tr("none: it is not ephemeral", "nenhuma: não é efêmero")
    return (
        (tr("Path", "Caminho"), preview(znode.path.encode(), 1000)),
        (
            tr("Ends with session", "Termina com a sessão"),
            f"0x{znode.owner:x}" if znode.owner else owner,
        ),
        (tr("Children", "Filhos"), formats.number(znode.children)),
        (tr("Changes of its data", "Alterações dos dados"), formats.number(znode.version)),
        (tr("Made", "Criado"), f"{formats.instant(znode.made_ms)} {zone}"),
        (tr("Changed", "Alterado"), f"{formats.instant(znode.changed_ms)} {zone}"),
        (tr("By transaction", "Pela transação"), f"zxid 0x{znode.changed_by:x}"),
    )


def controller_text(election: Election) -> str:
    """Return who leads."""
    if election.controller is None:
        return tr("none now", "nenhum agora")
    return f"broker-{election.controller}"


def brokers_text(election: Election) -> str:
    """Return which brokers are registered."""
    return ", ".join(map(str, election.brokers)) or formats.UNKNOWN


def changes(before: Election, after: Election) -> list[str]:
    """Return what is different between two elections, as sentences."""
    said = []
    if before.controller != after.controller:
        said.append(
            tr(
                "controller: {a} → {b}",
                "controller: {a} → {b}",
                a=controller_text(before),
                b=controller_text(after),
            )
        )
    if before.epoch != after.epoch:
        known = (formats.number(before.epoch), formats.number(after.epoch))
        said.append(tr("epoch: {a} → {b}", "época: {a} → {b}", a=known[0], b=known[1]))
    gone, come = (
        sorted({*before.brokers} - {*after.brokers}),
        sorted({*after.brokers} - {*before.brokers}),
    )
    said += [tr("/brokers/ids/{n} is gone", "/brokers/ids/{n} sumiu", n=broker) for broker in gone]
    said += [
        tr("/brokers/ids/{n} is there", "/brokers/ids/{n} surgiu", n=broker) for broker in come
    ]
    return said
