"""Every sentence a person reads, in English and in Brazilian Portuguese, side by side.

A sentence is written where it is used, in both languages at once, so neither can be forgotten:

>>> tr("Waiting for {what}", "Aguardando {what}", what="broker-1", language="pt-BR")
'Aguardando broker-1'

Keys of structured logs and names of settings stay English in both.
"""

from collections.abc import Mapping
from contextvars import ContextVar
from typing import Literal, get_args

Language = Literal["en", "pt-BR"]
LANGUAGES: tuple[Language, ...] = get_args(Language)

# A context variable, because the console speaks both languages at once, one a browser.
_current: ContextVar[Language] = ContextVar("language", default="en")


def from_environment(environment: Mapping[str, str]) -> Language:
    """Return the language that `WORKSHOP_LANG`, else `LC_ALL`, else `LANG` asks for.

    >>> from_environment({"LANG": "pt_BR.UTF-8"})
    'pt-BR'
    >>> from_environment({"LANG": "pt_BR.UTF-8", "WORKSHOP_LANG": "en"})
    'en'
    """
    for name in ("WORKSHOP_LANG", "LC_ALL", "LANG"):
        value = environment.get(name, "")
        if value:
            return "pt-BR" if value.lower().startswith("pt") else "en"
    return "en"


def use(language: Language) -> None:
    """Make `language` the language of this context from now on."""
    _current.set(language)


def current() -> Language:
    """Return the language of this context."""
    return _current.get()


def tr(en: str, pt: str, *, language: Language | None = None, **values: object) -> str:
    """Return the sentence in the language of this context, its `{names}` filled from `values`."""
    text = pt if (language or _current.get()) == "pt-BR" else en
    return text.format(**values) if values else text
