"""H075: a quorum that can never be reached."""

import re
from collections.abc import Iterator

from harness_cli.core.diagnostic import Severity
from harness_cli.core.limits import CONFIG_BYTES
from harness_cli.lint.rule import Found, Rule
from harness_cli.lint.subject import Subject

_PATH = ("approvals", "approvers", "quorum")
_SIGNER = re.compile(r"^(?P<principals>\"[^\"]+\"|[^\s#]\S*)\s+\S", re.MULTILINE)


def check(subject: Subject) -> Iterator[Found]:
    """The quorum against the signers of the file, else against the people that are named."""
    approvals = subject.config.approvals
    if approvals is None or not subject.is_sound("approvals") or not subject.is_sound("identity", "people"):
        return
    known, where = _known(subject)
    if known and approvals.approvers.quorum > known:
        people = "1 person is" if known == 1 else f"{known} people are"
        message = f"{approvals.approvers.quorum} people must approve, but only {people} named in {where}"
        yield Found(subject.value(*_PATH), message, "lower the quorum, or name more people")


def _known(subject: Subject) -> tuple[int, str]:
    approvals, identity = subject.config.approvals, subject.config.identity
    signers = approvals.approvers.allowed_signers if approvals else ""
    if signers:
        count = _signers(subject, signers)
        if count:
            return count, signers
    return len({person.id for person in identity.people}) if identity else 0, "`identity.people`"


def _signers(subject: Subject, name: str) -> int:
    try:
        with (subject.config.folder / name).open(encoding="utf-8") as file:
            text = file.read(CONFIG_BYTES)
    except (OSError, ValueError):  # a file that cannot be read is the run's business: it refuses
        return 0
    return len({p for match in _SIGNER.finditer(text) for p in match["principals"].strip('"').split(",")})


RULE = Rule(
    code="H075",
    severity=Severity.ERROR,
    title="quorum larger than the known approvers",
    why="An approval that needs more people than there are is never given.",
    mend="lower `approvals.approvers.quorum`, or name more approvers",
    check=check,
)
