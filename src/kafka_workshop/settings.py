"""The one place that reads the environment.

A `Variable` knows its name, how to read its text, its default, and what it means in both
languages; settings are small frozen values read from them. `VARIABLES` is what the documents'
table of settings is checked against.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from kafka_workshop import language
from kafka_workshop.errors import InvalidSetting
from kafka_workshop.language import tr

T = TypeVar("T")
Environment = Mapping[str, str]
PROJECT_FOLDER = Path(__file__).resolve().parents[2]


class _Refused(ValueError):
    """The text is not allowed; the message says what is."""


@dataclass(frozen=True, slots=True)
class Variable(Generic[T]):
    """One environment variable: name, reader, default as text, meaning in both languages."""

    name: str
    parse: Callable[[str], T]
    default: str
    en: str
    pt: str

    def read(self, environment: Environment) -> T:
        """Return the value.

        Raises:
            InvalidSetting: the text is not allowed; an empty text counts as not set.
        """
        text = environment.get(self.name, "").strip() or self.default
        try:
            return self.parse(text)
        except _Refused as refused:
            raise InvalidSetting(self.name, text, str(refused)) from None


def _integer(minimum: int, maximum: int) -> Callable[[str], int]:
    def parse(text: str) -> int:
        if not re.fullmatch(r"[+-]?[0-9]{1,18}", text) or not minimum <= int(text) <= maximum:
            raise _Refused(
                tr(
                    "a whole number from {minimum} to {maximum}",
                    "um número inteiro de {minimum} a {maximum}",
                    minimum=minimum,
                    maximum=maximum,
                )
            )
        return int(text)

    return parse


def _number(minimum: float, maximum: float) -> Callable[[str], float]:
    def parse(text: str) -> float:
        if (
            not re.fullmatch(r"[0-9]{1,12}(\.[0-9]{1,9})?", text)
            or not minimum <= float(text) <= maximum
        ):
            raise _Refused(
                tr(
                    "a number from {minimum:g} to {maximum:g}",
                    "um número de {minimum:g} a {maximum:g}",
                    minimum=minimum,
                    maximum=maximum,
                )
            )
        return float(text)

    return parse


def _choice(*allowed: str, fold: Callable[[str], str] = str) -> Callable[[str], str]:
    def parse(text: str) -> str:
        if fold(text) not in allowed:
            raise _Refused(tr("one of {all}", "um de {all}", all=", ".join(allowed)))
        return fold(text)

    return parse


def _name(text: str) -> str:
    # Kafka's own rule for topics (org.apache.kafka.common.internals.Topic), kept for groups too.
    if not re.fullmatch(r"[A-Za-z0-9._-]{1,249}", text) or text in {".", ".."}:
        raise _Refused(
            tr(
                "1 to 249 letters, digits, '.', '_' or '-'",
                "de 1 a 249 letras, dígitos, '.', '_' ou '-'",
            )
        )
    return text


def _servers(text: str) -> tuple[str, ...]:
    servers = tuple(part.strip() for part in text.split(",") if part.strip())
    good = re.compile(r"(\[[0-9A-Fa-f:]+\]|[A-Za-z0-9._-]+):([0-9]{1,5})")
    matches = [good.fullmatch(server) for server in servers]
    if not servers or any(m is None or not 0 < int(m[2]) < 65536 for m in matches):
        raise _Refused(
            tr(
                "host:port, several separated by commas",
                "host:porta, vários separados por vírgulas",
            )
        )
    return servers


def _port(text: str) -> int:
    return _integer(1, 65535)(text)


def _ports(text: str) -> tuple[int, ...]:
    ports = tuple(_port(part.strip()) for part in text.split(","))
    if len(ports) != 3 or len(set(ports)) != 3:
        raise _Refused(
            tr(
                "three different ports separated by commas, broker-1 first",
                "três portas diferentes separadas por vírgulas, broker-1 primeiro",
            )
        )
    return ports


_UNITS = {"": 1, "K": 10**3, "M": 10**6, "G": 10**9}


def _bytes(minimum: int, maximum: int) -> Callable[[str], int]:
    def parse(text: str) -> int:
        match = re.fullmatch(r"([0-9]{1,12})\s*([KMG]?)B?", text, re.IGNORECASE)
        size = int(match[1]) * _UNITS[match[2].upper()] if match else -1
        if not minimum <= size <= maximum:
            raise _Refused(
                tr(
                    "bytes, or a number with KB, MB or GB, from {low} MB to {high} MB",
                    "bytes, ou um número com KB, MB ou GB, de {low} MB a {high} MB",
                    low=minimum // 10**6,
                    high=maximum // 10**6,
                )
            )
        return size

    return parse


def _folder(text: str) -> Path:
    return Path(text).expanduser().absolute()


def _optional_path(text: str) -> Path | None:
    return Path(text).expanduser().absolute() if text else None


def _language(text: str) -> str:
    if text and not re.match(r"(?i)(pt|en|c\b|posix)", text):
        raise _Refused(tr("pt-BR or en", "pt-BR ou en"))
    return text


TOPIC = Variable(
    "TOPIC", _name, "transactions", "topic of the transactions", "tópico das transações"
)
BOOTSTRAP_SERVERS = Variable(
    "BOOTSTRAP_SERVERS",
    _servers,
    "127.0.0.1:9091,127.0.0.1:9092,127.0.0.1:9093",
    "brokers to connect to first, `host:port` separated by commas",
    "brokers a contatar primeiro, `host:porta` separados por vírgulas",
)
CONSUMER_GROUP = Variable(
    "CONSUMER_GROUP", _name, "transaction-monitor", "consumer group", "grupo de consumidores"
)
KAFKA_CLIENT = Variable(
    "KAFKA_CLIENT",
    _choice("confluent-kafka", "kafka-python"),
    "confluent-kafka",
    "client library: `confluent-kafka` or `kafka-python`",
    "biblioteca cliente: `confluent-kafka` ou `kafka-python`",
)
RATE = Variable(
    "RATE",
    _number(0.1, 1_000_000),
    "50",
    "live transactions a second",
    "transações ao vivo por segundo",
)
MAX_MESSAGES = Variable(
    "MAX_MESSAGES",
    _integer(0, 10**12),
    "0",
    "stop after so many messages; 0: never",
    "parar depois de tantas mensagens; 0: nunca",
)
SEED = Variable(
    "SEED",
    _integer(0, 2**32 - 1),
    "7",
    "seed of the simulation: the same seed gives the same transactions",
    "semente da simulação: a mesma semente gera as mesmas transações",
)
ACCOUNTS = Variable(
    "ACCOUNTS",
    _integer(10, 1_000_000),
    "5000",
    "accounts in the simulated population",
    "contas na população simulada",
)
HISTORY_DAYS = Variable(
    "HISTORY_DAYS",
    _integer(0, 365),
    "120",
    "days of history written to an empty topic; 0: none",
    "dias de histórico gravados em um tópico vazio; 0: nenhum",
)
HISTORY_TRANSACTIONS = Variable(
    "HISTORY_TRANSACTIONS",
    _integer(0, 300_000),
    "200000",
    "transactions in that history",
    "transações nesse histórico",
)
LOG_LEVEL = Variable(
    "LOG_LEVEL",
    _choice("DEBUG", "INFO", "WARNING", "ERROR", fold=str.upper),
    "INFO",
    "`DEBUG`, `INFO`, `WARNING` or `ERROR`",
    "`DEBUG`, `INFO`, `WARNING` ou `ERROR`",
)
LOG_FORMAT = Variable(
    "LOG_FORMAT",
    _choice("console", "json"),
    "console",
    "`console` for people, `json` for machines",
    "`console` para pessoas, `json` para máquinas",
)
LOG_LINES = Variable(
    "LOG_LINES",
    _integer(0, 1_000_000),
    "60",
    "message lines logged a second at most; the rest is counted",
    "no máximo tantas linhas de mensagem por segundo no log; o resto é contado",
)
READY_FILE = Variable(
    "READY_FILE",
    _optional_path,
    "",
    "file that a program makes once it is working (a health check looks for it)",
    "arquivo que o programa cria quando está funcionando (para a verificação de saúde)",
)
CONSOLE_HOST = Variable(
    "CONSOLE_HOST",
    _choice("127.0.0.1", "localhost", "::1", "0.0.0.0"),  # noqa: S104 - refused unless open
    "127.0.0.1",
    "address the Kafka UI listens on; beyond loopback only with `CONSOLE_ALLOW_OPEN=1`",
    "endereço em que a Kafka UI escuta; além do loopback só com `CONSOLE_ALLOW_OPEN=1`",
)
CONSOLE_PORT = Variable("CONSOLE_PORT", _port, "8087", "port of the Kafka UI", "porta da Kafka UI")
CONSOLE_ALLOW_OPEN = Variable(
    "CONSOLE_ALLOW_OPEN",
    _choice("0", "1"),
    "0",
    "1 lets the Kafka UI listen beyond loopback; only docker-compose.yml sets it",
    "1 permite que a Kafka UI escute além do loopback; só o docker-compose.yml define",
)
WORKSHOP_RUN = Variable(
    "WORKSHOP_RUN",
    _choice("native", "compose"),
    "native",
    "how the system runs; docker-compose.yml sets `compose`",
    "como o sistema roda; o docker-compose.yml define `compose`",
)
WORKSHOP_LANG = Variable(
    "WORKSHOP_LANG",
    _language,
    "",
    "`pt-BR` or `en`; unset: what `LANG` says",
    "`pt-BR` ou `en`; sem valor: o que `LANG` diz",
)
WORKSHOP_DATA = Variable(
    "WORKSHOP_DATA",
    _folder,
    str(PROJECT_FOLDER / ".workshop"),
    "folder of the cluster's data and logs; default `.workshop` here",
    "pasta dos dados e logs do cluster; padrão `.workshop` aqui",
)
WORKSHOP_CACHE = Variable(
    "WORKSHOP_CACHE",
    _optional_path,
    "",
    "folder of the downloaded jars; default `kafka-workshop` in the user's cache folder",
    "pasta dos jars baixados; padrão `kafka-workshop` na pasta de cache do usuário",
)
ZOOKEEPER_PORT = Variable(
    "ZOOKEEPER_PORT", _port, "2181", "port of ZooKeeper", "porta do ZooKeeper"
)
BROKER_PORTS = Variable(
    "BROKER_PORTS",
    _ports,
    "9091,9092,9093",
    "ports of broker-1, broker-2, broker-3",
    "portas de broker-1, broker-2, broker-3",
)
BROKER_HEAP = Variable(
    "BROKER_HEAP",
    _bytes(256 * 10**6, 64 * 10**9),
    "512MB",
    "Java heap of each broker",
    "heap Java de cada broker",
)
STORAGE = Variable(
    "STORAGE",
    _bytes(500 * 10**6, 10**15),
    "2GB",
    "disk that all topics together may use, replicas included",
    "disco que todos os tópicos juntos podem usar, réplicas incluídas",
)

VARIABLES: tuple[Variable[object], ...] = tuple(
    value for value in list(globals().values()) if isinstance(value, Variable)
)


@dataclass(frozen=True, slots=True)
class LogSettings:
    """How a program logs: level, format, and message lines a second at most."""

    level: str
    format: str
    lines_per_second: int


@dataclass(frozen=True, slots=True)
class KafkaSettings:
    """Which topic, which brokers, through which client library; bytes all topics may use."""

    topic: str
    bootstrap_servers: tuple[str, ...]
    client: str
    storage: int = 2_000_000_000


@dataclass(frozen=True, slots=True)
class ProducerSettings:
    """What `produce.py` reads. `rate` is transactions a second; `max_messages` 0 means no end."""

    kafka: KafkaSettings
    log: LogSettings
    rate: float
    max_messages: int
    seed: int
    accounts: int
    history_days: int
    history_transactions: int
    ready_file: Path | None


@dataclass(frozen=True, slots=True)
class ConsumerSettings:
    """What `consume.py` reads. `max_messages` 0 means no end."""

    kafka: KafkaSettings
    log: LogSettings
    group: str
    max_messages: int
    ready_file: Path | None


@dataclass(frozen=True, slots=True)
class ConsoleSettings:
    """What the Kafka UI reads."""

    bootstrap_servers: tuple[str, ...]
    host: str
    port: int
    run: str
    log: LogSettings


@dataclass(frozen=True, slots=True)
class ClusterSettings:
    """What the native cluster reads. Sizes in bytes; every listener is on `host`."""

    data: Path
    cache: Path
    zookeeper_port: int
    broker_ports: tuple[int, ...]
    console_port: int
    broker_heap: int
    storage: int
    host: str = "127.0.0.1"

    @property
    def bootstrap_servers(self) -> tuple[str, ...]:
        """The brokers as `host:port`."""
        return tuple(f"{self.host}:{port}" for port in self.broker_ports)


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
        InvalidSetting: a variable has a value that is not allowed.
    """
    apply_language(environment)
    return ProducerSettings(
        kafka=_kafka_settings(environment),
        log=log_settings(environment),
        rate=RATE.read(environment),
        max_messages=MAX_MESSAGES.read(environment),
        seed=SEED.read(environment),
        accounts=ACCOUNTS.read(environment),
        history_days=HISTORY_DAYS.read(environment),
        history_transactions=HISTORY_TRANSACTIONS.read(environment),
        ready_file=READY_FILE.read(environment),
    )


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
    )


