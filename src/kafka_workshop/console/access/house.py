"""Puts together who may come in: with a file of users a login, without one everybody."""

from dataclasses import dataclass

from fastapi import APIRouter

from kafka_workshop.console.access import hiding
from kafka_workshop.console.access.audit import AuditLog
from kafka_workshop.console.access.cookie import cookie_name
from kafka_workshop.console.access.entrance import Identify, by_cookie, everybody
from kafka_workshop.console.access.failures import Failures
from kafka_workshop.console.access.login import Desk, login_router
from kafka_workshop.console.access.roles import Role
from kafka_workshop.console.access.sessions import Ended, Sessions, secret_in
from kafka_workshop.console.access.users import SETTING, Users, required
from kafka_workshop.errors import InvalidSetting
from kafka_workshop.settings import ConsoleSettings


@dataclass(frozen=True)
class House:
    """How callers are known, and the routes of the login where there is one."""

    identify: Identify
    routes: APIRouter


def open_house(settings: ConsoleSettings, audit: AuditLog) -> House:
    """Return who may come in, as the settings say.

    Raises:
        InvalidSetting: there is nobody in the file of users, or no secret can be kept.
    """
    hiding.choose({name: Role[role.upper()] for name, role in settings.hidden_fields})
    read_only = settings.read_only
    if settings.users is None:
        return House(everybody(audit.record, read_only=read_only), APIRouter())
    required(settings.users)
    folder = settings.data / "console" if settings.data else None
    try:
        secret = secret_in(folder)
    except OSError as error:
        raise InvalidSetting(SETTING, str(settings.users), str(error)) from None
    users = Users(settings.users)
    sessions = Sessions(users, secret, Ended(folder / "sessions-ended.json" if folder else None))
    cookie = cookie_name(settings.port)
    desk = Desk(users, sessions, Failures(), cookie, audit.record)
    identify = by_cookie(sessions, cookie, audit.record, read_only=read_only)
    return House(identify, login_router(desk))
