"""A replay: what it sends, when and in which order; where it stops and goes on; its score."""

import signal
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kafka_workshop.clock import Deadline
from kafka_workshop.domain.label import CompleteUntil, Label
from kafka_workshop.domain.transaction import Transaction
from kafka_workshop.errors import DeliveryFailed, UserError
from kafka_workshop.messaging.codec import decode
from kafka_workshop.messaging.label_codec import decode_label
from kafka_workshop.messaging.topics import MonitorTopics
from kafka_workshop.monitor.backtest.lines import events_of
from kafka_workshop.monitor.score.judge import judge
from kafka_workshop.monitor.score.known import Known
from kafka_workshop.monitor.score.publish import decode_score, publish
from kafka_workshop.replay.held import Held, TooMuchFraud
from kafka_workshop.replay.mapping import InvalidMapping, load_mapping
from kafka_workshop.replay.names import InvalidTopic, checked, topic_of
from kafka_workshop.replay.opening import open_rows
from kafka_workshop.replay.pace import EventPace, InvalidSpeed, speed_of
from kafka_workshop.replay.rejects import InvalidRejects, Rejects
from kafka_workshop.replay.run import Replay, examine
from kafka_workshop.replay.sinks import KafkaSink
from kafka_workshop.settings.parse import name as kafka_name
from kafka_workshop.shutdown import Stop
from tests.support import command
from tests.support.datasets import HANDBOOK, csv_of, handbook_rows
from tests.support.memory_log import PARTITIONS, Log, MemoryProducer

DAY_MS = 86_400_000
TOPIC, LABELS = "replay-x", "replay-x.labels"
HANDBOOK_MAP = load_mapping("handbook")
COUNT = 800  # half an hour apart: more than two weeks


def nothing() -> None:
    """Have nothing to do while a replay goes on."""


class Played:
    """A replay into memory, as the command does it."""

    def __init__(self, folder: Path, rows: Iterable[str] = (), **options: int) -> None:
        self.log = Log()
        self.producer = MemoryProducer(self.log)
        self.sink = KafkaSink(self.producer, TOPIC, range(PARTITIONS))
        self.rejects = Rejects(folder / "rejects.csv")
        self.path = csv_of(folder, rows or handbook_rows(COUNT))
        self.replay = Replay(
            HANDBOOK_MAP, self.sink, self.rejects, EventPace(None), options.get("after_line", 0)
        )

    def run(self, stop: Stop | None = None) -> "Played":
        self.rejects.open()
        self.replay.run(open_rows(self.path), stop or Stop(), nothing)
        assert self.sink.settle(Deadline(5)) == 0
        self.rejects.close()
        return self

    @property
    def transactions(self) -> list[Transaction]:
        return [decode(message.value) for message in self.log.of(TOPIC)]

    @property
    def labels(self) -> list[Label]:
        records = (decode_label(message.value) for message in self.log.of(LABELS))
        return [record for record in records if isinstance(record, Label)]


