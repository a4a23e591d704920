"""Every environment variable: its name, reader, default, and meaning in both languages.

`VARIABLES` is what the documents' tables of settings are checked against.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from kafka_workshop.errors import InvalidSetting
from kafka_workshop.settings import parse
from kafka_workshop.settings.parse import Refused

T = TypeVar("T")
Environment = Mapping[str, str]
PROJECT_FOLDER = Path(__file__).resolve().parents[3]


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
        except Refused as refused:
            raise InvalidSetting(self.name, text, str(refused)) from None


TOPIC = Variable(
    "TOPIC", parse.name, "transactions", "topic of the transactions", "tópico das transações"
)
BOOTSTRAP_SERVERS = Variable(
    "BOOTSTRAP_SERVERS",
    parse.servers,
    "127.0.0.1:9091,127.0.0.1:9092,127.0.0.1:9093",
    "brokers to connect to first, `host:port` separated by commas",
    "brokers a contatar primeiro, `host:porta` separados por vírgulas",
)
CONSUMER_GROUP = Variable(
    "CONSUMER_GROUP", parse.name, "transaction-monitor", "consumer group", "grupo de consumidores"
)
KAFKA_CLIENT = Variable(
    "KAFKA_CLIENT",
    parse.choice("confluent-kafka", "kafka-python"),
    "confluent-kafka",
    "the library of producer and consumer: `confluent-kafka` or `kafka-python`",
    "biblioteca do produtor e do consumidor: `confluent-kafka` ou `kafka-python`",
)
INSTANCE = Variable(
    "INSTANCE",
    parse.optional_name,
    "",
    "name of this consumer in its group (a static member) and of its transactions, which no "
    "other may have; unset: a member without a name",
    "nome deste consumidor no grupo (membro estático) e de suas transações, que nenhum outro pode "
    "ter; sem valor: membro sem nome",
)
STAGE = Variable(
    "STAGE",
    parse.choice("account", "merchant"),
    "account",
    "the consumer's stage: `account` reads the transactions, `merchant` what that one tells about "
    "terminals and merchants",
    "estágio do consumidor: `account` lê as transações, `merchant` o que aquele diz de terminais e "
    "estabelecimentos",
)
PROCESSING = Variable(
    "PROCESSING",
    parse.choice("exactly_once", "at_least_once"),
    "exactly_once",
    "`exactly_once`, or `at_least_once` to compare: without transactions",
    "`exactly_once`, ou `at_least_once` para comparar: sem transações",
)
MONITOR_RULES = Variable(
    "MONITOR_RULES",
    parse.optional_path,
    "",
    "file with the rules' parameters; unset: the package's own (`./workshop monitor rules`)",
    "arquivo com os parâmetros das regras; sem valor: os do pacote (`./workshop monitor rules`)",
)
MONITOR_MODEL = Variable(
    "MONITOR_MODEL",
    parse.optional_path,
    "",
    "file with the model that scores transactions; unset: the built-in `rules-1`",
    "arquivo com o modelo que pontua transações; sem valor: o embutido `rules-1`",
)
FAILPOINT = Variable(
    "FAILPOINT",
    parse.failpoint,
    "",
    "for developers: where the consumer kills itself, for example `after_produce:3`, the third "
    "time; `:stop` behind it: stands still",
    "para desenvolvedores: onde o consumidor se mata, por exemplo `after_produce:3`, na terceira "
    "vez; com `:stop` no fim: fica parado",
)
RATE = Variable(
    "RATE",
    parse.number(0.1, 1_000_000),
    "50",
    "live transactions a second",
    "transações ao vivo por segundo",
)
MAX_MESSAGES = Variable(
    "MAX_MESSAGES",
    parse.integer(0, 10**12),
    "0",
    "stop after so many messages; 0: never",
    "parar depois de tantas mensagens; 0: nunca",
)
SEED = Variable(
    "SEED",
    parse.integer(0, 2**32 - 1),
    "7",
    "seed of the simulation: the same seed gives the same transactions",
    "semente da simulação: a mesma semente gera as mesmas transações",
)
ACCOUNTS = Variable(
    "ACCOUNTS",
    parse.integer(10, 1_000_000),
    "5000",
    "accounts in the simulated population",
    "contas na população simulada",
)
HISTORY_DAYS = Variable(
    "HISTORY_DAYS",
    parse.integer(0, 365),
    "120",
    "days of history written to an empty topic; 0: none",
    "dias de histórico gravados em um tópico vazio; 0: nenhum",
)
HISTORY_TRANSACTIONS = Variable(
    "HISTORY_TRANSACTIONS",
    parse.integer(0, 300_000),
    "200000",
    "transactions in that history",
    "transações nesse histórico",
)
FRAUD_RATE = Variable(
    "FRAUD_RATE",
    parse.share(0.005),
    "0.003",
    "share of the transactions that are fraud, far more than the 0.00007 of real Pix; 0: none",
    "fração das transações que são fraude, bem mais que os 0,00007 do Pix real; 0: nenhuma",
)
LOG_LEVEL = Variable(
    "LOG_LEVEL",
    parse.choice("DEBUG", "INFO", "WARNING", "ERROR", fold=str.upper),
    "INFO",
    "`DEBUG`, `INFO`, `WARNING` or `ERROR`",
    "`DEBUG`, `INFO`, `WARNING` ou `ERROR`",
)
LOG_FORMAT = Variable(
    "LOG_FORMAT",
    parse.choice("console", "json"),
    "console",
    "`console` for people, `json` for machines",
    "`console` para pessoas, `json` para máquinas",
)
LOG_LINES = Variable(
    "LOG_LINES",
    parse.integer(0, 1_000_000),
    "60",
    "message lines logged a second at most; the rest is counted",
    "no máximo tantas linhas de mensagem por segundo no log; o resto é contado",
)
READY_FILE = Variable(
    "READY_FILE",
    parse.optional_path,
    "",
    "file that a program makes once it is working (a health check looks for it)",
    "arquivo que o programa cria quando está funcionando (para a verificação de saúde)",
)
CONSOLE_HOST = Variable(
    "CONSOLE_HOST",
    parse.choice("127.0.0.1", "localhost", "::1", "0.0.0.0"),  # noqa: S104 - refused unless open
    "127.0.0.1",
    "address the Kafka UI listens on; beyond loopback only with a login or `CONSOLE_ALLOW_OPEN=1`",
    "endereço em que a Kafka UI escuta; além do loopback só com login ou `CONSOLE_ALLOW_OPEN=1`",
)
CONSOLE_PORT = Variable(
    "CONSOLE_PORT", parse.port, "8087", "port of the Kafka UI", "porta da Kafka UI"
)
CONSOLE_ALLOW_OPEN = Variable(
    "CONSOLE_ALLOW_OPEN",
    parse.choice("0", "1"),
    "0",
    "1 lets the Kafka UI listen beyond loopback; only docker-compose.yml sets it",
    "1 permite que a Kafka UI escute além do loopback; só o docker-compose.yml define",
)
CONSOLE_USERS = Variable(
    "CONSOLE_USERS",
    parse.optional_path,
    "",
    "file of those who may log in to the Kafka UI (`./workshop user add ana`); unset: no login",
    "arquivo de quem pode entrar na Kafka UI (`./workshop user add ana`); sem valor: sem login",
)
CONSOLE_NAMES = Variable(
    "CONSOLE_NAMES",
    parse.host_names,
    "",
    "names under which browsers may also ask for the Kafka UI, `name` or `name:port`",
    "nomes pelos quais navegadores também podem pedir a Kafka UI, `nome` ou `nome:porta`",
)
CONSOLE_HIDDEN_FIELDS = Variable(
    "CONSOLE_HIDDEN_FIELDS",
    parse.field_roles,
    "",
    "JSON fields of messages, headers or `key`, and the role from which on they are seen, as in "
    "`holder=operator,ip=analyst`",
    "campos JSON das mensagens, cabeçalhos ou `key`, e o papel a partir do qual são vistos, como "
    "em `holder=operator,ip=analyst`",
)
CONSOLE_READ_ONLY = Variable(
    "CONSOLE_READ_ONLY",
    parse.choice("0", "1"),
    "0",
    "1: nothing can be changed through the Kafka UI, whoever asks",
    "1: nada pode ser alterado pela Kafka UI, seja quem for",
)
WORKSHOP_RUN = Variable(
    "WORKSHOP_RUN",
    parse.choice("native", "compose"),
    "native",
    "how the system runs; docker-compose.yml sets `compose`",
    "como o sistema roda; o docker-compose.yml define `compose`",
)
WORKSHOP_LANG = Variable(
    "WORKSHOP_LANG",
    parse.language,
    "",
    "`pt-BR` or `en`; unset: what `LANG` says",
    "`pt-BR` ou `en`; sem valor: o que `LANG` diz",
)
WORKSHOP_DATA = Variable(
    "WORKSHOP_DATA",
    parse.folder,
    str(PROJECT_FOLDER / ".workshop"),
    "folder of the cluster's data and logs; default `.workshop` here",
    "pasta dos dados e logs do cluster; padrão `.workshop` aqui",
)
WORKSHOP_CACHE = Variable(
    "WORKSHOP_CACHE",
    parse.optional_path,
    "",
    "folder of the downloaded jars, and of the archives made of them, at most 4 of 60 MB; "
    "default `kafka-workshop` in the user's cache folder",
    "pasta dos jars baixados e dos arquivos de classes feitos deles, no máximo 4 de 60 MB; "
    "padrão `kafka-workshop` na pasta de cache do usuário",
)
ZOOKEEPER_PORT = Variable(
    "ZOOKEEPER_PORT", parse.port, "2181", "port of ZooKeeper", "porta do ZooKeeper"
)
ZOOKEEPER_CONNECT = Variable(
    "ZOOKEEPER_CONNECT",
    parse.servers,
    "127.0.0.1:2181",
    "ZooKeeper whose tree the Kafka UI shows, `host:port`; `up` sets it",
    "ZooKeeper cuja árvore a Kafka UI mostra, `host:porta`; o `up` define",
)
BROKER_PORTS = Variable(
    "BROKER_PORTS",
    parse.ports,
    "9091,9092,9093",
    "ports of broker-1, broker-2, broker-3",
    "portas de broker-1, broker-2, broker-3",
)
COORDINATION = Variable(
    "COORDINATION",
    parse.choice("zookeeper", "kraft", fold=str.lower),
    "zookeeper",
    "how brokers coordinate: `zookeeper` (Kafka 3.9) or `kraft` (Kafka 4.4)",
    "como os brokers se coordenam: `zookeeper` (Kafka 3.9) ou `kraft` (Kafka 4.4)",
)
CONTROLLER_PORTS = Variable(
    "CONTROLLER_PORTS",
    parse.ports,
    "9191,9192,9193",
    "ports of the controllers in broker-1, broker-2, broker-3; only with `kraft`",
    "portas dos controllers em broker-1, broker-2, broker-3; só com `kraft`",
)
BROKER_HEAP = Variable(
    "BROKER_HEAP",
    parse.byte_count(256 * 10**6, 64 * 10**9),
    "512MB",
    "Java heap of each broker",
    "heap Java de cada broker",
)
STORAGE = Variable(
    "STORAGE",
    parse.byte_count(500 * 10**6, 10**15),
    "2GB",
    "disk that all topics together may use, replicas included",
    "disco que todos os tópicos juntos podem usar, réplicas incluídas",
)

VARIABLES: tuple[Variable[object], ...] = tuple(
    value for value in list(globals().values()) if isinstance(value, Variable)
)
