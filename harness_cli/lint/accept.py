"""What a run may use: a file in which neither the loader nor any rule finds an error.

`harness run` and `harness validate-config` share this, so that neither accepts a file that the other refuses.
"""

from dataclasses import replace
from pathlib import Path

from harness_cli.config.load import refuse_errors
from harness_cli.config.model import Config
from harness_cli.config.read import read_document
from harness_cli.config.understand import understand
from harness_cli.core.diagnostic import Severity
from harness_cli.lint.run import errors_of


def load_accepted(path: Path, *, strict: bool = False) -> Config:
    """The configuration in a file, as `load_config`, with the errors of all rules.

    Raises: ConfigError with everything that is wrong, in source order.
    """
    understood = understand(read_document(path), path)
    errors = errors_of(understood)
    warnings = tuple(d for d in understood.diagnostics if d.severity is not Severity.ERROR)
    return refuse_errors(replace(understood, diagnostics=(*errors, *warnings)), strict=strict)
