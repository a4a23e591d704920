"""The supervisor and its services, and the ports that they need."""

from collections.abc import Iterable

from kafka_workshop.cluster import ports
from kafka_workshop.cluster.readiness import Probe
from kafka_workshop.cluster.roll import Entry, left_behind
from kafka_workshop.cluster.states import EXITED, READY, Status, state_text
from kafka_workshop.doctor.finding import Finding, ok, problem, shown, warning
from kafka_workshop.doctor.installation import Installation
from kafka_workshop.doctor.running import Running, Way
from kafka_workshop.language import tr

SUPERVISOR, SERVICES, PORTS, ZOOKEEPER = "supervisor", "services", "ports", "zookeeper"
# States that end by themselves, one way or the other.
_PASSING = {"waiting", "starting", "restarting", "stopping"}


def judge_way(running: Running) -> Finding:
    """Say where the system runs."""
    sentences = {
        Way.NATIVE: tr("The system runs: ./workshop", "O sistema está rodando: ./workshop"),
        Way.COMPOSE: tr(
            "The system runs: Docker Compose", "O sistema está rodando: Docker Compose"
        ),
        Way.ELSEWHERE: tr(
            "Looking at the brokers of BOOTSTRAP_SERVERS: {servers}",
            "Examinando os brokers de BOOTSTRAP_SERVERS: {servers}",
            servers=",".join(running.servers),
        ),
        Way.NOWHERE: tr(
            "Nothing is running, so no cluster was looked at; ./workshop up starts it",
            "Nada está rodando, então nenhum cluster foi examinado; ./workshop up inicia",
        ),
    }
    if running.statuses is None:
        return _silent_supervisor()
    return ok(SUPERVISOR, sentences[running.way])


def _silent_supervisor() -> Finding:
    return problem(
        SUPERVISOR,
        tr(
            "A supervisor has the data folder, but it does not answer",
            "Um supervisor está com a pasta de dados, mas não responde",
        ),
        tr(
            "./workshop logs supervisor tells what it did last; ./workshop down ends it",
            "./workshop logs supervisor mostra o que ele fez por último; ./workshop down o encerra",
        ),
    )


def judge_services(statuses: Iterable[Status], running: Running) -> list[Finding]:
    """Judge the state of each service of the supervisor's."""
    known = list(statuses)
    findings = [_judge_service(s, running) for s in known if s.state not in (READY, EXITED)]
    if findings or not known:
        return findings
    names = ", ".join(status.service for status in known)
    return [ok(SERVICES, tr("Services ready: {names}", "Serviços prontos: {names}", names=names))]


def _judge_service(status: Status, running: Running) -> Finding:
    state = state_text(status.state)
    said = tr("{service}: {state}", "{service}: {state}", service=status.service, state=state)
    if status.state in _PASSING:
        return warning(SERVICES, said, tr("wait a moment", "aguarde um momento"))
    return problem(SERVICES, said, running.revive(status.service))


def check_unsupervised(installation: Installation) -> list[Finding]:
    """Look for what a killed supervisor left behind, and otherwise at the ports of a start."""
    left = left_behind(installation.folders)
    return [judge_left_behind(left)] if left else check_ports(installation)


def judge_left_behind(left: Iterable[Entry]) -> Finding:
    """Say which services run on without the supervisor that was killed."""
    return problem(
        SUPERVISOR,
        tr(
            "The supervisor was killed; these run on without it: {names}",
            "O supervisor foi morto; estes continuam sem ele: {names}",
            names=", ".join(entry.service for entry in left),
        ),
        tr(
            "./workshop up -d starts anew with the same data, ./workshop down ends them",
            "./workshop up -d recomeça com os mesmos dados, ./workshop down os encerra",
        ),
    )


def check_ports(installation: Installation) -> list[Finding]:
    """Look who has the ports that a start would need; nothing of ours may be running."""
    host = installation.settings.host
    taken = {s: p for s, p in installation.ports.items() if not ports.is_free(host, p)}
    if taken:
        return [_taken(s, p, installation.port_variables[s]) for s, p in taken.items()]
    all_ports = shown([str(port) for port in installation.ports.values()], most=9)
    return [ok(PORTS, tr("Ports free: {ports}", "Portas livres: {ports}", ports=all_ports))]


def _taken(service: str, port: int, variable: str) -> Finding:
    owner = ports.owner(port) or tr(
        "a program that can't be named", "um programa que não se pode nomear"
    )
    return problem(
        PORTS,
        tr(
            "Port {port} of {service} is taken by {owner}",
            "A porta {port} de {service} está ocupada por {owner}",
            port=port,
            service=service,
            owner=owner,
        ),
        tr(
            "end that program, or choose another port: {variable}=… ./workshop up",
            "encerre esse programa, ou escolha outra porta: {variable}=… ./workshop up",
            variable=variable,
        ),
    )


def check_zookeeper(probe: Probe, running: Running) -> Finding:
    """Ask ZooKeeper."""
    if probe():
        return ok(ZOOKEEPER, tr("ZooKeeper answers", "O ZooKeeper responde"))
    return problem(
        ZOOKEEPER,
        tr(
            "ZooKeeper does not answer: no broker can join, no partition gets a new leader",
            "O ZooKeeper não responde: nenhum broker entra, nenhuma partição ganha novo líder",
        ),
        running.revive("zookeeper"),
    )
