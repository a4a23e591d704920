"""Reads the environment into each program's settings; a wrong value is refused by name."""

from pathlib import Path

from kafka_workshop import language
from kafka_workshop.errors import InvalidSetting
from kafka_workshop.language import tr
from kafka_workshop.settings.values import (
    ClusterSettings,
    ConsoleSettings,
    ConsumerSettings,
    KafkaSettings,
    LogSettings,
    ProducerSettings,
)
from kafka_workshop.settings.variables import (
    ACCOUNTS,
    BOOTSTRAP_SERVERS,
    BROKER_HEAP,
    BROKER_PORTS,
    CONSOLE_ALLOW_OPEN,
    CONSOLE_HIDDEN_FIELDS,
    CONSOLE_HOST,
    CONSOLE_NAMES,
    CONSOLE_PORT,
    CONSOLE_READ_ONLY,
    CONSOLE_USERS,
    CONSUMER_GROUP,
    CONTROLLER_PORTS,
    COORDINATION,
    FAILPOINT,
    FRAUD_RATE,
    HISTORY_DAYS,
    HISTORY_TRANSACTIONS,
    INSTANCE,
    KAFKA_CLIENT,
    LOG_FORMAT,
    LOG_LEVEL,
    LOG_LINES,
    MAX_MESSAGES,
    MONITOR_MODEL,
    MONITOR_RULES,
    PROCESSING,
    RATE,
    READY_FILE,
    SEED,
    STAGE,
    STORAGE,
    TOPIC,
    WORKSHOP_CACHE,
    WORKSHOP_DATA,
    WORKSHOP_LANG,
    WORKSHOP_RUN,
    ZOOKEEPER_CONNECT,
    ZOOKEEPER_PORT,
    Environment,
)

FRAUD_ACCOUNTS = 50  # fewer have no room for mules and their payers


def apply_language(environment: Environment) -> None:
    """Speak the language that the environment asks for.

    Raises:
        InvalidSetting: `WORKSHOP_LANG` names a language that we do not speak.
    """
    language.use(language.from_environment(environment))
    WORKSHOP_LANG.read(environment)


def log_settings(environment: Environment) -> LogSettings:
    """Read how to log."""
    return LogSettings(
        LOG_LEVEL.read(environment), LOG_FORMAT.read(environment), LOG_LINES.read(environment)
    )


def _kafka_settings(environment: Environment) -> KafkaSettings:
    return KafkaSettings(
        TOPIC.read(environment),
        BOOTSTRAP_SERVERS.read(environment),
        KAFKA_CLIENT.read(environment),
        STORAGE.read(environment),
    )


def producer_settings(environment: Environment) -> ProducerSettings:
    """Read the producer's settings.

    Raises:
        InvalidSetting: a variable has a value that is not allowed, or fraud was asked for among
            too few accounts.
    """
    apply_language(environment)
    _refuse_fraud_among_few(environment)
    return ProducerSettings(
        kafka=_kafka_settings(environment),
        log=log_settings(environment),
        rate=RATE.read(environment),
        max_messages=MAX_MESSAGES.read(environment),
        seed=SEED.read(environment),
        accounts=ACCOUNTS.read(environment),
        history_days=HISTORY_DAYS.read(environment),
        history_transactions=HISTORY_TRANSACTIONS.read(environment),
        fraud_rate=FRAUD_RATE.read(environment),
        ready_file=READY_FILE.read(environment),
    )


def _refuse_fraud_among_few(environment: Environment) -> None:
    """Refuse a rate that somebody chose; with the default's the producer does without fraud.

    Docker Compose always passes a value on, so what counts as chosen is another than the default.
    """
    rate, accounts = FRAUD_RATE.read(environment), ACCOUNTS.read(environment)
    if accounts < FRAUD_ACCOUNTS and rate not in (0, FRAUD_RATE.read({})):
        allowed = tr(
            "at least {least} with FRAUD_RATE={rate:g}, or FRAUD_RATE=0",
            "pelo menos {least} com FRAUD_RATE={rate:g}, ou FRAUD_RATE=0",
            least=FRAUD_ACCOUNTS,
            rate=rate,
        )
        raise InvalidSetting(ACCOUNTS.name, str(accounts), allowed)


def consumer_settings(environment: Environment) -> ConsumerSettings:
    """Read the consumer's settings.

    Raises:
        InvalidSetting: a variable has a value that is not allowed.
    """
    apply_language(environment)
    return ConsumerSettings(
        kafka=_kafka_settings(environment),
        log=log_settings(environment),
        group=CONSUMER_GROUP.read(environment),
        max_messages=MAX_MESSAGES.read(environment),
        ready_file=READY_FILE.read(environment),
        instance=INSTANCE.read(environment),
        processing=PROCESSING.read(environment),
        rules=MONITOR_RULES.read(environment),
        failpoint=FAILPOINT.read(environment),
        stage=STAGE.read(environment),
        model=MONITOR_MODEL.read(environment),
    )