def test_every_row_is_a_transaction_and_every_fraud_a_label(tmp_path: Path) -> None:
    played = Played(tmp_path).run()
    ids = Counter(transaction.transaction_id for transaction in played.transactions)
    assert ids == Counter(str(number) for number in range(COUNT))
    labelled = Counter(label.transaction_id for label in played.labels)
    assert labelled == Counter(str(number) for number in range(9, COUNT, 10))
    assert {label.scenario for label in played.labels} == {
        "large_amount",
        "compromise",
        "account_takeover",
    }
    journey = played.replay.journey
    assert (journey.transactions, journey.labels, journey.ended) == (COUNT, COUNT // 10, True)
    assert not played.rejects.path.exists()


def test_both_topics_are_keyed_by_account_and_so_partitioned(tmp_path: Path) -> None:
    played = Played(tmp_path).run()
    places: dict[bytes, set[int]] = {}
    for message in played.log.stored:
        if message.key is not None:
            places.setdefault(message.key, set()).add(message.partition)
    assert set(places) == {str(account).encode() for account in range(17)}
    assert {len(partitions) for partitions in places.values()} == {1}


def test_a_label_comes_when_event_time_has_reached_it_and_the_last_ones_at_the_end(
    tmp_path: Path,
) -> None:
    clock, due = 0, list[int]()
    played = Played(tmp_path)
    for kind, instant in hand_overs(played):
        if kind == "label":
            due.append(instant)
            continue
        before, clock = clock, max(clock, instant)
        assert all(before < available <= clock for available in due)
        due.clear()
    at_the_end = [number for number in range(9, COUNT, 10) if number + 7 * 48 >= COUNT]
    assert len(due) == len(at_the_end)
    assert min(due) > clock


def hand_overs(played: Played) -> list[tuple[str, int]]:
    """Run, and return what was handed over, in order, with the instant that counts of it."""
    found: list[tuple[str, int]] = []
    transaction, label = played.sink.transaction, played.sink.label

    class Noting(KafkaSink):
        def transaction(self, said: Transaction, line: int, /) -> None:
            found.append(("transaction", said.occurred_at))
            transaction(said, line)

        def label(self, said: Label, line: int, /) -> None:
            found.append(("label", said.available_at))
            label(said, line)

    noting = Noting(played.producer, TOPIC, range(PARTITIONS))
    pace = EventPace(None)
    Replay(HANDBOOK_MAP, noting, played.rejects, pace).run(open_rows(played.path), Stop(), nothing)
    return found


@pytest.mark.parametrize("seed", range(5))
def test_no_word_that_labels_are_complete_is_ever_wrong(tmp_path: Path, seed: int) -> None:
    """Whatever is stored when: in each partition, the labels of before stand before the word."""
    random = Random(seed)
    played = Played(tmp_path, handbook_rows(500, 3))

    class Slow(MemoryProducer):
        def poll(self) -> None:
            if random.random() < 0.05:
                self.some(random)

    slow = Slow(played.log)
    sink = KafkaSink(slow, TOPIC, range(PARTITIONS))
    rows = open_rows(played.path)
    Replay(HANDBOOK_MAP, sink, played.rejects, EventPace(None)).run(rows, Stop(), nothing)
    while sink.waits:
        MemoryProducer.poll(slow)
        sink.show()
    complete = dict.fromkeys(range(PARTITIONS), 0)
    for message in played.log.of(LABELS):
        record = decode_label(message.value)
        if isinstance(record, CompleteUntil):
            complete[message.partition] = record.until
        else:
            assert record.occurred_at > complete[message.partition]
    assert set(complete.values()) == {max(t.occurred_at for t in played.transactions)}


def test_a_label_that_was_refused_keeps_the_word_back_and_ends_the_replay(tmp_path: Path) -> None:
    played = Played(tmp_path, handbook_rows(COUNT, 9))  # the first fraud, row 8, at a full hour
    refusing = MemoryProducer(played.log, lambda topic, key: topic == LABELS and key is not None)
    sink = KafkaSink(refusing, TOPIC, range(PARTITIONS))
    replayed = Replay(HANDBOOK_MAP, sink, played.rejects, EventPace(None))
    with pytest.raises(DeliveryFailed):
        replayed.run(open_rows(played.path), Stop(), nothing)
    assert sink.settle(Deadline(5)) > 0
    words = [decode_label(message.value) for message in played.log.of(LABELS)]
    first_fraud = played.transactions[8]
    assert all(isinstance(w, CompleteUntil) and w.until < first_fraud.occurred_at for w in words)
    # its label was due with the row of 7 days later, which is not confirmed for it
    assert sink.confirmed(replayed.journey.line) == 2 + 8 + 7 * 48 - 1


def test_bad_rows_are_in_the_rejects_with_line_and_reason_and_nowhere_else(tmp_path: Path) -> None:
    rows = list(handbook_rows(6))
    rows[2] = rows[2].replace("12.02", "12,02")
    rows[4] = rows[4].replace("14.04", "minus")
    played = Played(tmp_path, rows).run()
    assert {t.transaction_id for t in played.transactions} == {"0", "1", "3", "5"}
    assert len(played.transactions) == 4
    header, *lines = played.rejects.path.read_text("utf-8").splitlines()
    assert header == "line,reason"
    assert lines[0] == "4,10 columns instead of 9"
    assert lines[1].startswith("6,")
    assert "TX_AMOUNT='minus'" in lines[1]
    assert played.rejects.count == len(lines) == 2


def test_rows_out_of_order_are_sent_where_they_stand_and_counted(tmp_path: Path) -> None:
    rows = list(handbook_rows(10, fraud_every=100))
    rows.insert(9, rows.pop(3))
    played = Played(tmp_path, rows).run()
    journey = played.replay.journey
    assert (journey.late, journey.most_late_ms) == (1, 6 * 1_800_000)
    assert [kind for kind, _ in hand_overs(played)] == ["transaction"] * 10


class StopAfter(Stop):
    """Asks for the end when it was looked at so often."""

    def __init__(self, looks: int) -> None:
        super().__init__()
        self._left = looks

    @property
    def requested(self) -> bool:
        self._left -= 1
        return self._left < 0

    @requested.setter
    def requested(self, value: bool) -> None:
        assert value is False


@settings(max_examples=12)
@given(st.integers(min_value=1, max_value=2 * COUNT))
def test_what_was_interrupted_and_gone_on_with_is_the_whole_and_nothing_twice(
    tmp_path_factory: pytest.TempPathFactory, looks: int
) -> None:
    folder = tmp_path_factory.mktemp("rest")
    begun = Played(folder).run(StopAfter(looks))
    line = begun.sink.confirmed(begun.replay.journey.line)
    assert line == begun.replay.journey.line
    rest = Played(folder, after_line=line).run()
    whole = Played(folder).run()
    both = begun.transactions + rest.transactions
    assert Counter(map(str, both)) == Counter(map(str, whole.transactions))
    assert Counter(map(str, begun.labels + rest.labels)) == Counter(map(str, whole.labels))


def test_what_the_monitor_would_take_for_the_future_is_rejected(tmp_path: Path) -> None:
    played = Played(tmp_path, handbook_rows(10, 100))
    latest = 1_522_551_600_000 + 4 * 1_800_000  # the fifth row
    replayed = Replay(HANDBOOK_MAP, played.sink, played.rejects, EventPace(None), latest=latest)
    replayed.run(open_rows(played.path), Stop(), nothing)
    assert played.sink.settle(Deadline(5)) == 0
    assert len(played.transactions) == 5
    assert played.rejects.count == 5
    with pytest.raises(InvalidMapping, match="future"):
        examine(open_rows(played.path), HANDBOOK_MAP, latest=0)


def test_the_same_file_gives_the_same_messages(tmp_path: Path) -> None:
    once, again = Played(tmp_path).run(), Played(tmp_path).run()
    assert once.log.stored == again.log.stored


# The score


def test_the_score_takes_the_labels_of_a_data_set(tmp_path: Path) -> None:
    played = Played(tmp_path).run()
    known = Known()
    for label in played.labels:
        known.add_label(label)
    known.complete_until = max(t.occurred_at for t in played.transactions)
    score = judge(known)
    assert [(row.scenario, row.episodes, row.caught) for row in score.scenarios] == [
        ("account_takeover", 26, 0),
        ("compromise", 27, 0),
        ("large_amount", 27, 0),
    ]
    log = Log()
    producer = MemoryProducer(log)
    publish(producer, "score", score, lambda _answer: None)
    producer.poll()
    assert decode_score(log.stored[0].value) == score


def environment() -> dict[str, str]:
    return {"WORKSHOP_LANG": "en", "COLUMNS": "200"}


def workshop(*words: str, lang: str = "en") -> command.Answer:
    return command.workshop(words, environment() | {"WORKSHOP_LANG": lang})


def test_a_file_of_json_lines_is_what_the_backtest_reads_and_judges(tmp_path: Path) -> None:
    path, target = csv_of(tmp_path, handbook_rows(COUNT)), tmp_path / "set.jsonl"
    answer = workshop("replay", str(path), "--map", "handbook", "--to", str(target))
    assert answer.returncode == 0, answer.stderr
    assert "800 transactions" in answer.stdout
    assert "80 labels" in answer.stdout
    assert "no row rejected" in answer.stdout
    events = list(events_of(target))
    assert sum(isinstance(event, Transaction) for event in events) == COUNT
    judged = workshop("monitor", "backtest", "--file", str(target), "--json")
    assert judged.returncode == 0, judged.stderr
    assert '"unspecified"' not in judged.stdout
    assert '"large_amount"' in judged.stdout


def test_what_is_rejected_is_said_in_both_languages(tmp_path: Path) -> None:
    path = csv_of(tmp_path, [*handbook_rows(3), "torn"])
    words = ("replay", str(path), "--map", "handbook", "--to", str(tmp_path / "set.jsonl"))
    assert f"1 rows rejected; line and reason of each: {tmp_path}" in workshop(*words).stdout
    assert "1 linhas rejeitadas" in workshop(*words, lang="pt-BR").stdout
    assert (tmp_path / "small set.rejects.csv").exists()


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--map", "handbok"), "mapping handbok can't be read"),
        (("--map", "sparkov"), "the file has no column 'trans_date_trans_time' (time)"),
        (("--map", "handbook", "--speed", "0"), "--speed '0' is not allowed: max, or a number"),
        (("--map", "handbook", "--speed", "fast"), "--speed 'fast' is not allowed"),
        (("--map", "handbook", "--topic", "a b"), "--topic 'a b' is not allowed: 1 to 100 letters"),
        (("--map", "handbook", "--topic", ""), "--topic '' is not allowed"),
        (("--map", "handbook", "--topic", "transactions"), "the producer's own topic"),
        (("--map", "handbook", "--to", "{file}"), "read and written at once"),
        (("--map", "handbook", "--to", "{folder}/x", "--after-line", "2"), "--to writes a whole"),
        (("--map", "handbook", "--to", "{folder}/no/x"), "can't be written: No such file"),
        (
            ("--map", "handbook", "--to", "{folder}/x", "--rejects", "{folder}/no/x"),
            "--rejects PATH",
        ),
        ((), "--map is missing"),
    ],
)
def test_what_cannot_work_is_refused_with_one_sentence(
    tmp_path: Path, words: tuple[str, ...], sentence: str
) -> None:
    path = csv_of(tmp_path, handbook_rows(3))
    filled = [word.format(file=path, folder=tmp_path) for word in words]
    answer = workshop("replay", str(path), *filled)
    assert answer.returncode == 2
    assert sentence in answer.stderr
    assert "Traceback" not in answer.stderr
    assert path.read_text("utf-8").startswith(HANDBOOK)


