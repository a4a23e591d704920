"""Figures as a JSON file."""

import json
from collections.abc import Mapping
from pathlib import Path

from kafka_workshop.errors import UserError
from kafka_workshop.language import tr


def write(file: Path, figures: Mapping[str, object]) -> None:
    """Write figures into a file; its folder is made if it is not there.

    Raises:
        UserError: it cannot be written.
    """
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    except OSError as error:
        reason = error.strerror or str(error)
        raise UserError(
            tr(
                "--json {file}: cannot be written ({reason})",
                "--json {file}: não foi possível gravar ({reason})",
                file=file,
                reason=reason,
            )
        ) from None