def console_settings(environment: Environment) -> ConsoleSettings:
    """Read the Kafka UI's settings.

    Raises:
        InvalidSetting: a variable has a value that is not allowed, or the address is open to
            other machines without `CONSOLE_ALLOW_OPEN=1`.
    """
    apply_language(environment)
    host = CONSOLE_HOST.read(environment)
    if host == "0.0.0.0" and CONSOLE_ALLOW_OPEN.read(environment) != "1":  # noqa: S104
        raise InvalidSetting(
            CONSOLE_HOST.name,
            host,
            tr(
                "a loopback address; the page has no login",
                "um endereço de loopback; a página não tem login",
            ),
        )
    return ConsoleSettings(
        bootstrap_servers=BOOTSTRAP_SERVERS.read(environment),
        host=host,
        port=CONSOLE_PORT.read(environment),
        run=WORKSHOP_RUN.read(environment),
        log=log_settings(environment),
    )


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
    )
    _refuse_shared_port(settings)
    return settings


def _cache_folder(environment: Environment) -> Path:
    base = environment.get("XDG_CACHE_HOME", "")
    return (Path(base) if base.startswith("/") else Path.home() / ".cache") / "kafka-workshop"


def _refuse_shared_port(settings: ClusterSettings) -> None:
    names = {settings.zookeeper_port: ZOOKEEPER_PORT.name}
    if settings.console_port in names or settings.console_port in settings.broker_ports:
        raise _shared(CONSOLE_PORT.name, settings.console_port)
    if settings.zookeeper_port in settings.broker_ports:
        raise _shared(ZOOKEEPER_PORT.name, settings.zookeeper_port)


def _shared(name: str, port: int) -> InvalidSetting:
    allowed = tr("a port that no other service has", "uma porta que nenhum outro serviço tem")
    return InvalidSetting(name, str(port), allowed)
