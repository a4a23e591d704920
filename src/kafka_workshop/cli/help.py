"""Typer's own words, said in both languages: panels, the help option, mistakes in usage."""

import re

import typer
from typer import rich_utils
from typer.core import TyperCommand, TyperGroup

from kafka_workshop.language import tr

rich_utils.ARGUMENTS_PANEL_TITLE = tr("Arguments", "Argumentos")
rich_utils.OPTIONS_PANEL_TITLE = tr("Options", "Opções")
rich_utils.COMMANDS_PANEL_TITLE = tr("Verbs", "Verbos")


def _help_text() -> str:
    return tr("Show this help.", "Mostra esta ajuda.")


class Group(TyperGroup):
    """The program; its `--help` speaks the person's language."""

    def get_help_option(self, ctx: typer.Context) -> typer.core.TyperOption | None:  # type: ignore[override]
        """Return Typer's option with our words."""
        option = super().get_help_option(ctx)
        if option:
            option.help = _help_text()
        return option


class Command(TyperCommand):
    """A verb; its `--help` speaks the person's language."""

    def get_help_option(self, ctx: typer.Context) -> typer.core.TyperOption | None:  # type: ignore[override]
        """Return Typer's option with our words."""
        option = super().get_help_option(ctx)
        if option:
            option.help = _help_text()
        return option


def usage_mistake(error: typer.TyperException) -> str:
    """Return one sentence about a mistake in usage, and where to look."""
    return tr(
        "{what}\n./workshop --help shows what there is.",
        "{what}\n./workshop --help mostra o que existe.",
        what=_in_our_words(error.format_message()),
    )


def _in_our_words(message: str) -> str:
    """Typer's sentence for the mistakes people make, in both languages; others as they are."""
    if match := re.fullmatch(r"No such command '(.*)'\.?", message):
        return tr("There is no verb {verb!r}.", "Não existe o verbo {verb!r}.", verb=match[1])
    if match := re.match(r"No such option: (\S+)", message):
        return tr("There is no option {name}.", "Não existe a opção {name}.", name=match[1])
    if match := re.fullmatch(r"Missing (?:argument|option) '(.*)'\.", message):
        return tr("{name} is missing.", "Falta {name}.", name=match[1])
    if match := re.fullmatch(r"Option '(.*)' requires an argument\.", message):
        return tr("{name} needs a value.", "{name} precisa de um valor.", name=match[1])
    if match := re.fullmatch(r"Invalid value for '?(.*?)'?: (?:Value error, )?(.*)", message):
        return tr(
            "{name}: not allowed: {why}",
            "{name}: não permitido: {why}",
            name=match[1],
            why=_choices(match[2]),
        )
    return message


def _choices(why: str) -> str:
    match = re.fullmatch(r"('.*') is not one of (.*?)\.?", why)
    if not match:
        return why
    return tr(
        "{value} is not one of {all}",
        "{value} não é um de {all}",
        value=match[1],
        all=match[2],
    )
