"""Which decisions about alerts may be written."""

from kafka_workshop.domain.triage import MAX_NOTE
from kafka_workshop.language import tr
from kafka_workshop.messaging.triage_codec import is_alert_id


def why_not(alert_id: str, note: str) -> str:
    """Return why a decision may not be written, as a sentence; empty if it may."""
    if not is_alert_id(alert_id):
        return tr(
            "This alert's id is none that a rule gives: 16 hexadecimal digits.",
            "O id deste alerta não é dado por regra alguma: 16 dígitos hexadecimais.",
        )
    if len(note) > MAX_NOTE:
        return tr(
            "The note has {n} characters; at most {limit} are allowed.",
            "A nota tem {n} caracteres; são permitidos no máximo {limit}.",
            n=len(note),
            limit=MAX_NOTE,
        )
    return ""
