"""The login's page as HTML: everything on it that somebody typed is escaped."""

from html import escape

from starlette.responses import HTMLResponse

from kafka_workshop.console.browser import preferences
from kafka_workshop.language import current, tr


def answer(wanted: str, name: str = "", error: str = "", status: int = 200) -> HTMLResponse:
    """Return the page; `wanted` is where to go afterwards, `error` what was wrong."""
    # With no referrer at all a browser sends a form without its origin, which the guard refuses.
    headers = {"Referrer-Policy": "same-origin", "Cache-Control": "no-store"}
    return HTMLResponse(_page(wanted, name, error), status, headers)


def _page(wanted: str, name: str, error: str) -> str:
    title = tr("Log in", "Entrar")
    theme = preferences().theme or "auto"
    return f"""<!DOCTYPE html>
<html lang="{current()}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title} · Kafka Workshop</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/static/console.css">
<link rel="stylesheet" href="/static/login.css">
</head>
<body class="body--{theme}">
<main class="kw-login">
<form method="post" action="/login">
<p class="kw-login-brand">Kafka Workshop</p>
<h1>{title}</h1>
{_alert(error)}<input type="hidden" name="next" value="{escape(wanted)}">
<label for="name">{tr("Name", "Nome")}</label>
<input id="name" name="name" value="{escape(name)}" maxlength="32" autocomplete="username"
 autocapitalize="none" spellcheck="false" required{"" if name else " autofocus"}>
<label for="password">{tr("Password", "Senha")}</label>
<input id="password" name="password" type="password" maxlength="200"
 autocomplete="current-password" required{" autofocus" if name else ""}>
<button type="submit">{title}</button>
</form>
</main>
</body>
</html>
"""


def _alert(error: str) -> str:
    return f'<p class="kw-error" role="alert">{escape(error)}</p>\n' if error else ""
