"""Everything that one review knows when it judges: facts only, no way to ask for more."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from harness_cli.config.model import Config
from harness_cli.core.principal import Principal
from harness_cli.review.aws_facts import AwsFacts
from harness_cli.review.evidence import Fact
from harness_cli.review.facts import PullRef, PullRequest, Ticket
from harness_cli.review.iac.change import IacChange


@dataclass(frozen=True, slots=True)
class Case:
    """One review's facts; `ticket` None where the run has none (posture review, or no key found)."""

    env: str
    now: datetime
    requester: Principal
    config: Config
    ticket_key: str = ""
    ticket: Fact[Ticket] | None = None
    pulls: Mapping[PullRef, Fact[PullRequest]] = field(default_factory=dict)
    iac: Mapping[PullRef, Fact[IacChange]] = field(default_factory=dict)
    aws: AwsFacts = AwsFacts()
    directory_groups: Mapping[str, Fact[tuple[str, ...]]] = field(default_factory=dict)
    # person's id -> groups at the identity provider, for the ticket's approvers
