"""Asks Kafka for the facts: each question with a time-out, a silent broker costs only its own.

The order matters to what the facts mean: high watermarks before last stable offsets, so that
without a transaction none is behind; open producers before the coordinators' transactions and
once more after, so that one that was open all the time without a coordinator is hanging.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from kafka_workshop.clock import Deadline
from kafka_workshop.doctor.cluster_wide import admin_client, ask_measures, ask_metadata
from kafka_workshop.doctor.collecting import collected, in_thread
from kafka_workshop.doctor.each_broker import Brokers, ask_itself, ask_producers, ask_transactions
from kafka_workshop.doctor.facts import LEADERLESS, Answer, Broker, Cluster
from kafka_workshop.messaging import reach
from kafka_workshop.messaging.reach import Problem

_REACH_S = 1.0


def ask(servers: tuple[str, ...]) -> Cluster:
    """Return the cluster's facts.

    Raises:
        BrokersUnavailable: no broker told which brokers there are.
    """
    admin = admin_client(servers)
    seen = ask_metadata(admin, servers)
    with Brokers(seen.brokers) as brokers:
        answers = brokers.ask(ask_itself)
        measured = ask_measures(servers, admin, replace(seen, reach=probe_all(seen.brokers)))
        told = answers()
        led = replace(measured, answers=told, controller=controller_of(measured.controller, told))
        return _with_transactions(led, brokers)


def controller_of(named: int | None, told: Mapping[int, Answer]) -> int | None:
    """Return who controls: with KRaft who leads the quorum, otherwise the one that metadata name.

    A node that could not say who leads has nothing to say against one that could, nor against one
    that does not know the question.
    """
    leaders = {answer.leader for answer in told.values()}
    led = {leader for leader in leaders if leader is not None}
    if not led or None in leaders:
        return named
    return max(led - {LEADERLESS}, default=None)


def probe_servers(servers: Iterable[str]) -> dict[str, Problem]:
    """Return what a plain connection to each of `servers` came to."""
    return collected(
        {server: in_thread(_probe(server)) for server in servers}, Deadline(_REACH_S * 2)
    )


def probe_all(brokers: Iterable[Broker]) -> dict[int, Problem]:
    """Return what a plain connection to each broker's advertised address came to."""
    by_address = {broker.address: broker.id for broker in brokers}
    found = probe_servers(by_address)
    return {i: found.get(address, Problem.SILENT) for address, i in by_address.items()}


def _probe(server: str) -> Callable[[], Problem]:
    return lambda: reach.probe(server, _REACH_S)


def _with_transactions(cluster: Cluster, brokers: Brokers) -> Cluster:
    """Ask for the transactions of what is held back, where anything is."""
    held = [p for p in cluster.partitions if p.held_back]
    if not held:
        return cluster
    before = ask_producers(held, brokers)
    told = brokers.ask(ask_transactions)()
    after = ask_producers(held, brokers)
    complete = told.keys() == {broker.id for broker in cluster.brokers}
    return replace(
        cluster,
        producers=tuple(producer for producer in before if producer in after),
        transactions=tuple(t for each in told.values() for t in each) if complete else None,
    )
