"""X-06: what the base branch declares, against what lives."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from harness_cli.config.model import System
from harness_cli.core.reasons import Reason
from harness_cli.review.aws_facts.network import SecurityGroup
from harness_cli.review.aws_facts.storage import Bucket, DbInstance
from harness_cli.review.case import Case
from harness_cli.review.checks.change import count, evidence_of, label, pull_subject, some
from harness_cli.review.checks.cross_live import on_code
from harness_cli.review.checks.cross_match import Twin, live_of_type, named, twins, unread_lists
from harness_cli.review.checks.diff_network import ingress_of
from harness_cli.review.checks.diff_rules import block_subject, code_evidence
from harness_cli.review.evaluators.cidr import AddressError, AddressSet, addresses
from harness_cli.review.evaluators.ports import port_range, protocol_of
from harness_cli.review.evidence import Known
from harness_cli.review.facts import PullRequest
from harness_cli.review.finding import Origin, Severity, Subject
from harness_cli.review.iac.change import IacChange
from harness_cli.review.iac.model import Block, is_open
from harness_cli.review.registry import Outcome, check, failed, missing, not_evaluated, passed

_SOURCES: Final = (System.GITHUB, System.AWS)


@check(
    "X-06",
    "Code and account agree before the change (drift)",
    Severity.MEDIUM,
    sources=_SOURCES,
    controls="NIST-800-53r5//CM-2 NIST-800-53r5//CM-6",
    remediation="Find out who changed the account by hand, and bring code and account together before this change: "
    "applying it would undo or hide what was done.",
)
@on_code
def no_drift(case: Case, pull: Known[PullRequest], change: IacChange) -> Iterator[Outcome]:
    """What the base branch declares in the touched folders is there, and as declared; nothing more is."""
    outcomes: list[Outcome] = []
    known: set[str] = set()
    for block in change.before:
        who = named(block, change.before)
        if who is None or block.type != who.type:
            continue
        found = twins(case.aws, who)
        known |= {twin.arn for twin in found}
        outcomes += _drift_of(case, pull, block, found, change)
    outcomes += _undeclared(case, pull, change, known)
    yield from outcomes
    if not outcomes:
        message = f"{count(known, 'live resource')} as the base branch declares it"
        yield passed(message, pull_subject(pull.value.ref), evidence=evidence_of(pull, pull.value.files))


def _drift_of(
    case: Case, pull: Known[PullRequest], block: Block, found: Sequence[Twin], change: IacChange
) -> Iterator[Outcome]:
    place = block_subject(pull.value, block)
    evidence = code_evidence(pull, block.path, block.line)
    if not found:
        unread = unread_lists(case.aws, block.type)
        if unread:
            yield not_evaluated(unread[0], place)
        elif _may_be_none(block):
            detail = f"how many of {label(block.address)} there are is known to the run only"
            yield missing(Reason.MISSING_MAPPING, detail, place)
        else:
            message = f"{label(block.address)} is in the base branch and not in the account"
            yield failed(message, place, evidence=evidence, origin=Origin.PRE_EXISTING, extra="absent")
    for twin in found:
        for fault, severity in differences(block, twin, change.before):
            yield failed(
                f"{label(block.address)} differs from the account: {fault}",
                Subject(block.type, twin.arn, twin.account, twin.region),
                place,
                evidence=(*twin.fact.evidence, *evidence),
                severity=severity,
                origin=Origin.PRE_EXISTING,
                extra=fault.split(" ", 1)[0],
            )


def _may_be_none(block: Block) -> bool:
    """Whether `count` or `for_each` leaves open how many resources a block makes."""
    return any(is_open(block.get(name)) for name in ("count", "for_each") if block.get(name) is not None)


def differences(block: Block, twin: Twin, code: Sequence[Block]) -> Iterator[tuple[str, Severity]]:
    """Attributes that the code tells and that live otherwise, as sentences that begin with their name."""
    live = twin.resource
    if isinstance(live, SecurityGroup):
        yield from _rules_differ(block, live, code)
    elif isinstance(live, DbInstance):
        for attribute, value in (
            ("publicly_accessible", live.public),
            ("storage_encrypted", live.encrypted),
            ("deletion_protection", live.deletion_protection),
            ("backup_retention_period", live.backup_days),
        ):
            declared = block.get(attribute)
            if declared is not None and not is_open(declared) and declared != value:
                severity = Severity.MEDIUM if attribute == "backup_retention_period" else Severity.HIGH
                yield f"{attribute} is {_shown(declared)} in code and {_shown(value)} live", severity
    elif isinstance(live, Bucket):
        yield from _block_differs(block, live, code)


def _rules_differ(block: Block, live: SecurityGroup, code: Sequence[Block]) -> Iterator[tuple[str, Severity]]:
    """The ranges that the code lets in, port by port, and those that live ones let in."""
    others = [b for b in code if b.type.startswith(("aws_security_group_rule", "aws_vpc_security_group"))]
    if others or any(is_open(one) for one in block.nested("ingress")):
        return  # rules of their own may belong to any group: no word is better than a wrong one
    wanted = ingress_of(block)
    unknown = any(
        is_open(part) for rule in block.nested("ingress") if isinstance(rule, Mapping) for part in _parts(rule)
    )
    if unknown:
        return
    try:
        extra = _more_than(live.ingress, wanted)
        lacking = _more_than(wanted, live.ingress)
    except AddressError:
        return
    if extra:
        yield f"ingress {some(extra)} is live and not in code", Severity.HIGH
    if lacking:
        yield f"ingress {some(lacking)} is in code and not live", Severity.MEDIUM


def _parts(rule: Mapping[str, Any]) -> Iterator[Any]:  # Any: values of code
    for name in ("protocol", "from_port", "to_port"):
        yield rule.get(name)
    for name in ("cidr_blocks", "ipv6_cidr_blocks"):
        value = rule.get(name, ())
        yield from value if isinstance(value, tuple) else (value,)


def _more_than(rules: Sequence[Any], others: Sequence[Any]) -> list[str]:  # Any: ingress rules
    found = []
    for rule in rules:
        left = addresses(rule.cidrs)
        for other in others:
            if _covers_ports(other, rule):
                left = left.minus(addresses(other.cidrs))
        if left != AddressSet():
            first, last = port_range(rule)
            ports = f"{first}" if first == last else f"{first}-{last}"
            found.append(f"{protocol_of(rule.protocol)}/{ports} {' '.join(rule.cidrs[:3])}")
    return found


def _covers_ports(wide: Any, narrow: Any) -> bool:  # Any: ingress rules
    kinds = protocol_of(wide.protocol), protocol_of(narrow.protocol)
    (first, last), (inner_first, inner_last) = port_range(wide), port_range(narrow)
    return (kinds[0] in {"-1", kinds[1]}) and first <= inner_first and inner_last <= last


def _block_differs(block: Block, live: Bucket, code: Sequence[Block]) -> Iterator[tuple[str, Severity]]:
    if not isinstance(live.public_access, Known):
        return
    names = ("block_public_acls", "ignore_public_acls", "block_public_policy", "restrict_public_buckets")
    block_now = live.public_access.value
    switches = (block_now.block_acls, block_now.ignore_acls, block_now.block_policy, block_now.restrict_buckets)
    for declared in code:
        who = named(declared, code)
        if declared.type != "aws_s3_bucket_public_access_block" or who is None or who.name != block.get("bucket"):
            continue
        off = [name for name, on in zip(names, switches, strict=True) if declared.get(name) is True and not on]
        if off:
            yield f"public-access block: {some(off, 4)} is on in code and off live", Severity.HIGH


def _undeclared(case: Case, pull: Known[PullRequest], change: IacChange, known: set[str]) -> Iterator[Outcome]:
    """Live resources that carry a touched folder in their `module` tag, and that no code declares."""
    folders = {block.folder for block in change.before if block.folder}
    kinds = {"aws_security_group", "aws_db_instance"}
    for kind in sorted(kinds):
        for twin in live_of_type(case.aws, kind):
            module = twin.resource.tags.get("module", "")
            if module in folders and twin.arn not in known:
                yield failed(
                    f"{twin.arn} carries the module tag {label(module)} and is not in its code",
                    Subject(kind, twin.arn, twin.account, twin.region),
                    pull_subject(pull.value.ref),
                    evidence=twin.fact.evidence,
                    origin=Origin.PRE_EXISTING,
                    extra="undeclared",
                )


def _shown(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else label(str(value))
