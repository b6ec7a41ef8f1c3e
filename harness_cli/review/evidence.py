"""Facts with their source: a value that was read, or the reason why it was not."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Generic, TypeAlias, TypeVar

from harness_cli.core.reasons import Reason

T = TypeVar("T")
U = TypeVar("U")


@dataclass(frozen=True, slots=True)
class Evidence:
    """Where a fact comes from: the call, its audit line, the place in its answer.

    `digest` is `sha256:` + hex of the facts of the answer (`Reply.sha256`), the same in every run that reads the same
    estate; `value` is a short label, never free text; a value of class
    restricted and above leaves the terminal only as digest and pointer.
    """

    source: str  # jira, github, aws, config
    call: str  # operation name, or "GET /repos/…" shape
    at: str  # RFC 3339
    audit_seq: int
    digest: str
    pointer: str = ""  # JSON pointer into the answer
    value: str = ""
    region: str = ""
    account: str = ""
    failed: bool = False  # the service gave no answer; not so where it refused, or where a bound of ours ended the read

    def at_pointer(self, pointer: str, value: str = "") -> "Evidence":
        """The same call, another place in its answer."""
        return replace(self, pointer=pointer, value=value)


@dataclass(frozen=True, slots=True)
class Unread:
    """A fact that could not be read; its checks say NOT_EVALUATED(reason)."""

    reason: Reason
    detail: str  # one sentence, lower case, for people
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class Gap:
    """One item of a list that could not be read, beside others that could."""

    kind: str  # its Terraform type
    uid: str
    unread: Unread


@dataclass(frozen=True, slots=True)
class Known(Generic[T]):
    """A fact that was read, with what it was read from; of a list, `gaps` names the items that are missing in it."""

    value: T
    evidence: tuple[Evidence, ...]
    gaps: tuple[Gap, ...] = ()


Fact: TypeAlias = Known[T] | Unread


def reduced(fact: Fact[T], reduce: Callable[[T], U]) -> Fact[U]:
    """The fact made smaller by a pure function; an unread one stays unread."""
    match fact:
        case Known(value, evidence, gaps):
            return Known(reduce(value), evidence, gaps)
        case Unread():
            return fact
