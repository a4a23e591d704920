"""What the protocol found as a table for people, and as figures for programs."""

from collections.abc import Iterable, Mapping

from kafka_workshop.language import current, tr
from kafka_workshop.monitor.risk.protocol import PUBLISHED, Found, Rules
from kafka_workshop.monitor.score.words import number

_CURVE_POINTS = 200


def headline(found: Found) -> str:
    """Return the three figures in one line."""
    return tr(
        "AUC ROC {auc}, average precision {average}, card precision@{top} {cards}",
        "AUC ROC {auc}, precisão média {average}, precisão de cartões@{top} {cards}",
        auc=share(found.auc_roc),
        average=share(found.average_precision),
        top=found.top,
        cards=share(found.card_precision),
    )


def basis(found: Found) -> str:
    """Return on what that stands."""
    return tr(
        "{first} to {last}: {n} transactions of accounts not yet known to be defrauded, {frauds} "
        "of them fraud ({rate} %)",
        "{first} a {last}: {n} transações de contas ainda não conhecidas como fraudadas, {frauds} "
        "delas fraude ({rate} %)",
        first=found.days[0].day,
        last=found.days[-1].day,
        n=number(found.transactions),
        frauds=number(found.frauds),
        rate=_decimal(f"{found.frauds / found.transactions * 100:.3f}"),
    )


def share(value: float) -> str:
    """Return a share with three decimals, as the person's language writes it."""
    return _decimal(f"{value:.3f}")


def _decimal(text: str) -> str:
    return text.replace(".", ",") if current() == "pt-BR" else text


def markdown(found: Found, rules: Rules, topic: str, models: Mapping[str, int]) -> str:
    """Return the report: figures, how they came about, a row a day; the curve is beside it."""
    title = tr("Scores of {topic}", "Pontuações de {topic}", topic=topic)
    parts = (
        f"# {title}",
        basis(found) + ".",
        _figures(found, models),
        f"![{tr('Precision and recall', 'Precisão e recall')}](precision-recall.svg)",
        f"## {tr('Day by day', 'Dia a dia')}",
        _days(found),
        f"## {tr('How it was judged', 'Como foi avaliado')}",
        _method(found, rules),
    )
    return "\n\n".join(parts) + "\n"


def _figures(found: Found, models: Mapping[str, int]) -> str:
    figures = found.auc_roc, found.average_precision, found.card_precision
    head = (
        "",
        "AUC ROC",
        tr("Average precision", "Precisão média"),
        tr("Card precision@{k}", "Precisão de cartões@{k}", k=found.top),
    )
    rows = [
        (f"**{', '.join(sorted(models))}**", *(f"**{share(figure)}**" for figure in figures)),
        *((f"Handbook, {each.model} ¹", *map(share, each[1:])) for each in PUBLISHED),
    ]
    note = tr(
        "¹ Published figures, on the data that the Handbook simulates and with its 100 cards a "
        "day; for other data they are no measure.",
        "¹ Números publicados, com os dados que o Handbook simula e 100 cartões por dia; para "
        "outros dados não são medida.",
    )
    return f"{_table(head, rows)}\n\n{note}"


def _days(found: Found) -> str:
    head = (
        tr("Day", "Dia"),
        tr("Transactions", "Transações"),
        tr("Frauds", "Fraudes"),
        tr("Looked at", "Contas vistas"),
        tr("Defrauded", "Fraudadas"),
        tr("Precision", "Precisão"),
    )
    rows = (
        (
            str(day.day),
            number(day.transactions),
            number(day.frauds),
            number(day.looked_at),
            number(day.defrauded),
            share(day.precision),
        )
        for day in found.days
    )
    return _table(head, rows)


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    head = tuple(head)
    lines = [head, ("---", *("--:" for _ in head[1:])), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _method(found: Found, rules: Rules) -> str:
    return tr(
        "The protocol of the *Fraud Detection Handbook* (Le Borgne et al., 2022, chapters 4, 5). "
        "Judged are the last {test} whole days of Brasília whose labels are complete (here {n}). "
        "Left out, from the day on at whose beginning that was known: accounts defrauded since "
        "the {train} days of training began, which ended {delay} days before the first day "
        "judged; and accounts found among the first {top} of an earlier day. Each day the {top} "
        "accounts with the highest scores are looked at, ties by id. Equal scores are one "
        "threshold.",
        "O protocolo do *Fraud Detection Handbook* (Le Borgne et al., 2022, capítulos 4 e 5). "
        "São avaliados os últimos {test} dias inteiros de Brasília com rótulos completos (aqui "
        "{n}). Ficam de fora, do dia em cujo início isso já se sabia: contas fraudadas desde o "
        "início dos {train} dias de treino, que terminaram {delay} dias antes do primeiro dia "
        "avaliado; e contas encontradas entre as {top} primeiras de um dia anterior. A cada dia "
        "são vistas as {top} contas com as maiores pontuações, empates pelo id. Pontuações iguais "
        "são um só limiar.",
        test=rules.test_days,
        train=rules.train_days,
        delay=rules.delay_days,
        top=found.top,
        n=len(found.days),
    )


def figures(found: Found, rules: Rules, topic: str, models: Mapping[str, int]) -> dict[str, object]:
    """Return the same for programs; the curve has at most some 200 points."""
    every = max(1, len(found.curve) // _CURVE_POINTS)
    return {
        "protocol": "handbook",
        "topic": topic,
        "models": dict(models),
        "auc_roc": round(found.auc_roc, 6),
        "average_precision": round(found.average_precision, 6),
        f"card_precision_at_{found.top}": round(found.card_precision, 6),
        "transactions": found.transactions,
        "frauds": found.frauds,
        "rules": rules._asdict(),
        "days": [
            {
                "day": str(day.day),
                "transactions": day.transactions,
                "frauds": day.frauds,
                "looked_at": day.looked_at,
                "defrauded": day.defrauded,
            }
            for day in found.days
        ],
        "curve": [
            {
                "threshold": p.threshold,
                "recall": round(p.recall, 6),
                "precision": round(p.precision, 6),
            }
            for p in found.curve[::every]
        ],
    }
