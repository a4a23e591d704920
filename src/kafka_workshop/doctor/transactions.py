"""What open transactions hold back: high watermark − last stable offset, and hanging ones.

Who reads only committed records stops at the first open transaction of a partition. Usually its
coordinator aborts one that outlives its timeout. A transaction that only the partition's leader
holds to be open, while no coordinator knows it any more, is hanging: nobody would ever end it
(KIP-664, KIP-890).
"""

from collections.abc import Iterable

from kafka_workshop.doctor.facts import Cluster, OpenProducer, Partition, Transaction
from kafka_workshop.doctor.finding import Finding, ok, problem, shown, warning
from kafka_workshop.doctor.kafka_tool import admin_command
from kafka_workshop.doctor.running import Running
from kafka_workshop.language import tr

OPEN, HANGING = "open-transactions", "hanging-transactions"
# A program that commits every second or two is well.
PATIENCE_MS = 10_000
# The coordinator looks for transactions past their time every 2 s here, 10 s by default.
_SLACK_MS = 30_000


def judge_transactions(
    cluster: Cluster, running: Running, now_ms: int, patience_ms: int = PATIENCE_MS
) -> list[Finding]:
    """Judge what holds back the readers of committed records."""
    held = [partition for partition in cluster.partitions if partition.held_back]
    hanging = [_hanging(p, running) for p in _unknown_to_coordinators(cluster)]
    findings = hanging + [
        _judge_open(transaction, places, running, now_ms)
        for transaction, places in _open(cluster, held)
        if now_ms - transaction.started_ms > patience_ms
    ]
    if cluster.transactions is None and held:
        findings.append(_coordinators_silent(held))
    return findings or _nothing_held(cluster)


def _unknown_to_coordinators(cluster: Cluster) -> Iterable[OpenProducer]:
    if cluster.transactions is None:
        return []
    known = {transaction.producer for transaction in cluster.transactions}
    return [open_ for open_ in cluster.producers if open_.producer not in known]


def _open(cluster: Cluster, held: list[Partition]) -> Iterable[tuple[Transaction, list[Partition]]]:
    """Yield each transaction that the coordinators know, with what it holds back."""
    by_place = {partition.place: partition for partition in held}
    for transaction in cluster.transactions or ():
        places = [
            by_place[open_.topic, open_.partition]
            for open_ in cluster.producers
            if open_.producer == transaction.producer and (open_.topic, open_.partition) in by_place
        ]
        if places:
            yield transaction, places


def _nothing_held(cluster: Cluster) -> list[Finding]:
    asked = sum(1 for partition in cluster.partitions if partition.stable is not None)
    if cluster.partitions and not asked:
        return []  # nobody told, which is a finding of its own
    text = tr(
        "No transaction holds readers back (HW − LSO, {n} partitions)",
        "Nenhuma transação segura os leitores (HW − LSO, {n} partições)",
        n=asked,
    )
    return [ok(OPEN, text)]


def _coordinators_silent(held: list[Partition]) -> Finding:
    return warning(
        OPEN,
        tr(
            "A transaction is open on {names}; not every coordinator could be asked about it",
            "Há uma transação aberta em {names}; nem todo coordenador pôde ser consultado",
            names=shown([partition.name for partition in held]),
        ),
        tr("bring the brokers back first", "primeiro traga os brokers de volta"),
    )


def _judge_open(
    transaction: Transaction, places: list[Partition], running: Running, now_ms: int
) -> Finding:
    age = now_ms - transaction.started_ms
    text = tr(
        "Transaction {id} is open for {age:.0f} s (its timeout: {timeout:.0f} s) and holds back "
        "{n} records of {names}",
        "A transação {id} está aberta há {age:.0f} s (seu timeout: {timeout:.0f} s) e segura "
        "{n} registros de {names}",
        id=transaction.id,
        age=age / 1000,
        timeout=transaction.timeout_ms / 1000,
        n=sum(partition.held_back for partition in places),
        names=shown([partition.name for partition in places]),
    )
    if age > transaction.timeout_ms + _SLACK_MS:
        return problem(OPEN, text, _coordinator_mend(transaction, running))
    return warning(
        OPEN,
        text,
        tr(
            "start its program again, or wait: the coordinator aborts it after its timeout",
            "inicie o programa dela de novo, ou aguarde: o coordenador a aborta após o timeout",
        ),
    )


def _coordinator_mend(transaction: Transaction, running: Running) -> str:
    command = running.revive(f"broker-{transaction.coordinator}")
    return tr(
        "its coordinator should have aborted it: {command}",
        "o coordenador dela já deveria tê-la abortado: {command}",
        command=command,
    )


def _hanging(open_: OpenProducer, running: Running) -> Finding:
    return problem(
        HANGING,
        tr(
            "A hanging transaction on {topic}-{partition} from offset {offset}: no coordinator "
            "knows it, it would hold back readers for good",
            "Uma transação pendurada em {topic}-{partition} desde o offset {offset}: nenhum "
            "coordenador a conhece, ela seguraria os leitores para sempre",
            topic=open_.topic,
            partition=open_.partition,
            offset=open_.first_offset,
        ),
        admin_command(
            running.servers,
            *("transactions", "abort", "-t", open_.topic, "-p", str(open_.partition)),
            *("--producer-id", str(open_.producer), "--producer-epoch", str(open_.epoch)),
        ),
    )
