"""The verbs of those who may log in to the Kafka UI: `user add`, `user list`, `user remove`."""

import getpass
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Literal

import typer

from kafka_workshop.cli.help import Command, Group
from kafka_workshop.console.access import passwords
from kafka_workshop.console.access.roles import Role
from kafka_workshop.console.access.users import NAME, User, WrongUser, read, write
from kafka_workshop.errors import InvalidSetting
from kafka_workshop.language import tr
from kafka_workshop.settings import CONSOLE_USERS, apply_language

app = typer.Typer(cls=Group, no_args_is_help=True, rich_markup_mode="rich")
UserName = Annotated[
    str, typer.Argument(metavar="NAME", help=tr("Who logs in.", "Quem entra."), show_default=False)
]


def _verb(function: Callable[..., None], name: str, text: str) -> None:
    app.command(name, cls=Command, help=text)(function)


def add(
    name: UserName,
    role: Annotated[
        Literal["viewer", "analyst", "operator"],
        typer.Option(
            "--role",
            help=tr(
                "viewer looks; analyst also decides about alerts and exports; operator does all.",
                "viewer olha; analyst também decide sobre alertas e exporta; operator faz tudo.",
            ),
        ),
    ] = "viewer",
    generate: Annotated[
        bool,
        typer.Option(
            "--generate",
            help=tr(
                "Make a password and print it once, instead of asking for one.",
                "Gera uma senha e a mostra uma única vez, em vez de pedir uma.",
            ),
        ),
    ] = False,
) -> None:
    """Add a user to the file, or change role and password of one."""
    path = _path()
    if not NAME.fullmatch(name):
        raise WrongUser(
            tr(
                "{name!r} is no name: 1 to 32 letters, digits, '.', '_' or '-'.",
                "{name!r} não é um nome: de 1 a 32 letras, dígitos, '.', '_' ou '-'.",
                name=name,
            )
        )
    users = read(path)
    ask = not generate and sys.stdin.isatty()
    password = _asked() if ask else passwords.generated()
    passwords.check(password)
    users[name] = User(name, Role[role.upper()], passwords.hashed(password))
    write(path, users.values())
    typer.echo(_added(name, role, path))
    if not ask:
        typer.echo(tr("Password (not kept): {p}", "Senha (não fica guardada): {p}", p=password))


def list_users() -> None:
    """List the users of the file, without their passwords."""
    for user in sorted(read(_path()).values(), key=lambda user: user.name):
        typer.echo(f"{user.name}\t{user.role.word}")


def remove(name: UserName) -> None:
    """Take a user out of the file; whatever they have open ends at once."""
    path = _path()
    users = read(path)
    if users.pop(name, None) is None:
        raise WrongUser(tr("There is no user {name!r}.", "Não há usuário {name!r}.", name=name))
    write(path, users.values())
    typer.echo(tr("{name} is out.", "{name} foi removido.", name=name))


def _path() -> Path:
    apply_language(os.environ)
    path = CONSOLE_USERS.read(os.environ)
    if path is None:
        allowed = tr(
            "the path of the file of users, as in CONSOLE_USERS=users.txt ./workshop user add ana",
            "o caminho do arquivo de usuários, como em "
            "CONSOLE_USERS=users.txt ./workshop user add ana",
        )
        raise InvalidSetting(CONSOLE_USERS.name, "", allowed)
    return path


def _asked() -> str:
    first = getpass.getpass(tr("Password: ", "Senha: "))
    if getpass.getpass(tr("Once more: ", "Mais uma vez: ")) != first:
        raise WrongUser(tr("The two differ.", "As duas são diferentes."))
    return first


def _added(name: str, role: str, path: Path) -> str:
    return tr(
        "{name} may log in as {role}; the file is {path}.",
        "{name} pode entrar como {role}; o arquivo é {path}.",
        name=name,
        role=role,
        path=path,
    )


_verb(
    add,
    "add",
    tr("Add a user, or change role and password of one.", "Adiciona ou altera um usuário."),
)
_verb(list_users, "list", tr("List the users.", "Lista os usuários."))
_verb(remove, "remove", tr("Take a user out.", "Remove um usuário."))
