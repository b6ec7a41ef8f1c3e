"""One tree of errors: each knows its code, its place, its fix and its exit code."""

from harness_cli.core.diagnostic import Diagnostic
from harness_cli.core.exits import ExitCode
from harness_cli.core.reasons import Reason


class HarnessError(Exception):
    """Anything that a user is told about; `message` is one sentence, lower case, without a secret.

    `requests` counts the HTTP requests that a failed call had sent.
    """

    exit_code = ExitCode.INTERNAL
    default_code = "X001"
    requests = 0

    def __init__(self, message: str, *, code: str = "", help: str = "", place: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.code = code or self.default_code
        self.help = help
        self.place = place


class UsageError(HarnessError):
    """The command line itself is wrong (malformed reference, missing flag)."""

    exit_code = ExitCode.USAGE
    default_code = "U001"


class ConfigError(HarnessError):
    """The configuration cannot be understood; carries every diagnostic found in one pass."""

    exit_code = ExitCode.CONFIG
    default_code = "H000"

    def __init__(
        self,
        message: str,
        *,
        code: str = "",
        help: str = "",
        place: str = "",
        diagnostics: tuple[Diagnostic, ...] = (),
        sources: dict[str, str] | None = None,
    ) -> None:
        super().__init__(message, code=code, help=help, place=place)
        self.diagnostics = diagnostics
        self.sources = sources or {}


class IdentityError(HarnessError):
    """The requester is not proven, has left, or has no role."""

    exit_code = ExitCode.IDENTITY
    default_code = "C010"


class CredentialError(HarnessError):
    """A credential is missing, expired, refused, or of a kind that policy forbids."""

    exit_code = ExitCode.IDENTITY
    default_code = "C020"


class ConnectorError(HarnessError):
    """One call could not be read; `reason` says how its checks report it."""

    exit_code = ExitCode.INCOMPLETE
    default_code = "C100"

    def __init__(
        self,
        message: str,
        *,
        reason: Reason,
        code: str = "",
        help: str = "",
        place: str = "",
        http_status: int | None = None,
    ) -> None:
        super().__init__(message, code=code, help=help, place=place)
        self.reason = reason
        self.http_status = http_status


class UnauthorizedError(ConnectorError):
    """The system refused the credential in mid-run (401, or a login page): the run ends with exit 4."""

    exit_code = ExitCode.IDENTITY
    default_code = "C101"


class PolicyDeniedError(HarnessError):
    """Policy refuses; `rule` is file:line:col of the line that decided."""

    exit_code = ExitCode.DENIED
    default_code = "P000"


class ApprovalRefusedError(HarnessError):
    """An approval was denied, expired, forged, or given by somebody who may not."""

    exit_code = ExitCode.APPROVAL_REFUSED
    default_code = "A001"


class ApprovalPendingError(HarnessError):
    """Somebody else has to decide first; `request_id` names what to decide."""

    exit_code = ExitCode.APPROVAL_PENDING
    default_code = "A000"

    def __init__(self, message: str, *, request_id: str, help: str = "") -> None:
        super().__init__(message, help=help)
        self.request_id = request_id


class AuditError(HarnessError):
    """The trail cannot be written, or fails verification: nothing may be called any more."""

    exit_code = ExitCode.AUDIT
    default_code = "T001"


class UnverifiableError(HarnessError):
    """A trail cannot be judged: unknown key, no checkpoint."""

    exit_code = ExitCode.UNVERIFIABLE
    default_code = "T002"


class NotFoundError(HarnessError):
    """No trace or approval request has that id."""

    exit_code = ExitCode.NOT_FOUND
    default_code = "T003"
