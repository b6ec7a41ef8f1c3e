"""Typed facts about AWS accounts, as the checks read them."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class AwsFacts:
    """What was read of the accounts and regions in scope."""

    accounts: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
