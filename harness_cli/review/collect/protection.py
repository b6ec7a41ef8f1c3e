"""What protects the base branch: rulesets and classic protection, read apart, judged together."""

from collections.abc import Mapping, Sequence
from typing import Any

from harness_cli.core.reasons import Reason
from harness_cli.review.evidence import Fact, Known, Unread
from harness_cli.review.facts import ALWAYS, BranchRules, RequiredCheck

Answer = Mapping[str, Any]  # Any: the declared result of an operation
Answers = Sequence[Answer]


def ruleset_ids(rules: Fact[Any]) -> tuple[int, ...]:
    """The rulesets behind the rules that apply to the branch."""
    answers = rules.value if isinstance(rules, Known) else ()
    return tuple(sorted({rule["ruleset_id"] for rule in answers if "ruleset_id" in rule}))


def branch_rules(rules: Fact[Any], protection: Fact[Any]) -> Fact[BranchRules]:
    """Both together; where the classic one cannot be read, rulesets count if they protect the branch alone."""
    if isinstance(rules, Unread):
        return rules
    own = _from_rules(rules.value)
    if isinstance(protection, Unread):
        whole = own.requires_pull_request and own.required_checks and own.blocks_force_push and own.blocks_deletion
        return Known(own, rules.evidence) if whole else protection
    both = _joined(own, _from_protection(protection.value)) if protection.value["found"] else own
    return Known(both, (*rules.evidence, *protection.evidence))


def _from_rules(rules: Answers) -> BranchRules:
    kinds = {rule["type"] for rule in rules}
    asked = [rule.get("parameters", {}) for rule in rules if rule["type"] == "pull_request"]
    checks = [
        RequiredCheck(check["context"], check.get("integration_id"))
        for rule in rules
        if rule["type"] == "required_status_checks"
        for check in rule.get("parameters", {}).get("required_status_checks", ())
    ]
    return BranchRules(
        requires_pull_request="pull_request" in kinds,
        required_approvals=max((rule.get("required_approving_review_count", 0) for rule in asked), default=0),
        requires_code_owners=any(rule.get("require_code_owner_review", False) for rule in asked),
        dismisses_stale=any(rule.get("dismiss_stale_reviews_on_push", False) for rule in asked),
        required_checks=tuple(dict.fromkeys(checks)),
        blocks_force_push="non_fast_forward" in kinds,
        blocks_deletion="deletion" in kinds,
        ruleset_ids=tuple(sorted({rule["ruleset_id"] for rule in rules if "ruleset_id" in rule})),
        sources=("ruleset",) if rules else (),
    )


def _from_protection(protection: Answer) -> BranchRules:
    asked = protection.get("required_pull_request_reviews")
    reviews: Answer = asked or {}
    return BranchRules(
        requires_pull_request=asked is not None,
        required_approvals=reviews.get("required_approving_review_count", 0),
        requires_code_owners=reviews.get("require_code_owner_reviews", False),
        dismisses_stale=reviews.get("dismiss_stale_reviews", False),
        required_checks=_classic_checks(protection.get("required_status_checks") or {}),
        blocks_force_push=not _is_on(protection, "allow_force_pushes"),
        blocks_deletion=not _is_on(protection, "allow_deletions"),
        sources=("classic",),
    )


def _classic_checks(required: Answer) -> tuple[RequiredCheck, ...]:
    """Checks with the app that must report them; -1 means any app. Old servers only name contexts."""
    checks = [RequiredCheck(one["context"], _pinned(one.get("app_id"))) for one in required.get("checks", ())]
    named = {check.name for check in checks}
    return (*checks, *(RequiredCheck(name) for name in required.get("contexts", ()) if name not in named))


def _pinned(app: int | None) -> int | None:
    return app if app is not None and app > 0 else None


def _is_on(protection: Answer, key: str) -> bool:
    return bool(protection.get(key, {}).get("enabled", False))


def _joined(one: BranchRules, other: BranchRules) -> BranchRules:
    """GitHub applies both: the stricter of each."""
    return BranchRules(
        requires_pull_request=one.requires_pull_request or other.requires_pull_request,
        required_approvals=max(one.required_approvals, other.required_approvals),
        requires_code_owners=one.requires_code_owners or other.requires_code_owners,
        dismisses_stale=one.dismisses_stale or other.dismisses_stale,
        required_checks=tuple(dict.fromkeys((*one.required_checks, *other.required_checks))),
        blocks_force_push=one.blocks_force_push or other.blocks_force_push,
        blocks_deletion=one.blocks_deletion or other.blocks_deletion,
        ruleset_ids=one.ruleset_ids,
        sources=(*one.sources, *other.sources),
    )


def bypass_actors(rules: Fact[Any], details: Sequence[Fact[Any]]) -> Fact[tuple[str, ...]]:
    """Who may pass by the rulesets that apply, as `type:id:mode`; GitHub shows it only to those who may write them."""
    if isinstance(rules, Unread):
        return rules
    found: list[str] = []
    evidence = rules.evidence
    unread: Unread | None = None
    for detail in details:
        evidence += detail.evidence
        if isinstance(detail, Unread):
            unread = unread or detail
        elif "bypass_actors" not in detail.value:
            hidden = "GitHub shows who may bypass a ruleset only to those who may write it"
            unread = unread or Unread(Reason.ACCESS_DENIED, hidden, detail.evidence)
        else:
            found += [_actor(actor) for actor in detail.value["bypass_actors"]]
    proven = any(actor.endswith(ALWAYS) for actor in found)  # what is hidden cannot make it better
    return unread if unread and not proven else Known(tuple(dict.fromkeys(found)), evidence)


def _actor(actor: Answer) -> str:
    return f"{actor['actor_type']}:{actor.get('actor_id') or ''}:{actor['bypass_mode']}"


def enforce_admins(protection: Fact[Any]) -> Fact[bool]:
    """Whether classic protection binds administrators; not configured where there is none."""
    if isinstance(protection, Unread):
        return protection
    if not protection.value["found"]:
        return Unread(Reason.NOT_CONFIGURED, "the branch has no classic protection", protection.evidence)
    return Known(_is_on(protection.value, "enforce_admins"), protection.evidence)