def test_without_brokers_it_says_what_needs_none(tmp_path: Path) -> None:
    path = csv_of(tmp_path, handbook_rows(3))
    variables = environment() | {"BOOTSTRAP_SERVERS": "127.0.0.1:9"}
    answer = command.workshop(("replay", str(path), "--map", "handbook"), variables)
    assert answer.returncode == 1
    assert "./workshop up starts the cluster; --to FILE.jsonl needs none" in answer.stderr
    assert not (tmp_path / "small set.rejects.csv").exists()


def test_ctrl_c_ends_a_slow_replay_and_says_how_far_it_came(tmp_path: Path) -> None:
    path, target = csv_of(tmp_path, handbook_rows(50)), tmp_path / "set.jsonl"
    signal.setitimer(signal.ITIMER_REAL, 0.5)
    before = signal.signal(signal.SIGALRM, lambda *_: signal.raise_signal(signal.SIGINT))
    try:
        words = ("--map", "handbook", "--to", str(target), "--speed", "1")
        answer = workshop("replay", str(path), *words)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    assert answer.returncode == 130
    assert "Not the whole file: up to line 2." in answer.stdout
    assert len(target.read_bytes().splitlines()) == 1


# Its parts


def test_speed_is_event_time_divided_by_wall_time() -> None:
    now = 100.0
    pace = EventPace(60.0, lambda: now)
    assert pace.due_in(1_000_000) == 0
    assert pace.due_in(1_000_000 + 60_000) == pytest.approx(1.0)
    now = 101.5
    assert pace.due_in(1_000_000 + 60_000) == pytest.approx(-0.5)
    assert pace.due_in(0) < 0  # what is late waits for nobody
    assert EventPace(None).due_in(10**12) == 0


