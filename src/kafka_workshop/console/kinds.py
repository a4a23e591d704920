"""The kinds of transaction in words: short enough for a table and for a bar."""

from kafka_workshop.language import tr


def kind_text(kind: str) -> str:
    """Return a kind of transaction in words; its name where it is none of ours."""
    return {
        "pix": "Pix",
        "card_present": tr("card, present", "cartão presente"),
        "card_not_present": tr("card, online", "cartão online"),
        "transfer": tr("transfer", "transferência"),
        "boleto": "boleto",
        "withdrawal": tr("withdrawal", "saque"),
    }.get(kind, kind)
