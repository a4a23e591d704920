"""Scores of several runs in one: the counts added up, so that every run weighs by its events."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

from kafka_workshop.domain.label import ALL_SCENARIOS, Scenario
from kafka_workshop.monitor.score.result import (
    BudgetScore,
    CardPrecision,
    RuleScore,
    ScenarioScore,
    Score,
    in_order,
)


def combined(scores: Sequence[Score]) -> Score:
    """Return the score of all runs together; the runs have nothing in common but the rules.

    Raises:
        ValueError: there is none.
    """
    if not scores:
        raise ValueError("at least one score")
    return Score(
        since=min(score.since for score in scores),
        complete_until=max(score.complete_until for score in scores),
        days=sum(score.days for score in scores),
        rules=_rules(rule for score in scores for rule in score.rules),
        scenarios=_scenarios(scenario for score in scores for scenario in score.scenarios),
        cards=_cards([score.cards for score in scores]),
        waiting=sum(score.waiting for score in scores),
        budgets=_budgets(budget for score in scores for budget in score.budgets),
    )


def _rules(rules: Iterable[RuleScore]) -> tuple[RuleScore, ...]:
    sums: dict[tuple[str, bool], list[int]] = defaultdict(lambda: [0, 0, 0])
    for rule in rules:
        count = sums[rule.rule, rule.policy]
        for place, more in enumerate((rule.alerts, rule.right, rule.alone)):
            count[place] += more
    names = sorted(sums, key=in_order)
    return tuple(RuleScore(name, policy, *sums[name, policy]) for name, policy in names)


def _scenarios(scenarios: Iterable[ScenarioScore]) -> tuple[ScenarioScore, ...]:
    sums: dict[Scenario, list[int]] = defaultdict(lambda: [0, 0])
    by_rule: dict[Scenario, Counter[str]] = defaultdict(Counter)
    for scenario in scenarios:
        count = sums[scenario.scenario]
        count[0] += scenario.episodes
        count[1] += scenario.caught
        by_rule[scenario.scenario].update(scenario.by_rule)
    return tuple(
        ScenarioScore(name, sums[name][0], sums[name][1], dict(sorted(by_rule[name].items())))
        for name in ALL_SCENARIOS
        if name in sums
    )


def _budgets(budgets: Iterable[BudgetScore]) -> tuple[BudgetScore, ...]:
    sums: dict[int, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for each in budgets:
        count = sums[each.per_day]
        for place, more in enumerate((each.looked_at, each.right, each.caught, each.episodes)):
            count[place] += more
    return tuple(BudgetScore(per_day, *sums[per_day]) for per_day in sorted(sums))


def _cards(cards: list[CardPrecision]) -> CardPrecision:
    return CardPrecision(
        max(card.k for card in cards),
        sum(card.days for card in cards),
        sum(card.looked_at for card in cards),
        sum(card.defrauded for card in cards),
    )
