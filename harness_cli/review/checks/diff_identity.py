"""GH-20: rights in changed code, by the evaluator that judges live policies."""

from collections.abc import Iterator, Mapping
from typing import Final

from harness_cli.config.model import System
from harness_cli.review.aws_facts.documents import Document
from harness_cli.review.checks.change import some
from harness_cli.review.checks.diff_documents import lone_document, of_identity, of_role
from harness_cli.review.checks.diff_rules import Code, Fault, by_state
from harness_cli.review.evaluators.iam_document import (
    admin_grant,
    covers_action,
    covers_everything,
    is_full_service_wildcard,
)
from harness_cli.review.evaluators.trust import OidcFault, oidc_faults, strangers
from harness_cli.review.evaluators.trust import Stranger as StrangerFault
from harness_cli.review.finding import Severity
from harness_cli.review.iac.model import Block, Partial, Unknown, Value
from harness_cli.review.iac.policies import document_of
from harness_cli.review.registry import check

_IDENTITY: Final = {
    "aws_iam_policy": "policy",
    "aws_iam_role_policy": "policy",
    "aws_iam_user_policy": "policy",
    "aws_iam_group_policy": "policy",
    "aws_ssoadmin_permission_set_inline_policy": "inline_policy",
}
_ADMIN: Final = "AdministratorAccess"
_ESCALATING: Final = "IAMFullAccess"
_HOLDERS: Final = frozenset({"aws_iam_role", "aws_iam_user", "aws_iam_group"})
_ATTACHMENTS: Final = {
    "aws_iam_role_policy_attachment": "policy_arn",
    "aws_iam_user_policy_attachment": "policy_arn",
    "aws_iam_group_policy_attachment": "policy_arn",
    "aws_iam_policy_attachment": "policy_arn",
    "aws_iam_role_policy_attachments_exclusive": "policy_arns",
    "aws_iam_user_policy_attachments_exclusive": "policy_arns",
    "aws_iam_group_policy_attachments_exclusive": "policy_arns",
    "aws_ssoadmin_managed_policy_attachment": "managed_policy_arn",
    "aws_iam_role": "managed_policy_arns",
    "aws_iam_user": "managed_policy_arns",
    "aws_iam_group": "managed_policy_arns",
}


def policies(block: Block, code: Code, worst: bool) -> Iterator[Fault]:
    """Identity policies, wherever code writes them."""
    for path, value in _identity_policies(block, code):
        document = document_of(value, worst=worst)
        if document is not None:
            yield from policy_faults(document, path)


def policy_faults(document: Document, path: str) -> Iterator[Fault]:
    """What an identity policy gives too freely."""
    admin = admin_grant([document])
    if admin is not None:
        severity = Severity.HIGH if admin.conditional else Severity.CRITICAL
        yield Fault("admin", "allows every action on every resource", severity, (path,))
        return
    for statement in document.statements:
        if is_full_service_wildcard(statement):
            services = sorted(action for action in statement.actions if action.rstrip("*").endswith(":"))
            message = f"allows {some(services)} on every resource"
            yield Fault(f"service {' '.join(services)}", message, Severity.HIGH, (path,))
        elif statement.allows and statement.not_actions and covers_everything(statement):
            yield Fault("not-action", "allows all but some actions on every resource", Severity.HIGH, (path,))
        elif statement.allows and covers_action(statement, "iam:passrole") and covers_everything(statement):
            yield Fault("pass-role", "allows to pass every role", Severity.HIGH, (path,))


def _identity_policies(block: Block, code: Code) -> Iterator[tuple[str, Value]]:
    if block.mode == "data":
        document = lone_document(block, code)
        if document is not None and of_identity(document):
            yield "statement", document
        return
    if block.type in _IDENTITY:
        yield _IDENTITY[block.type], block.get(_IDENTITY[block.type])
    for index, inline in enumerate(block.nested("inline_policy") if block.type in _HOLDERS or _cfn(block) else ()):
        yield f"inline_policy.{index}", inline.get("policy") if isinstance(inline, Mapping) else inline


def _cfn(block: Block) -> bool:
    return block.language == "cloudformation" and block.type == "aws_iam_policy"


def trusts(block: Block, code: Code, worst: bool) -> Iterator[Fault]:
    """Whom roles trust: everybody, or any repository of an issuer that all its customers share."""
    trust, attribute = _trust(block, code)
    document, path = document_of(trust, worst=worst), (attribute,)
    if document is None:
        return
    if (
        worst
        and document.statements
        and not document.statements[0].principals
        and not document.statements[0].not_principals
    ):
        yield Fault("trust-everybody", "may be assumed by everybody", Severity.CRITICAL, path)
        return
    if any(fault.fault is StrangerFault.EVERYBODY for fault in strangers(document, "")):
        yield Fault("trust-everybody", "may be assumed by everybody", Severity.CRITICAL, path)
    if any(fault.fault in {OidcFault.NO_SUBJECT, OidcFault.WIDE_SUBJECT} for fault in oidc_faults(document)):
        yield Fault("trust-oidc", "may be assumed by more than one repository of its issuer", Severity.HIGH, path)


def _trust(block: Block, code: Code) -> tuple[Value, str]:
    if block.mode == "data":
        document = lone_document(block, code)
        is_trust = document is not None and of_role(document) and not of_identity(document)
        return (document if is_trust else None), "statement"
    is_role = block.type == "aws_iam_role" and block.mode == "resource"
    return (block.get("assume_role_policy") if is_role else None), "assume_role_policy"


def attachments(block: Block, code: Code, worst: bool) -> Iterator[Fault]:  # noqa: ARG001 - every rule has this shape
    """Managed policies that make an administrator of whoever holds them."""
    attribute = _ATTACHMENTS.get(block.type, "")
    if block.mode != "resource" or attribute not in block.attributes:
        return
    for value in block.nested(attribute):
        text = value.text if isinstance(value, Partial) else value
        name = text.rpartition("/")[2] if isinstance(text, str) and ":aws:policy/" in text else ""
        if name == _ADMIN or (worst and isinstance(value, Unknown)):
            yield Fault("attached-admin", "attaches AdministratorAccess", Severity.CRITICAL, (attribute,))
        elif name == _ESCALATING:
            yield Fault(
                f"attached {name}", f"attaches {name}, which leads to administration", Severity.HIGH, (attribute,)
            )


check(
    "GH-20",
    "Diff: rights without bounds",
    Severity.CRITICAL,
    sources=(System.GITHUB,),
    controls="FSBP//IAM.1 CIS-AWS/5.0/1.15 NIST-800-53r5//AC-6",
    remediation="Name the actions and resources that are needed; pass named roles only; trust named principals, and "
    "one repository of an OIDC issuer.",
)(by_state(policies, trusts, attachments, modes=("resource", "data")))