def test_a_speed_is_max_or_a_positive_number() -> None:
    assert (speed_of("max"), speed_of("3600"), speed_of("0.5")) == (None, 3600.0, 0.5)
    for text in ("0", "-1", "1e9", "inf", "", "MAX"):
        with pytest.raises(InvalidSpeed):
            speed_of(text)


def test_more_waiting_labels_than_are_held_are_refused_not_dropped(tmp_path: Path) -> None:
    labels = Played(tmp_path).run().labels[:3]
    held = Held(most=2)
    for label in labels[:2]:
        held.hold(label)
    with pytest.raises(TooMuchFraud, match="2 frauds wait"):
        held.hold(labels[2])
    assert list(held.until(labels[0].available_at)) == labels[:1]


@pytest.mark.parametrize(
    "file",
    ["fraudTrain.csv", "Ação & reação.csv", "...csv", "-.csv", "transactions.csv", "a" * 240],
)
def test_every_file_has_a_topic_whose_monitor_has_names_that_kafka_takes(file: str) -> None:
    topic = checked(topic_of(Path(file)))
    names = MonitorTopics(topic, topic)
    for each in (topic, *names.all, names.score, names.triage, names.merchant_group):
        assert kafka_name(f"{each}.dlq")


def test_the_topic_of_the_producer_is_not_for_a_data_set() -> None:
    with pytest.raises(InvalidTopic, match="producer's own"):
        checked("transactions")


def test_rejects_begin_anew_and_never_overwrite_what_is_not_theirs(tmp_path: Path) -> None:
    path = tmp_path / "rejects.csv"
    for _ in range(2):
        rejects = Rejects(path)
        rejects.open()
        rejects.add(3, "because, of that")
        rejects.close()
    assert path.read_text("utf-8").splitlines() == ["line,reason", '3,"because, of that"']
    path.write_text("thesis\n")
    with pytest.raises(InvalidRejects, match="no file of rejects"):
        Rejects(path).open()
    assert path.read_text() == "thesis\n"


def test_every_refusal_is_the_persons_to_mend() -> None:
    assert {error.exit_code for error in (InvalidRejects, InvalidSpeed, InvalidTopic)} == {2}
    assert issubclass(TooMuchFraud, UserError)
