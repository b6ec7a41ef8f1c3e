"""A configuration file, understood whole or refused."""

from pathlib import Path

from harness_cli.config.model import Config
from harness_cli.config.read import parse_document, read_document
from harness_cli.config.understand import Understood, under_strict, understand
from harness_cli.core.diagnostic import Severity
from harness_cli.core.errors import ConfigError

__all__ = ["load_config", "parse_document", "read_document", "refuse_errors"]


def load_config(path: Path, *, strict: bool = False) -> Config:
    """The configuration in a file; `strict` refuses warnings of the loader too.

    Raises: ConfigError with everything that is wrong, in source order.
    """
    return refuse_errors(understand(read_document(path), path), strict=strict)


def refuse_errors(understood: Understood, *, strict: bool = False) -> Config:
    """The configuration of a file in which nothing is wrong.

    Raises: ConfigError with everything that is wrong, in source order.
    """
    found = under_strict(understood.diagnostics) if strict else understood.diagnostics
    errors = tuple(d for d in found if d.severity is Severity.ERROR)
    if errors or understood.config is None:
        count = "1 error" if len(errors) == 1 else f"{len(errors)} errors"
        raise ConfigError(
            f"{understood.document.path}: {count}",
            code=errors[0].code if errors else "H000",
            place=errors[0].place if errors else "",
            diagnostics=errors,
            sources=understood.sources,
        )
    return understood.config
