"""The model that scores transactions, from the file that `MONITOR_MODEL` names."""

from pathlib import Path

from kafka_workshop.domain.risk import Model
from kafka_workshop.domain.risk.model import BUILT_IN, parse_model
from kafka_workshop.errors import InvalidModel
from kafka_workshop.language import tr


def load_model(path: Path | None) -> Model:
    """Return the model of a file, the built-in one if there is none.

    Raises:
        InvalidModel: the file can't be read, or says something that is not allowed.
    """
    if path is None:
        return BUILT_IN
    try:
        return parse_model(path.read_bytes())
    except OSError as error:
        raise InvalidModel(
            tr(
                "MONITOR_MODEL={path} can't be read: {why}",
                "MONITOR_MODEL={path} não pode ser lido: {why}",
                path=path,
                why=error.strerror,
            )
        ) from None
    except InvalidModel as error:
        raise InvalidModel(f"{path}: {error}") from None
