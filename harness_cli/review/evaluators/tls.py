"""Which TLS policies of load balancers still speak TLS 1.0 or 1.1 (AWS documentation, security policies, 2025)."""

import re
from typing import Final

_OLD: Final = frozenset(
    [
        "ELBSecurityPolicy-2011-08",
        "ELBSecurityPolicy-2014-01",
        "ELBSecurityPolicy-2014-10",
        "ELBSecurityPolicy-2015-02",
        "ELBSecurityPolicy-2015-03",
        "ELBSecurityPolicy-2015-05",
        "ELBSecurityPolicy-2016-08",
        "ELBSecurityPolicy-FS-1-1-2019-08",
        "ELBSecurityPolicy-FS-2018-06",
        "ELBSecurityPolicy-TLS-1-0-2015-04",
        "ELBSecurityPolicy-TLS-1-1-2017-01",
    ]
)
_NAMED: Final = re.compile(r"ELBSecurityPolicy-(?:FS|TLS)-1-2-.+|ELBSecurityPolicy-TLS13-1-(?P<floor>[0-3])-.+")


def speaks_old_tls(policy: str) -> bool | None:
    """Whether a balancer's policy accepts TLS below 1.2; None for a policy that this table does not know."""
    if policy in _OLD:
        return True
    named = _NAMED.fullmatch(policy)
    if named is None:
        return None
    return named["floor"] in {"0", "1"}


def lowers_tls(before: str, after: str) -> bool:
    """Whether a change of policy lets older versions in."""
    return speaks_old_tls(after) is True and speaks_old_tls(before) is not True
