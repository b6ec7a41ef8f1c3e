"""What can go wrong with the stand-ins, as a user is told."""

from harness_cli.core.errors import HarnessError
from harness_cli.core.exits import ExitCode


class SandboxError(HarnessError):
    """The stand-ins cannot start (no free port, the extra is not installed, another estate is running)."""

    exit_code = ExitCode.INTERNAL
    default_code = "S001"


class EstateError(HarnessError):
    """An estate or faults file cannot be understood; `place` is the path of keys inside the file."""

    exit_code = ExitCode.CONFIG
    default_code = "S002"
