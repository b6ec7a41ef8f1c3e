"""What a pull request changes in infrastructure code."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class IacChange:
    """The parsed infrastructure files of one pull request at base and head."""
