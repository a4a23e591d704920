"""Finds every function of a package that asks brokers for a change, directly or through others."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

# What asks for a change, by the names of both libraries, and of our own that use them.
ASKING = {
    "create_topics", "delete_topics", "create_partitions", "delete_records", "delete_groups",
    "delete_consumer_groups", "alter_configs", "incremental_alter_configs",
    "alter_consumer_group_offsets", "alter_group_offsets", "commit", "produce", "send",
    "create_acls", "delete_acls", "alter_user_scram_credentials", "elect_leaders",
    "alter_partition_reassignments", "reset_group_offsets", "open_redrive",
    "send_back", "send_back_edited",
    "order",
}  # fmt: skip
Function = ast.FunctionDef | ast.AsyncFunctionDef
Place = tuple[str, str]


@dataclass(frozen=True)
class Module:
    """One file: its functions, and what its imported names mean."""

    name: str
    functions: list[Function]
    imported: dict[str, Place]


def unmarked_writers(folder: Path, package: str) -> dict[str, set[str]]:
    """Return the functions that ask for a change and have no role, by their file's path."""
    modules = [_module(path, folder, package) for path in sorted(folder.rglob("*.py"))]
    found: set[Place] = set()
    while (
        more := {
            (module.name, function.name)
            for module in modules
            for function in module.functions
            if not _marked(function) and any(_asks(module, function, found))
        }
        - found
    ):
        found |= more
    names = {module for module, _ in found}
    return {name: {function for where, function in found if where == name} for name in names}


def _module(path: Path, folder: Path, package: str) -> Module:
    parts = path.relative_to(folder).with_suffix("").parts
    tree = ast.parse(path.read_text(encoding="utf-8"))
    functions = [n for n in ast.walk(tree) if isinstance(n, Function)]
    imported = {
        alias.asname or alias.name: (_within(node.module or "", package), alias.name)
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    return Module(".".join(parts), functions, imported)


def _within(module: str, package: str) -> str:
    return "" if module == package else module.removeprefix(f"{package}.")


def _marked(function: Function) -> bool:
    decorators = [d.func for d in function.decorator_list if isinstance(d, ast.Call)]
    return any(isinstance(d, ast.Name) and d.id == "needs" for d in decorators)


def _asks(module: Module, function: Function, found: set[Place]) -> Iterator[bool]:
    for node in ast.walk(function):
        if isinstance(node, ast.Name):
            yield node.id in ASKING and node.id in module.imported
            yield module.imported.get(node.id, (module.name, node.id)) in found
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            yield (_meant(module, node.value.id), node.attr) in found
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            yield node.func.attr in ASKING and not _own_action(node.func.value)


def _own_action(value: ast.expr) -> bool:
    """Whether it is one of the marked actions, called by its name."""
    return isinstance(value, ast.Attribute) and value.attr == "actions"


def _meant(module: Module, name: str) -> str:
    """Return the module that `name` stands for; `self` and `cls` are of this one."""
    if name in {"self", "cls"}:
        return module.name
    of, what = module.imported.get(name, ("", ""))
    return f"{of}.{what}".strip(".")