def console_settings(environment: Environment) -> ConsoleSettings:
    """Read the Kafka UI's settings.

    Raises:
        InvalidSetting: a variable has a value that is not allowed, or the address is open to
            other machines without a login or `CONSOLE_ALLOW_OPEN=1`.
    """
    apply_language(environment)
    host, users = CONSOLE_HOST.read(environment), CONSOLE_USERS.read(environment)
    allowed = users is not None or CONSOLE_ALLOW_OPEN.read(environment) == "1"
    if host == "0.0.0.0" and not allowed:  # noqa: S104
        raise InvalidSetting(
            CONSOLE_HOST.name,
            host,
            tr(
                "a loopback address; beyond it the page wants a login (CONSOLE_USERS)",
                "um endereço de loopback; além dele a página exige login (CONSOLE_USERS)",
            ),
        )
    return ConsoleSettings(
        bootstrap_servers=BOOTSTRAP_SERVERS.read(environment),
        host=host,
        port=CONSOLE_PORT.read(environment),
        run=WORKSHOP_RUN.read(environment),
        log=log_settings(environment),
        topic=TOPIC.read(environment),
        group=CONSUMER_GROUP.read(environment),
        data=WORKSHOP_DATA.read(environment),
        read_only=CONSOLE_READ_ONLY.read(environment) == "1",
        users=users,
        names=CONSOLE_NAMES.read(environment),
        hidden_fields=CONSOLE_HIDDEN_FIELDS.read(environment),
        storage=STORAGE.read(environment),
        zookeeper=ZOOKEEPER_CONNECT.read(environment),
    )


def chosen_servers(environment: Environment) -> tuple[str, ...]:
    """Return the brokers that `BOOTSTRAP_SERVERS` names, otherwise those of the native cluster.

    Raises:
        InvalidSetting: a variable has a value that is not allowed.
    """
    if environment.get(BOOTSTRAP_SERVERS.name, "").strip():
        return BOOTSTRAP_SERVERS.read(environment)
    return cluster_settings(environment).bootstrap_servers


def cluster_settings(environment: Environment) -> ClusterSettings:
    """Read the native cluster's settings.

    Raises:
        InvalidSetting: a variable has a value that is not allowed, or two services share a port.
    """
    apply_language(environment)
    settings = ClusterSettings(
        data=WORKSHOP_DATA.read(environment),
        cache=WORKSHOP_CACHE.read(environment) or _cache_folder(environment),
        zookeeper_port=ZOOKEEPER_PORT.read(environment),
        broker_ports=BROKER_PORTS.read(environment),
        console_port=CONSOLE_PORT.read(environment),
        broker_heap=BROKER_HEAP.read(environment),
        storage=STORAGE.read(environment),
        coordination=COORDINATION.read(environment),
        controller_ports=CONTROLLER_PORTS.read(environment),
    )
    _refuse_shared_port(settings)
    _refuse_dividing_signs(settings)
    return settings


def _cache_folder(environment: Environment) -> Path:
    base = environment.get("XDG_CACHE_HOME", "")
    return (Path(base) if base.startswith("/") else Path.home() / ".cache") / "kafka-workshop"


def _refuse_shared_port(settings: ClusterSettings) -> None:
    taken = set(settings.broker_ports)
    # Of the coordination that is not chosen nothing listens.
    coordinating = (
        (CONTROLLER_PORTS.name, settings.controller_ports)
        if settings.kraft
        else (ZOOKEEPER_PORT.name, (settings.zookeeper_port,))
    )
    for name, ports in (coordinating, (CONSOLE_PORT.name, (settings.console_port,))):
        for port in ports:
            if port in taken:
                raise _shared(name, port)
        taken.update(ports)


def _refuse_dividing_signs(settings: ClusterSettings) -> None:
    """Refuse a folder that Kafka, or Java's class path, would take for two."""
    for name, folder, sign in (
        (WORKSHOP_DATA.name, settings.data, ","),
        (WORKSHOP_CACHE.name, settings.cache, ":"),
    ):
        if sign in str(folder):
            allowed = tr(
                "a folder with no {sign!r} in its path, which would make two of it",
                "uma pasta sem {sign!r} no caminho, que faria dela duas",
                sign=sign,
            )
            raise InvalidSetting(name, str(folder), allowed)


def _shared(name: str, port: int) -> InvalidSetting:
    allowed = tr("a port that no other service has", "uma porta que nenhum outro serviço tem")
    return InvalidSetting(name, str(port), allowed)
