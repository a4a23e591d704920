"""How many transactions a second one process takes from a backlog, with all account rules."""

from benchmarks.monitor.figures import Result, Row, middle, number, rate
from benchmarks.monitor.ground import CONSUME, Ground, new_group
from benchmarks.monitor.scale import Scale
from kafka_workshop.language import tr

ACCOUNTS = (5_000, 50_000)
AIM = 12_000


def run(ground: Ground, scale: Scale) -> Result:
    """Read the same number of transactions of few accounts and of ten times as many."""
    rates = {accounts: _measured(ground, accounts, scale) for accounts in ACCOUNTS}
    rows = [
        Row(
            tr(
                "backlog, {n} accounts: transactions a second",
                "fila acumulada, {n} contas: transações por segundo",
                n=number(accounts),
            ),
            number(middle(measured)),
            f"≥ {number(AIM)}" if accounts == ACCOUNTS[0] else "",
        )
        for accounts, measured in rates.items()
    ]
    per_second = {
        str(accounts): [round(r) for r in measured] for accounts, measured in rates.items()
    }
    return Result({"transactions": scale.transactions, "per_second": per_second}, rows)


def _measured(ground: Ground, accounts: int, scale: Scale) -> list[float]:
    topic, rates = ground.filled(accounts, scale.transactions), []
    for _ in range(scale.rounds):
        ground.say(tr("reading the backlog", "lendo a fila acumulada"))
        group = new_group()
        with ground.running(CONSUME, topic, group) as process:
            rates.append(rate(ground.follow(process, topic, group, scale.transactions)))
    return rates
