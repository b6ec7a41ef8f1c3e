"""What a rule is."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness_cli.core.diagnostic import Edit, Severity, Span

if TYPE_CHECKING:
    from harness_cli.lint.subject import Subject


@dataclass(frozen=True, slots=True)
class Found:
    """One trespass; `severity` is given where it differs from the rule's own, `path` where it is another file's."""

    span: Span
    message: str
    advice: str = ""
    label: str = ""
    edits: tuple[Edit, ...] = ()
    severity: Severity | None = None
    path: str = ""


Check = Callable[["Subject"], Iterable[Found]]


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: its id is never reused. `check` is None where the loader itself finds the trespass."""

    code: str
    severity: Severity
    title: str
    why: str
    mend: str
    check: Check | None = None
    fixes: bool = False

    @property
    def text(self) -> str:
        """The page of `harness explain`."""
        kind = {"error": "error", "warning": "warning", "info": "information"}[self.severity]
        fix = "\n`harness validate-config --fix` mends it.\n" if self.fixes else ""
        return f"{self.code}: {self.title} ({kind})\n\n{self.why}\n\nMend: {self.mend}\n{fix}"
