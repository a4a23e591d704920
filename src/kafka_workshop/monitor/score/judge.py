"""The score: a pure function of what is known, the same in any order and however often read.

- **Episode recall**: the share of episodes with an alert of one of their accounts, raised before
  the first label became available, whose window overlaps the account's part in the episode. That
  the windows must overlap is stricter than "an alert before the label": nobody gains by alerts
  about an account's quiet weeks.
- **Alert precision**: the share of alerts whose window overlaps an episode of their account, or
  terminal (see `Matches`).
- Only what is mature counts: episodes and alerts that ended by `Known.complete_until`.
- A rule's **marginal contribution**: the episodes that it alone caught. Rules don't see each other,
  so without it they, and nothing else, are missed.
- Policies are limits to keep, no signs of fraud: they catch nothing and are counted apart.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable

from kafka_workshop.domain.label import ALL_SCENARIOS, Scenario
from kafka_workshop.monitor.score.budget import budget_scores
from kafka_workshop.monitor.score.cards import card_precision
from kafka_workshop.monitor.score.episodes import Episode, Matches, episodes_of
from kafka_workshop.monitor.score.known import Known, Raised
from kafka_workshop.monitor.score.result import RuleScore, ScenarioScore, Score, in_order

DAY_MS = 86_400_000
LOOKED_AT = 10  # accounts a day, for the card precision


def judge(known: Known, k: int = LOOKED_AT) -> Score:
    """Return the score of what is known, with the card precision at `k` accounts a day."""
    until = known.complete_until
    episodes = episodes_of(known.labels)
    matches = Matches((alert for alert in known.alerts if not alert.policy), episodes)
    mature = [alert for alert in known.alerts if alert.end <= until]
    complete = [episode for episode in episodes if episode.last <= until]
    told = _told(complete, matches)
    signs = [alert for alert in mature if not alert.policy]
    since = _since(known)
    return Score(
        since=since,
        complete_until=until,
        days=max(0, until - since) / DAY_MS,
        rules=_rules(mature, matches, _alone(told)),
        scenarios=_scenarios(told),
        cards=card_precision(signs, known.labels, until, k),
        waiting=sum(alert.end > until for alert in known.alerts),
        budgets=budget_scores(known.alerts, complete, matches, until),
    )


def _since(known: Known) -> int:
    if known.since is not None:
        return known.since
    seen = [label.occurred_at for label in known.labels]
    return min([*seen, *(alert.start for alert in known.alerts)], default=0)


# For each episode of a scenario, the rules that caught it in time.
_Told = dict[Scenario, list[set[str]]]


def _told(episodes: Iterable[Episode], matches: Matches) -> _Told:
    together: _Told = defaultdict(list)
    for episode in episodes:
        together[episode.scenario].append({alert.rule for alert in matches.in_time(episode)})
    return together


def _alone(told: _Told) -> Counter[str]:
    caught = (rules for episodes in told.values() for rules in episodes)
    return Counter(next(iter(rules)) for rules in caught if len(rules) == 1)


def _rules(
    alerts: Iterable[Raised], matches: Matches, alone: Counter[str]
) -> tuple[RuleScore, ...]:
    counts: dict[tuple[str, bool], list[int]] = defaultdict(lambda: [0, 0])
    for alert in alerts:
        count = counts[alert.rule, alert.policy]
        count[0] += 1
        count[1] += matches.is_right(alert)
    return tuple(
        RuleScore(rule, policy, count, right, 0 if policy else alone[rule])
        for (rule, policy), (count, right) in sorted(
            counts.items(), key=lambda own: in_order(own[0])
        )
    )


def _scenarios(told: _Told) -> tuple[ScenarioScore, ...]:
    return tuple(
        ScenarioScore(name, len(told[name]), _caught(told[name]), _by_rule(told[name]))
        for name in ALL_SCENARIOS
        if name in told
    )


def _caught(episodes: list[set[str]]) -> int:
    return sum(bool(rules) for rules in episodes)


def _by_rule(episodes: list[set[str]]) -> dict[str, int]:
    return dict(sorted(Counter(rule for rules in episodes for rule in rules).items()))
