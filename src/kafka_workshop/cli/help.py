"""Typer's own words, said in both languages: panels, the help option, mistakes in usage."""

import re

import typer
from typer import rich_utils
from typer.core import TyperCommand, TyperGroup

from kafka_workshop.language import tr

rich_utils.ARGUMENTS_PANEL_TITLE = tr("Arguments", "Argumentos")
rich_utils.OPTIONS_PANEL_TITLE = tr("Options", "Opções")
rich_utils.COMMANDS_PANEL_TITLE = tr("Verbs", "Verbos")
rich_utils.DEFAULT_STRING = tr("[default: {}]", "[padrão: {}]")
rich_utils.REQUIRED_LONG_STRING = tr("[required]", "[obrigatório]")


def _help_text() -> str:
    return tr("Show this help.", "Mostra esta ajuda.")


def _usage(line: str) -> str:
    """Return Typer's line of usage in our words."""
    line = line.replace("Usage:", tr("Usage:", "Uso:"))
    line = line.replace("[OPTIONS]", tr("[OPTIONS]", "[OPÇÕES]"))
    return line.replace("COMMAND [ARGS]...", tr("VERB [ARGUMENTS]...", "VERBO [ARGUMENTOS]..."))


class Group(TyperGroup):
    """The program; its `--help` speaks the person's language."""

    def get_help_option(self, ctx: typer.Context) -> typer.core.TyperOption | None:  # type: ignore[override]
        """Return Typer's option with our words."""
        option = super().get_help_option(ctx)
        if option:
            option.help = _help_text()
        return option

    def get_usage(self, ctx: typer.Context) -> str:  # type: ignore[override]
        """Return Typer's line with our words."""
        return _usage(super().get_usage(ctx))


class Command(TyperCommand):
    """A verb; its `--help` speaks the person's language."""

    def get_help_option(self, ctx: typer.Context) -> typer.core.TyperOption | None:  # type: ignore[override]
        """Return Typer's option with our words."""
        option = super().get_help_option(ctx)
        if option:
            option.help = _help_text()
        return option

    def get_usage(self, ctx: typer.Context) -> str:  # type: ignore[override]
        """Return Typer's line with our words."""
        return _usage(super().get_usage(ctx))


def usage_mistake(error: typer.TyperException) -> str:
    """Return one sentence about a mistake in usage, and where to look."""
    return tr(
        "{what}\n./workshop --help shows what there is.",
        "{what}\n./workshop --help mostra o que existe.",
        what=_in_our_words(error.format_message()),
    )


def _in_our_words(message: str) -> str:
    """Typer's sentence for the mistakes people make, in both languages; others as they are."""
    for pattern, sentence in _SENTENCES:
        if match := re.fullmatch(pattern, message, re.DOTALL):
            return sentence(match)
    return message


def _no_verb(found: re.Match[str]) -> str:
    return tr("There is no verb {verb!r}.", "Não existe o verbo {verb!r}.", verb=found[1])


def _no_option(found: re.Match[str]) -> str:
    return tr("There is no option {name}.", "Não existe a opção {name}.", name=found[1])


def _missing(found: re.Match[str]) -> str:
    return tr("{name} is missing.", "Falta {name}.", name=found[1])


def _no_verb_given(_: re.Match[str]) -> str:
    return tr("The verb is missing.", "Falta o verbo.")


def _needs_a_value(found: re.Match[str]) -> str:
    return tr("{name} needs a value.", "{name} precisa de um valor.", name=found[1])


def _takes_no_value(found: re.Match[str]) -> str:
    return tr("{name} takes no value.", "{name} não aceita um valor.", name=found[1])


def _too_many(found: re.Match[str]) -> str:
    return tr("Too many words: {words}.", "Palavras a mais: {words}.", words=found[1])


def _not_allowed(found: re.Match[str]) -> str:
    return tr(
        "{name}: not allowed: {why}",
        "{name}: não permitido: {why}",
        name=found[1].replace("'", ""),
        why=_why(found[2]),
    )


_SENTENCES = (
    (r"No such command '(.*)'\.?", _no_verb),
    (r"No such option: (\S+).*", _no_option),
    (r"Missing command\.", _no_verb_given),
    (r"Missing (?:argument|option) '(.*)'\.", _missing),
    (r"Option '(.*)' requires an argument\.", _needs_a_value),
    (r"Option '(.*)' does not take a value\.", _takes_no_value),
    (r"Got unexpected extra argument\(s\) \((.*)\)", _too_many),
    (r"Invalid value for (.*?): (?:Value error, )?(.*)", _not_allowed),
)


def _why(why: str) -> str:
    if match := re.fullmatch(r"('.*') is not one of (.*?)\.?", why):
        return tr(
            "{value} is not one of {all}",
            "{value} não é um de {all}",
            value=match[1],
            all=match[2],
        )
    if re.match("Input should be a valid integer", why):
        return tr("a whole number is", "um número inteiro é")
    if match := re.fullmatch("Input should be greater than or equal to (.*)", why):
        return tr("{least} or more is", "{least} ou mais é", least=match[1])
    if match := re.fullmatch("Input should be less than or equal to (.*)", why):
        return tr("{most} or less is", "{most} ou menos é", most=match[1])
    return why
