"""Brokers: registered, answering, reachable at what they advertise; the controller."""

from collections.abc import Mapping

from kafka_workshop.doctor.facts import Broker, Cluster
from kafka_workshop.doctor.finding import Finding, ok, problem
from kafka_workshop.doctor.running import Running
from kafka_workshop.language import tr
from kafka_workshop.messaging.reach import Problem

BROKERS, CONTROLLER, LISTENERS = "brokers", "controller", "advertised-listeners"


def judge_silence(
    running: Running, services: Mapping[int, str], reach: Mapping[str, Problem]
) -> Finding:
    """Say that no broker answered at all, and what came of each address."""
    tried = "; ".join(f"{server}: {problem.text()}" for server, problem in reach.items())
    return problem(
        BROKERS,
        tr("No broker answers: {tried}", "Nenhum broker responde: {tried}", tried=tried),
        running.revive(*services.values())
        if running.is_ours
        else tr("start the brokers of BOOTSTRAP_SERVERS", "inicie os brokers de BOOTSTRAP_SERVERS"),
    )


def judge_controller(cluster: Cluster, running: Running) -> Finding:
    """Judge whether somebody controls the cluster."""
    registered = {broker.id for broker in cluster.brokers}
    if cluster.controller in registered:
        return ok(
            CONTROLLER,
            tr("Controller: broker {id}", "Controlador: broker {id}", id=cluster.controller),
        )
    return problem(
        CONTROLLER,
        tr(
            "No broker is the controller: no partition gets a new leader, no topic can be made",
            "Nenhum broker é o controlador: nenhuma partição ganha novo líder, nenhum tópico "
            "pode ser criado",
        ),
        tr(
            "it passes in seconds where one is being elected; if not: {command}",
            "passa em segundos se a eleição está em curso; se não: {command}",
            command=running.revive("broker-1"),
        ),
    )


def judge_brokers(cluster: Cluster, services: Mapping[int, str], running: Running) -> list[Finding]:
    """Judge whether every broker of ours is registered and every registered one answers.

    `services` is broker id -> service.
    """
    registered = {broker.id for broker in cluster.brokers}
    missing = [_missing(services[i], running) for i in sorted(services.keys() - registered)]
    findings = [*missing, *_silent(cluster, services, running)]
    if findings:
        return findings
    ids = ", ".join(str(broker.id) for broker in cluster.brokers)
    return [
        ok(
            BROKERS,
            tr(
                "Brokers {ids}: registered and answering",
                "Brokers {ids}: registrados e respondendo",
                ids=ids,
            ),
        )
    ]


def _silent(cluster: Cluster, services: Mapping[int, str], running: Running) -> list[Finding]:
    findings = []
    for broker in cluster.brokers:
        name = services.get(broker.id, f"broker {broker.id}")
        if broker.id in cluster.answers:
            continue
        if _expected(broker, running) or cluster.reach.get(broker.id) is Problem.NOT_KAFKA:
            findings.append(_unanswering(broker, name, cluster.reach.get(broker.id), running))
    return findings


def judge_listeners(cluster: Cluster, running: Running) -> list[Finding]:
    """Judge whether a client of this machine reaches what each broker advertises.

    An address that the settings name is that of a broker which is down, which is said elsewhere.
    """
    lost = [
        (broker, reach)
        for broker in cluster.brokers
        if (reach := cluster.reach.get(broker.id, Problem.NOT_KAFKA)) is not Problem.NOT_KAFKA
        and not _expected(broker, running)
    ]
    if lost:
        return [_unreachable(broker, reach) for broker, reach in lost]
    addresses = ", ".join(broker.address for broker in cluster.brokers)
    return [
        ok(
            LISTENERS,
            tr(
                "Advertised listeners within reach: {addresses}",
                "Listeners anunciados acessíveis: {addresses}",
                addresses=addresses,
            ),
        )
    ]


def _expected(broker: Broker, running: Running) -> bool:
    return broker.address in running.servers


def _missing(service: str, running: Running) -> Finding:
    return problem(
        BROKERS,
        tr("{name} is not registered", "{name} não está registrado", name=service),
        running.revive(service),
    )


def _unanswering(broker: Broker, name: str, reach: Problem | None, running: Running) -> Finding:
    why = (reach or Problem.SILENT).text()
    return problem(
        BROKERS,
        tr(
            "{name} is registered, but does not answer at {address}: {why}",
            "{name} está registrado, mas não responde em {address}: {why}",
            name=name,
            address=broker.address,
            why=why,
        ),
        running.revive(name),
    )


def _unreachable(broker: Broker, reach: Problem) -> Finding:
    return problem(
        LISTENERS,
        tr(
            "Broker {id} tells its clients to come to {address}, which this machine can't reach: "
            "{why}",
            "O broker {id} manda seus clientes a {address}, que esta máquina não alcança: {why}",
            id=broker.id,
            address=broker.address,
            why=reach.text(),
        ),
        tr(
            "let advertised.listeners (KAFKA_ADVERTISED_LISTENERS) name an address that clients "
            "reach, and restart the broker",
            "faça advertised.listeners (KAFKA_ADVERTISED_LISTENERS) indicar um endereço que os "
            "clientes alcancem, e reinicie o broker",
        ),
    )
