from dataclasses import replace

import pytest

from harness_cli.review.aws_facts import AccountFacts, Authorization, AwsFacts, Holder, Key, NamedPolicy, parse_document
from harness_cli.review.aws_facts.network import IngressRule
from harness_cli.review.iac.parse import parse_change
from tests.simulators.case_builder import (
    ANA,
    DENIED,
    EARLIER,
    REF,
    at,
    case,
    changed,
    known,
    moved,
    pull,
    review,
    run_of,
    ticket,
    word,
)
from tests.simulators.code_builder import code_case, code_pull, terraform
from tests.simulators.live_builder import ACCOUNT, REGION, database, group, interfaces, live

EMERGENCY = {"issue_type": "Emergency change"}


def log(*items):
    return known(items, "jira")


def merged(hours, **changes):
    return pull(merged=True, merged_at=at(hours), merged_by="cy-gh", **changes)


def db(public):
    return f'resource "aws_db_instance" "x" {{\n  identifier = "orders"\n  publicly_accessible = {public}\n}}\n'


SG = 'resource "aws_security_group" "x" {\n  name = "orders"\n}\n'


def applied(before, after, is_public, merged_at=None):
    made = replace(code_pull({"net/a.tf": (before, after)}), merged=merged_at is not None, merged_at=merged_at)
    return case(pull=made, iac={REF: parse_change(made)}, aws=live(databases=(database(public=is_public),)))


def module(source, more=""):
    return f'module "m" {{\n  source = "{source}"\n  {more}\n}}\n'


USER = replace(group("user"), ingress=(IngressRule("tcp", 1, 1, groups=("sg-orders",)),))
USED = {"security_groups": (group(), USER)}
RULE = 'resource "aws_security_group_rule" "x" {\n  security_group_id = "sg-orders"\n}\n'
GONE = {"net/a.tf": (SG, "")}
ISSUER = "token.actions.githubusercontent.com"


def role(sub="repo:acme/infra-core:environment:prod", action="s3:GetObject", denies=(), **claims):
    trust = {
        "Effect": "Allow",
        "Principal": {"Federated": f"arn:aws:iam::1:oidc-provider/{ISSUER}"},
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": {
            **({"StringLike": {f"{ISSUER}:sub": sub}} if sub else {}),
            "StringEquals": {f"{ISSUER}:{claim}": value for claim, value in claims.items()},
        },
    }
    refused = [
        {"Effect": "Deny", "Principal": "*", "Action": "sts:*", "Condition": {operator: {f"{ISSUER}:{claim}": value}}}
        for operator, claim, value in denies
    ]
    rights = parse_document({"Statement": {"Effect": "Allow", "Action": action, "Resource": "*"}})
    return Holder(
        "role",
        "deploy",
        f"arn:aws:iam::{ACCOUNT}:role/deploy",
        policies=(NamedPolicy("p", "", rights),),
        trust=parse_document({"Statement": [trust, *refused]}),
    )


def numbered(number, *holders, account=ACCOUNT):
    return replace(trusted(*holders, account=account), pulls=case(pull=pull(repo_id=number)).pulls)


def trusted(*holders, account=ACCOUNT):
    rights = AccountFacts(authorization=known(Authorization(holders), "aws"))
    return case(aws=AwsFacts((account,), (REGION,), {account: rights}))


DEPLOY, NOBODY = f"arn:aws:iam::{ACCOUNT}:role/deploy", f"arn:aws:iam::{ACCOUNT}:role/other"
KEY = 'resource "aws_kms_key_policy" "x" {{\n  policy = "{}"\n}}\n'


def key(grantee, effect="Allow", state="Enabled"):
    stated = {"Effect": effect, "Principal": {"AWS": grantee}, "Action": "kms:Decrypt", "Resource": "*"}
    policy = parse_document({"Statement": stated}) if grantee else None
    return Key(
        "k", f"arn:aws:kms:{REGION}:{ACCOUNT}:key/k", state, "SYMMETRIC_DEFAULT", "AWS_KMS", policy=known(policy)
    )


def role_goes(*listed, keys=None, more=("", "")):
    code = 'resource "aws_iam_role" "x" {\n  name = "deploy"\n}\n'
    rights = AccountFacts(authorization=known(Authorization((role(),)), "aws"))
    aws = replace(live(keys=keys or listed), by_account={ACCOUNT: rights})
    return code_case({"net/a.tf": (code + more[0], more[1])}, aws=aws)


