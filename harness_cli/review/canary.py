"""Canaries: what is known to be bad is shown to each evaluator at the start of a run.

An evaluator that lets its canary pass (or breaks on it) has lost its judgement: nothing that it would say of the real
estate is worth a report.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from harness_cli.review.aws_facts.documents import Document, parse_document
from harness_cli.review.aws_facts.network import IngressRule, Route, RouteTable, Subnet
from harness_cli.review.aws_facts.storage import Bucket, PublicAccessBlock
from harness_cli.review.evaluators.bucket import publicity
from harness_cli.review.evaluators.cidr import covers_world
from harness_cli.review.evaluators.escalation import open_ways
from harness_cli.review.evaluators.exposure import public_subnets
from harness_cli.review.evaluators.iam_document import admin_grant
from harness_cli.review.evaluators.ports import openings, sensitive
from harness_cli.review.evaluators.public_policy import is_public
from harness_cli.review.evaluators.tls import speaks_old_tls
from harness_cli.review.evaluators.trust import oidc_faults, strangers
from harness_cli.review.evidence import Evidence, Known

_SEEN: Final = (Evidence("canary", "canary", "1970-01-01T00:00:00.000Z", 0, "sha256:"),)
_HALVES: Final = ("0.0.0.0/1", "128.0.0.0/1")


def _document(**statement: object) -> Document:
    return parse_document({"Statement": {"Effect": "Allow", **statement}})


def _world() -> bool:
    return covers_world(_HALVES) and covers_world(("::/1", "8000::/1"))


def _ports() -> bool:
    rules = [IngressRule("tcp", 0, 65535, (half,)) for half in _HALVES]
    return {22, 3389} <= sensitive(openings(rules)).keys()


def _administrator() -> bool:
    spellings = ({"Action": "*"}, {"Action": "*:*"}, {"NotAction": "s3:*"})
    return all(admin_grant([_document(Resource="*", **actions)]) for actions in spellings)


def _escalation() -> bool:
    return any(open_ways([_document(Action="iam:PutUserPolicy", Resource="*")]))


def _public_policy() -> bool:
    referer = {"StringLike": {"aws:Referer": "https://example.com/*"}}
    return is_public(_document(Principal="*", Action="s3:GetObject", Resource="*", Condition=referer))


def _public_bucket() -> bool:
    policy = _document(Principal="*", Action="s3:GetObject", Resource="arn:aws:s3:::b/*")
    unblocked = Known(PublicAccessBlock(), _SEEN)
    bucket = Bucket(
        "b",
        "arn:aws:s3:::b",
        "us-east-1",
        policy=Known(policy, _SEEN),
        acl=Known((), _SEEN),
        public_access=unblocked,
        ownership=Known("", _SEEN),
    )
    return publicity(bucket, unblocked).is_public


def _trust() -> bool:
    issuer = "token.actions.githubusercontent.com"
    federated = {"Federated": f"arn:aws:iam::111122223333:oidc-provider/{issuer}"}
    condition = {"StringLike": {f"{issuer}:sub": "repo:acme/*"}}
    wide = _document(Principal=federated, Action="sts:AssumeRoleWithWebIdentity", Condition=condition)
    return bool(strangers(_document(Principal="*", Action="sts:AssumeRole"), "111122223333")) and bool(
        oidc_faults(wide)
    )


def _route() -> bool:
    subnet = Subnet("subnet-1", "arn:aws:ec2:us-east-1:1:subnet/subnet-1", "vpc-1")
    table = RouteTable("rtb-1", "vpc-1", True, routes=tuple(Route(half, "igw-1") for half in _HALVES))
    return public_subnets([subnet], [table]) == {"subnet-1"}


def _tls() -> bool:
    return speaks_old_tls("ELBSecurityPolicy-2016-08") is True


def _code() -> bool:
    from harness_cli.review.checks.diff_exposure import flags
    from harness_cli.review.checks.diff_identity import policies
    from harness_cli.review.checks.diff_rules import Code
    from harness_cli.review.iac.model import Block

    database = Block("aws_db_instance", "x", "x.tf", 1, {"publicly_accessible": True})
    rights = Block(
        "aws_iam_policy",
        "x",
        "x.tf",
        1,
        {"policy": '{"Statement":{"Effect":"Allow","NotAction":"s3:*","Resource":"*"}}'},
    )
    nothing = Code(())
    return any(flags(database, nothing, False)) and any(policies(rights, nothing, False))


def _verdict() -> bool:
    from harness_cli.review.finding import Finding, Origin, Severity, Status
    from harness_cli.review.verdict import Level, level_of

    critical = Severity.CRITICAL
    finding = Finding("GH-21", "", Status.FAIL, critical, critical, "", (), origin=Origin.INTRODUCED)
    return level_of([finding]) is Level.BLOCK


CANARIES: Final[Mapping[str, Callable[[], bool]]] = {
    "addresses": _world,
    "ports": _ports,
    "administrators": _administrator,
    "escalation": _escalation,
    "resource policies": _public_policy,
    "buckets": _public_bucket,
    "trust": _trust,
    "routes": _route,
    "TLS policies": _tls,
    "code": _code,
    "verdict": _verdict,
}


def silent_canaries(canaries: Mapping[str, Callable[[], bool]] = CANARIES) -> Sequence[str]:
    """The evaluators that no longer see what is known to be bad; with one of them there is no report."""
    return [name for name, sings in canaries.items() if not _sings(sings)]


def _sings(canary: Callable[[], bool]) -> bool:
    try:
        return canary()
    except Exception:  # noqa: BLE001 - an evaluator that breaks on its canary has not seen it
        return False
