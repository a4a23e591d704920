"""The rules' parameters from the file that `MONITOR_RULES` names."""

from pathlib import Path

from kafka_workshop.domain.rulebook import RuleBook, default_rules, parse
from kafka_workshop.errors import InvalidRules
from kafka_workshop.language import tr


def load_rules(path: Path | None) -> RuleBook:
    """Return the rules of a file, those of the package if there is none.

    Raises:
        InvalidRules: the file can't be read, or says something that is not allowed.
    """
    if path is None:
        return default_rules()
    try:
        return parse(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "UTF-8"
        raise InvalidRules(
            tr(
                "MONITOR_RULES={path} can't be read: {why}",
                "MONITOR_RULES={path} não pode ser lido: {why}",
                path=path,
                why=why,
            )
        ) from None
    except InvalidRules as error:
        raise InvalidRules(f"{path}: {error}") from None
