"""A tree as the text that parses to it."""

from decimal import Decimal

from kafka_workshop.console.filtering.tree import (
    And,
    Comparison,
    Exists,
    Field,
    Leaf,
    Not,
    Or,
    Path,
    Text,
    Tree,
    Value,
    Within,
)

_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\r": "\\r"}
_PLAIN = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_")
_REST = _PLAIN | frozenset("0123456789-")


def printed(tree: Tree) -> str:
    """Return `tree` as text.

    >>> printed(And((Exists(Field("key")), Comparison(Field("json", ("a", 0)), ">", 5))))
    'key exists and value.a[0] > 5'
    """
    if isinstance(tree, Or):
        return " or ".join(_grouped(part, Or) for part in tree.parts)
    if isinstance(tree, And):
        return " and ".join(_grouped(part, Or, And) for part in tree.parts)
    if isinstance(tree, Not):
        return "not " + _grouped(tree.part, Or, And)
    return _leaf(tree)


def _grouped(tree: Tree, *looser: type) -> str:
    text = printed(tree)
    return f"({text})" if isinstance(tree, looser) else text


def _leaf(leaf: Leaf) -> str:
    field = _field(leaf.field)
    if isinstance(leaf, Exists):
        return f"{field} exists"
    if isinstance(leaf, Within):
        return f"{field} in ({', '.join(map(_value, leaf.values))})"
    if isinstance(leaf, Text | Comparison):
        return f"{field} {leaf.by} {_value(leaf.value)}"
    raise AssertionError(leaf)


def _field(field: Field) -> str:
    if field.name == "json":
        path = printed_path(field.path)
        return f"value{path}" if path.startswith("[") else f"value.{path}"
    if field.name == "header":
        return "header." + ".".join(map(_step, str(field.path[0]).split(".")))
    return field.name


def printed_path(path: Path) -> str:
    """Return the steps into a JSON as text.

    >>> printed_path(("items", 0, "unit price"))
    'items[0]."unit price"'
    """
    text = ""
    for step in path:
        text += f"[{step}]" if isinstance(step, int) else f".{_step(step)}"
    return text.removeprefix(".")


def _step(name: str) -> str:
    plain = name[:1] in _PLAIN and _REST.issuperset(name) if name else False
    return name if plain else _quoted(name)


def _value(value: Value) -> str:
    if isinstance(value, str):
        return _quoted(value)
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    return f"{value:f}" if isinstance(value, Decimal) else str(value)


def _quoted(text: str) -> str:
    return '"' + "".join(_ESCAPES.get(c, c) for c in text) + '"'
