"""All rules by their code. A rule is a module `harness_cli/lint/rules/hNNN_name.py` with a `RULE`."""

import importlib
from collections.abc import Iterator
from functools import cache
from importlib import resources

from harness_cli.lint.rule import Rule

_PACKAGE = "harness_cli.lint.rules"


@cache
def _modules() -> dict[str, str]:
    names = (entry.name.removesuffix(".py") for entry in resources.files(_PACKAGE).iterdir())
    return {name[:4].upper(): name for name in sorted(names) if name[:1] == "h" and name[1:4].isdigit()}


def codes() -> tuple[str, ...]:
    """Every code, in order."""
    return tuple(_modules())


@cache
def rule(code: str) -> Rule:
    """The rule of a code, in any case. Raises KeyError."""
    module = importlib.import_module(f"{_PACKAGE}.{_modules()[code.upper()]}")
    found: Rule = module.RULE
    return found


def rules() -> Iterator[Rule]:
    """Every rule, in order of codes."""
    return (rule(code) for code in codes())
