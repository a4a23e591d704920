"""Which past `monitor backtest` runs over: seeds, a file, or the topic's messages."""

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from kafka_workshop.errors import UserError
from kafka_workshop.language import tr
from kafka_workshop.messaging.topics import labels_topic
from kafka_workshop.monitor.backtest.lines import events_of
from kafka_workshop.monitor.backtest.past import Past, bound
from kafka_workshop.monitor.backtest.run import Event
from kafka_workshop.monitor.backtest.simulated import Simulation
from kafka_workshop.settings import CONSUMER_GROUP, TOPIC, chosen_servers, producer_settings
from kafka_workshop.simulator.fraud.overlay import MIN_ACCOUNTS
from kafka_workshop.simulator.fraud.plan import MIN_HISTORY_DAYS

MAX_SEED = 2**32 - 1


class WrongCall(UserError):
    """The options do not say which past to run over, or contradict each other."""


class Source(NamedTuple):
    """What to run over; `past` where it is the topic's, `cut` where that begins in the middle."""

    name: str
    events: Iterator[Event]
    past: Past | None = None
    cut: bool = False


def seeds_of(seed: int | None, seeds: str | None) -> range | None:
    """Return the seeds that --seed or --seeds names, None without both.

    Raises:
        WrongCall: they name none, or contradict each other.
    """
    if seeds is None:
        return None if seed is None else range(seed, seed + 1)
    found = re.fullmatch(r"([0-9]{1,10})-([0-9]{1,10})", seeds)
    if seed is not None or not found or not int(found[1]) <= int(found[2]) <= MAX_SEED:
        raise WrongCall(
            tr(
                "--seeds {seeds!r}: two seeds from 0 to {most}, the smaller first, such as "
                "100-119, and no --seed beside it",
                "--seeds {seeds!r}: duas sementes de 0 a {most}, a menor primeiro, como 100-119, "
                "e sem --seed ao lado",
                seeds=seeds,
                most=MAX_SEED,
            )
        )
    return range(int(found[1]), int(found[2]) + 1)


def pasts(
    seeds: range | None,
    live: int,
    file: Path | None,
    topic: bool,
    limits: tuple[str | None, str | None],
) -> Iterator[Source]:
    """Return the pasts to run over.

    Raises:
        UserError: the options do not say which, or ask for what can't be.
    """
    if sum((seeds is not None, file is not None, topic)) != 1:
        raise WrongCall(
            tr(
                "Over what? One of --seed N, --seeds N-M, --file FILE, --topic is wanted.",
                "Sobre o quê? Use um de --seed N, --seeds N-M, --file ARQUIVO, --topic.",
            )
        )
    if not topic and any(limits):
        raise WrongCall(tr("--from and --to go with --topic.", "--from e --to acompanham --topic."))
    if seeds is not None:
        simulation = _simulation(live)
        return (Source(str(seed), simulation.events(seed)) for seed in seeds)
    if file is not None:
        return iter([Source(str(file), events_of(file))])
    return iter([_topic(limits)])


def _simulation(live: int) -> Simulation:
    """The history that a first start would have, and its rate."""
    settings = producer_settings(os.environ)
    simulation = Simulation(
        accounts=settings.accounts,
        history=settings.history_transactions if settings.history_days else 0,
        days=settings.history_days,
        live=live,
        rate=settings.rate,
        fraud=settings.fraud_rate,
        sleepers=settings.history_days >= MIN_HISTORY_DAYS,
    )
    if simulation.fraud and simulation.accounts < MIN_ACCOUNTS:
        raise WrongCall(
            tr(
                "ACCOUNTS={n}: fraud needs at least {least} accounts",
                "ACCOUNTS={n}: a fraude precisa de pelo menos {least} contas",
                n=simulation.accounts,
                least=MIN_ACCOUNTS,
            )
        )
    return simulation


def _topic(limits: tuple[str | None, str | None]) -> Source:
    begin, end = (
        bound(option, text) if text is not None else None
        for option, text in zip(("--from", "--to"), limits, strict=True)
    )
    name, group = TOPIC.read(os.environ), CONSUMER_GROUP.read(os.environ)
    past = Past(chosen_servers(os.environ), name, group, labels_topic(name))
    return Source(name, past.events(begin, end), past, begin is not None)
