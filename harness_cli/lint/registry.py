"""All rules by their code. A rule is a module `harness_cli/lint/rules/hNNN_name.py` with a `RULE`."""

import importlib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final

from harness_cli.lint.rule import Rule

_PACKAGE = "harness_cli.lint.rules"


@cache
def _modules() -> dict[str, str]:
    names = sorted(path.stem for path in (Path(__file__).parent / "rules").glob("h[0-9][0-9][0-9]_*.py"))
    return {name[:4].upper(): name for name in names}


def codes() -> tuple[str, ...]:
    """Every code, in order."""
    return tuple(_modules())


FOUND_BY_THE_LOADER: Final = frozenset(
    {
        "H000", "H001", "H002", "H003", "H004", "H005", "H006", "H007", "H009", "H010", "H011", "H060", "H063", "H074",
        "H082", "H085", "H086", "H087",
    }
)  # fmt: skip


def checking_rules() -> Iterator[Rule]:
    """The rules that look at a file themselves; the others need not be loaded for it."""
    return (rule(code) for code in codes() if code not in FOUND_BY_THE_LOADER)


@cache
def rule(code: str) -> Rule:
    """The rule of a code, in any case. Raises KeyError."""
    module = importlib.import_module(f"{_PACKAGE}.{_modules()[code.upper()]}")
    found: Rule = module.RULE
    return found


def rules() -> Iterator[Rule]:
    """Every rule, in order of codes."""
    return (rule(code) for code in codes())