PROD, OURS = "999988887777", "repo:acme/infra-core"
NEW, UNTOLD, NA = db("false").replace("orders", "new"), "NOT_EVALUATED", "NOT_APPLICABLE"
PUBLIC = {"a.tf": (None, db("true"))}
CASES = [
    ("TKT-09", "another change is not applicable", case(), "NOT_APPLICABLE"),
    ("TKT-09", "an emergency approved in a day passes", case(ticket=ticket(**EMERGENCY), pull=merged(-40)), "PASS"),
    ("TKT-09", "an emergency approved later fails", case(ticket=ticket(**EMERGENCY), pull=merged(-60)), "FAIL"),
    (
        "TKT-09",
        "an emergency without approval fails",
        case(ticket=ticket(changelog=log(), **EMERGENCY), pull=merged(-30)),
        "FAIL",
    ),
    (
        "TKT-09",
        "an emergency of today may wait",
        case(ticket=ticket(changelog=log(), labels=("emergency",)), pull=merged(-3)),
        "NOT_APPLICABLE",
    ),
    ("TKT-09", "no emergency is not applicable", case(ticket=ticket(labels=("non-emergency",))), "NOT_APPLICABLE"),
    (
        "TKT-09",
        "an emergency whose merge is unread is not evaluated",
        case(ticket=ticket(**EMERGENCY), pull=DENIED),
        "NOT_EVALUATED",
    ),
    (
        "TKT-09",
        "an unread changelog is not evaluated",
        case(ticket=ticket(changelog=DENIED, **EMERGENCY)),
        "NOT_EVALUATED",
    ),
    ("TKT-10", "an approval in time passes", case(), "PASS"),
    ("TKT-10", "an approval in a blink fails", case(ticket=ticket(created=at(-20.01))), "FAIL"),
    (
        "TKT-10",
        "an approval of last season fails",
        case(ticket=ticket(created=at(-2000), changelog=log(moved(-31 * 24)))),
        "FAIL",
    ),
    (
        "TKT-10",
        "no approval is not applicable",
        case(ticket=ticket(changelog=log(moved(-9, ANA, "a", "b")))),
        "NOT_APPLICABLE",
    ),
    ("TKT-10", "an unread changelog is not evaluated", case(ticket=ticket(changelog=DENIED)), "NOT_EVALUATED"),
    ("GH-09", "fresh approvals pass", case(), "PASS"),
    (
        "GH-09",
        "a stale approval fails",
        case(pull=pull(reviews=known((review(), review("dee-gh", commit=EARLIER))))),
        "FAIL",
    ),
    ("GH-09", "no approval is not applicable", case(pull=pull(reviews=known(()))), "NOT_APPLICABLE"),
    ("GH-09", "unread reviews are not evaluated", case(pull=pull(reviews=DENIED)), "NOT_EVALUATED"),
    ("GH-10", "merged after its checks passes", case(pull=merged(-2)), "PASS"),
    ("GH-10", "merged before its checks fails", case(pull=merged(-36)), "FAIL"),
    (
        "GH-10",
        "merged past a failing check fails",
        case(pull=merged(-2, check_runs=known((run_of("plan", "failure"), run_of("checkov"))))),
        "FAIL",
    ),
    ("GH-10", "not merged is not applicable", case(), "NOT_APPLICABLE"),
    ("GH-10", "unread rules are not evaluated", case(pull=merged(-2, branch_rules=DENIED)), "NOT_EVALUATED"),
    ("GH-10", "unread runs are not evaluated", case(pull=merged(-2, check_runs=DENIED)), "NOT_EVALUATED"),
    ("GH-29", "a local module passes", terraform(None, module("./m")), "PASS"),
    ("GH-29", "a module by branch fails", terraform(None, module("git::https://example.com/m.git")), "FAIL"),
    ("GH-29", "a module by tag passes", terraform(None, module("git::https://example.com/m.git?ref=v1")), "PASS"),
    ("GH-29", "a module of the registry without version fails", terraform(None, module("acme/net/aws")), "FAIL"),
    (
        "GH-29",
        "a module of the registry with version passes",
        terraform(None, module("acme/net/aws", 'version = "1.2.3"')),
        "PASS",
    ),
    (
        "GH-29",
        "a provider from elsewhere fails",
        terraform(None, 'terraform {\n required_providers {\n  aws = { source = "evil.example/x/aws" }\n }\n}'),
        "FAIL",
    ),
    ("GH-29", "code that cannot be parsed is not evaluated", terraform(None, "module {"), "NOT_EVALUATED"),
    (
        "GH-29",
        "a removed lock file fails",
        case(pull=pull(files=known((changed("net/.terraform.lock.hcl", status="removed"),)))),
        "NOT_APPLICABLE FAIL",
    ),
    ("X-13", "nothing that goes passes", code_case({"net/a.tf": (None, SG)}, aws=live()), "PASS"),
    ("X-13", "a group that nobody uses passes", code_case(GONE, aws=live()), "PASS"),
    (
        "X-13",
        "a group that another one names fails",
        code_case(GONE, aws=live(**USED)),
        "FAIL",
    ),
    ("X-13", "a group on an interface fails", code_case(GONE, aws=live(interfaces=interfaces("sg-orders", 1))), "FAIL"),
    ("X-13", "unread interfaces are not evaluated", code_case(GONE, aws=live(interfaces=DENIED)), "NOT_EVALUATED"),
    ("X-13", "a user fails whatever is unread", code_case(GONE, aws=live(**{**USED, "interfaces": DENIED})), "FAIL"),
    ("X-13", "unread groups are not evaluated", code_case(GONE, aws=live(security_groups=DENIED)), "NOT_EVALUATED"),
    (
        "X-13",
        "a group of an unknown name is not evaluated",
        code_case({"net/a.tf": (SG.replace('"orders"', "var.name"), "")}, aws=live()),
        "NOT_EVALUATED",
    ),
    (
        "X-13",
        "a key that the code does not name is not evaluated",
        code_case({"net/a.tf": ('resource "aws_kms_key" "x" {}', "")}, aws=live(keys=())),
        "NOT_EVALUATED",
    ),
    (
        "X-13",
        "a rule that goes takes no group away",
        code_case({"net/a.tf": (RULE, "")}, aws=live(interfaces=interfaces("sg-orders", 1))),
        "PASS",
    ),
    ("X-13", "a role that no key knows passes", role_goes(key(None), key(NOBODY)), "PASS"),
    ("X-13", "a role in the policy of a key fails", role_goes(key(NOBODY), key(DEPLOY)), "FAIL"),
    ("X-13", "a role that a key denies passes", role_goes(key(DEPLOY, effect="Deny")), "PASS"),
    ("X-13", "a key that goes as well needs nobody", role_goes(key(DEPLOY, state="PendingDeletion")), "PASS"),
    ("X-13", "an unread key policy is not evaluated", role_goes(replace(key(None), policy=DENIED)), UNTOLD),
    (
        "X-13",
        "a user fails whichever policy is unread",
        role_goes(replace(key(None), policy=DENIED), key(DEPLOY)),
        "FAIL",
    ),
    ("X-13", "unread keys are not evaluated", role_goes(keys=DENIED), UNTOLD),
    (
        "X-13",
        "a change that edits some key policy is not evaluated",
        role_goes(key(DEPLOY), more=(KEY.format("a"), KEY.format("b"))),
        UNTOLD,
    ),
    ("X-13", "a run without AWS is not evaluated", code_case(GONE), "NOT_EVALUATED"),
    ("X-14", "not merged and not applied passes", applied(db("false"), db("true"), False), "PASS"),
    ("X-14", "applied and not merged fails", applied(db("false"), db("true"), True), "FAIL"),
    ("X-14", "merged and applied passes", applied(db("false"), db("true"), True, at(-30)), "PASS"),
    ("X-14", "merged and not applied fails", applied(db("false"), db("true"), False, at(-30)), "FAIL"),
    ("X-14", "merged just now is not applicable", applied(db("false"), db("true"), False, at(-3)), "NOT_APPLICABLE"),
    ("X-14", "merged and nowhere fails", applied(None, NEW, False, at(-30)), "FAIL"),
    (
        "X-14",
        "merged with a count passes",
        applied(None, NEW.replace("{", "{\n  count = 0", 1), False, at(-30)),
        "PASS",
    ),
    (
        "X-14",
        "unread databases are not evaluated",
        code_case({"a.tf": (None, NEW)}, aws=live(databases=DENIED)),
        UNTOLD,
    ),
    ("X-14", "unread code is not evaluated", case(iac={REF: DENIED}, aws=live()), "NOT_EVALUATED"),
    ("X-15", "a narrow role passes", trusted(role()), "PASS"),
    ("X-15", "an administrator fails", trusted(role(action="*")), "FAIL"),
    ("X-15", "any branch in dev passes", trusted(role("repo:acme/infra-core:*")), "PASS"),
    ("X-15", "any branch in prod fails", trusted(role("repo:acme/infra-core:*"), account=PROD), "FAIL"),
    ("X-15", "the main branch in prod passes", trusted(role(f"{OURS}:ref:refs/heads/main"), account=PROD), "PASS"),
    ("X-15", "any pull request in prod fails", trusted(role(f"{OURS}:pull_request"), account=PROD), "FAIL"),
    ("X-15", "any environment in prod fails", trusted(role(f"{OURS}:environment:*"), account=PROD), "FAIL"),
    ("X-15", "an administrator of every repository fails", trusted(role("repo:acme/*:environment:prod", "*")), "FAIL"),
    ("X-15", "a namesake's role is not applicable", trusted(role(f"{OURS}-2:*", "*")), "NOT_APPLICABLE"),
    (
        "X-15",
        "another repository by its claim is not applicable",
        trusted(role("*", "*", repository="acme/other")),
        "NOT_APPLICABLE",
    ),
    ("X-15", "this repository by its claim fails", trusted(role("*", "*", repository="acme/infra-core")), "FAIL"),
    (
        "X-15",
        "repository and branch by their claims pass in prod",
        trusted(role("*", repository="acme/infra-core", ref="refs/heads/main"), account=PROD),
        "PASS",
    ),
    ("X-15", "another repository's role is not applicable", trusted(role("repo:acme/other:*", "*")), "NOT_APPLICABLE"),
    (
        "X-15",
        "a Deny of all but an environment passes in prod",
        trusted(role(f"{OURS}:*", denies=[("StringNotLike", "sub", f"{OURS}:environment:prod")]), account=PROD),
        "PASS",
    ),
    (
        "X-15",
        "a Deny of pull requests alone leaves any branch in prod",
        trusted(role(f"{OURS}:*", denies=[("StringLike", "sub", "*:pull_request")]), account=PROD),
        "FAIL",
    ),
    (
        "X-15",
        "a Deny of the repository leaves nobody",
        trusted(role("repo:acme/*", "*", denies=[("StringLike", "sub", f"{OURS}:*")])),
        "NOT_APPLICABLE",
    ),
    (
        "X-15",
        "a Deny by a claim that nobody knows refuses nobody",
        trusted(role(f"{OURS}:*", "*", denies=[("StringNotEquals", "actor", "li-gh")])),
        "FAIL",
    ),
    ("X-15", "another repository by its number is not applicable", numbered(8, role("", "*", repository_id="7")), NA),
    ("X-15", "this repository by its number alone fails", numbered(7, role("", "*", repository_id="7")), "FAIL"),
    (
        "X-15",
        "this repository by its number lets any branch into prod",
        numbered(7, role("", repository_id="7"), account=PROD),
        "FAIL",
    ),
    ("X-15", "a number that nobody told is not evaluated", trusted(role("", "*", repository_id="7")), UNTOLD),
    (
        "X-15",
        "a trust that cannot be parsed is not evaluated",
        trusted(replace(role(), trust=None, trust_malformed=True)),
        UNTOLD,
    ),
    ("X-15", "unread rights are not evaluated", case(aws=live()), "NOT_EVALUATED"),
    ("X-15", "a run without AWS is not evaluated", case(), "NOT_EVALUATED"),
    ("X-16", "a scan that agrees passes", case(), "PASS"),
    ("X-16", "a clean scan of open code fails", code_case(PUBLIC), "FAIL"),
    ("X-16", "a scan that is not green is not applicable", case(pull=pull(check_runs=known(()))), "NOT_APPLICABLE"),
    ("X-16", "unread code is not evaluated", case(iac={REF: DENIED}), "NOT_EVALUATED"),
    ("X-16", "unread runs are not evaluated", case(pull=pull(check_runs=DENIED)), "NOT_EVALUATED"),
    ("X-16", "a scan that nobody named is not evaluated", case(conf={"scan_checks": {}}), "NOT_EVALUATED"),
]


@pytest.mark.parametrize(("check_id", "fact", "made", "said"), CASES, ids=[fact for _, fact, *_ in CASES])
def test_second_release(check_id, fact, made, said):
    assert word(check_id, made) == said, fact


def test_every_declared_check_is_told_apart_and_explained():
    from harness_cli.review.registry import all_checks

    for declared in all_checks().values():
        assert declared.title
        assert declared.remediation.endswith("."), declared.id
        assert declared.controls or declared.id in {"ECR-01"}, declared.id
