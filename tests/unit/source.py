"""The code as a test of the documentation reads it: names that stand in it as text, found in its syntax trees."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
STACK = ROOT / "infra" / "stack.py"
MONITORING = ROOT / "infra" / "monitoring.py"
KAIRAN = ROOT / "kairan"
REASON_FUNCTIONS = {"_why_not", "_push_reason"}
"""Functions of the delivery room that answer a reason."""


def counted_metrics() -> set[str]:
    """What `kairan.observability.count` is called with."""
    return {
        text
        for folder in (ROOT / "lambdas", KAIRAN)
        for path in folder.rglob("*.py")
        for call in calls(tree(path), "count")
        if isinstance(call.func, ast.Name)
        for text in texts(call.args[0])
    }


def stack_outputs() -> set[str]:
    """The keys of the table in `infra/stack.py` that becomes outputs."""
    return {
        text
        for loop in ast.walk(tree(STACK))
        if isinstance(loop, ast.For) and any(calls(loop, "CfnOutput"))
        for table in ast.walk(loop.iter)
        if isinstance(table, ast.Dict)
        for key in table.keys
        if key is not None
        for text in texts(key)
    }


def alarms() -> tuple[set[str], set[str]]:
    """The alarms with a name of their own, and the endings of those there is one of per function."""
    names = [call.args[0] for call in calls(tree(MONITORING), "_alarm")]
    endings = {text for name in names if isinstance(name, ast.JoinedStr) for text in texts(name.values[-1])}
    return {text for name in names for text in texts(name)}, endings


def reasons() -> set[str]:
    """Every reason that the delivery room gives an outcome. (Those of errors are the errors' codes.)"""
    constants: dict[str, str] = {}
    given: list[ast.expr] = []
    for path in (KAIRAN / "delivery").rglob("*.py"):
        module = tree(path)
        given += [call.args[1] for name in ("Outcome", "_refuse") for call in calls(module, name) if len(call.args) > 1]
        for node in ast.walk(module):
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                name = node.targets[0].id
                for text in texts(node.value):
                    constants[name] = text
                given += [node.value] if name == "reason" else []
            elif isinstance(node, ast.keyword) and node.arg == "reason":
                given.append(node.value)
            elif isinstance(node, ast.FunctionDef) and node.name in REASON_FUNCTIONS:
                given += [each.value for each in ast.walk(node) if isinstance(each, ast.Return) and each.value]
    return {text for expression in given for text in texts(expression, constants)}


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def calls(within: ast.AST, name: str) -> Iterator[ast.Call]:
    for node in ast.walk(within):
        if isinstance(node, ast.Call):
            called = node.func
            if (called.id if isinstance(called, ast.Name) else getattr(called, "attr", "")) == name:
                yield node


def texts(expression: ast.expr, constants: dict[str, str] | None = None) -> Iterator[str]:
    """The texts an expression may come out as, as far as they stand in the code."""
    if isinstance(expression, ast.IfExp):
        yield from texts(expression.body, constants)
        yield from texts(expression.orelse, constants)
    elif isinstance(expression, ast.Constant) and isinstance(expression.value, str):
        yield expression.value
    elif isinstance(expression, ast.Name) and constants and expression.id in constants:
        yield constants[expression.id]
