"""What layers do to numbers: limits the minimum, retention the maximum, approvals the stricter of each."""

from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta
from typing import Final, TypeVar

from harness_cli.config.model import Approvals, Approvers, Config, Layer, Limits
from harness_cli.core.errors import ConfigError

ASSURANCE: Final = ("", "low", "medium", "high")  # weakest first

Bound = TypeVar("Bound", int, timedelta)


def merged_limits(config: Config, layers: Sequence[Layer]) -> Limits:
    """The smallest of each bound; None where nobody sets one."""
    every = [config.limits, *(layer.config.limits for layer in layers if layer.config.limits is not None)]
    return Limits(
        max_calls=_least(limits.max_calls for limits in every),
        max_items=_least(limits.max_items for limits in every),
        max_bytes=_least(limits.max_bytes for limits in every),
        max_duration=_least(limits.max_duration for limits in every),
    )


def merged_retention(config: Config, layers: Sequence[Layer]) -> int:
    """The longest retention that anybody asks for: a layer cannot shorten it."""
    asked = [layer.config.retention_days for layer in layers if layer.config.retention_days is not None]
    return max([config.audit.retention_days, *asked])


def merged_approvals(config: Config, layers: Sequence[Layer]) -> Approvals | None:
    """The stricter of each setting. Raises ConfigError where two files name different approvers."""
    every = [config.approvals, *(layer.config.approvals for layer in layers)]
    present = [approvals for approvals in every if approvals is not None]
    if not present:
        return None
    return Approvals(
        approvers=_approvers([approvals.approvers for approvals in present]),
        channels=tuple(c for c in present[0].channels if all(c in approvals.channels for approvals in present)),
        approve_within=min(approvals.approve_within for approvals in present),
        execute_within=min(approvals.execute_within for approvals in present),
        min_assurance=_assurance(present),
        escalate_to=_only(present, "escalate_to", lambda approvals: approvals.escalate_to),
        forbid_config_author=any(approvals.forbid_config_author for approvals in present),
    )


def _approvers(every: Sequence[Approvers]) -> Approvers:
    return Approvers(
        group=_only(every, "approvers.group", lambda one: one.group),
        quorum=max(one.quorum for one in every),
        allowed_signers=_only(every, "approvers.allowed_signers", lambda one: one.allowed_signers),
        allowed_signers_sha256=_only(every, "approvers.allowed_signers", lambda one: one.allowed_signers_sha256),
    )


def _assurance(present: Sequence[Approvals]) -> dict[str, str]:
    environments = sorted({env for approvals in present for env in approvals.min_assurance})
    return {
        env: max((approvals.min_assurance.get(env, "") for approvals in present), key=ASSURANCE.index)
        for env in environments
    }


def _least(values: Iterable[Bound | None]) -> Bound | None:
    return min((value for value in values if value is not None), default=None)


Part = TypeVar("Part", Approvals, Approvers)


def _only(every: Sequence[Part], key: str, read: Callable[[Part], str]) -> str:
    # two groups cannot both be the one that decides, and choosing one would let a layer widen
    named = sorted({read(one) for one in every} - {""})
    if len(named) > 1:
        raise ConfigError(f"layers disagree on approvals.{key}: {', '.join(named)}", code="H080")
    return named[0] if named else ""
