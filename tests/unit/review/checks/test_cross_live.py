from dataclasses import replace

import pytest

from harness_cli.core.reasons import Reason
from harness_cli.review.aws_facts import AwsFacts, Key, parse_document
from harness_cli.review.facts import Deployment, TextFact
from harness_cli.review.finding import Origin, Severity, Status
from tests.simulators.case_builder import DENIED, HEAD, REF, at, case, findings, known, link, only, pull, ticket, word
from tests.simulators.code_builder import code_case
from tests.simulators.live_builder import (
    ACCOUNT,
    BLOCKED,
    arn,
    bucket,
    database,
    group,
    interfaces,
    live,
    table,
)

PATH = "envs/dev/net/main.tf"
WORLD = ("0.0.0.0/0",)
OPEN = (("tcp", 5432, 5432, WORLD),)


def sg(cidrs='["10.0.0.0/8"]', more=""):
    return f"""resource "aws_security_group" "db" {{
  name = "orders"
  {more}
  ingress {{
    protocol    = "tcp"
    from_port   = 5432
    to_port     = 5432
    cidr_blocks = {cidrs}
  }}
}}
"""


def db(body="x = 1", name='"orders"'):
    return f'resource "aws_db_instance" "x" {{\n  identifier = {name}\n  {body}\n}}\n'


def s3(kind="aws_s3_bucket", body='bucket = "exports"'):
    return f'resource "{kind}" "x" {{\n  {body}\n}}\n'


def made(before, after, aws=None, **changes):
    return code_case({PATH: (before, after)}, aws=aws if aws is not None else live(), **changes)


def edited(code):
    return code.replace("{\n", "{\n  tags = {}\n", 1)


RULE = """resource "aws_security_group_rule" "r" {
  type              = "ingress"
  protocol          = "tcp"
  from_port         = 1
  to_port           = 1
  cidr_blocks       = ["10.0.0.0/8"]
  security_group_id = aws_security_group.db.id
}
"""
NO_BLOCK = replace(BLOCKED, restrict_buckets=False)
EXPOSED = live(security_groups=(group(rules=OPEN),), interfaces=interfaces("sg-orders", 1))
LOW = {"ticket": ticket(risk="low")}
GRANT = 'resource "aws_kms_key_policy" "x" {\n  key_id = "k-1"\n  policy = "{}"\n}\n'


def key(users):
    names = [f"arn:aws:iam::{ACCOUNT}:role/{number}" for number in range(users)]
    allow = {"Effect": "Allow", "Action": "kms:*", "Resource": "*", "Principal": {"AWS": names}}
    policy = known(parse_document({"Statement": allow}), "aws")
    return Key("k-1", arn("kms", "key/k-1"), "Enabled", "SYMMETRIC_DEFAULT", "AWS_KMS", policy=policy)


CASES = [
    ("X-04", "touching a closed group passes", made(sg(), edited(sg())), "PASS"),
    ("X-04", "touching an open group fails", made(sg(), edited(sg()), EXPOSED), "FAIL"),
    ("X-04", "closing an open group passes", made(sg('["0.0.0.0/0"]'), sg(), EXPOSED), "PASS"),
    (
        "X-04",
        "a rule of an open group fails",
        made(
            sg(),
            sg() + RULE,
            EXPOSED,
        ),
        "FAIL",
    ),
    (
        "X-04",
        "unread groups are not evaluated",
        made(sg(), edited(sg()), live(security_groups=DENIED)),
        "NOT_EVALUATED",
    ),
    ("X-04", "a run without AWS is not evaluated", made(sg(), edited(sg()), AwsFacts()), "NOT_EVALUATED"),
    ("X-04", "no code is nothing to judge", case(aws=live()), "NOT_APPLICABLE"),
    ("X-05", "nothing worse passes", made(sg(), edited(sg())), "PASS"),
    ("X-05", "something worse fails", made(sg(), sg('["0.0.0.0/0"]')), "FAIL"),
    ("X-05", "something better passes", made(sg('["0.0.0.0/0"]'), sg()), "PASS"),
    ("X-05", "what stays bad passes", made(sg('["0.0.0.0/0"]'), edited(sg('["0.0.0.0/0"]'))), "PASS"),
    ("X-05", "what cannot be told is not evaluated", made(sg(), sg("var.x")), "NOT_EVALUATED"),
    (
        "X-06",
        "code and account that agree pass",
        made(sg() + db("storage_encrypted = true"), edited(sg()) + db()),
        "PASS",
    ),
    (
        "X-06",
        "a group opened by hand fails",
        made(sg(), edited(sg()), live(security_groups=(group(rules=OPEN),))),
        "FAIL",
    ),
    ("X-06", "a rule that never came fails", made(sg('["10.0.0.0/8", "172.16.0.0/12"]'), edited(sg())), "FAIL"),
    ("X-06", "ranges in other words pass", made(sg('["10.0.0.0/9", "10.128.0.0/9"]'), edited(sg())), "PASS"),
    ("X-06", "unknown ranges are no drift", made(sg("var.x"), edited(sg())), "PASS"),
    ("X-06", "a database that is not there fails", made(db(name='"gone"'), edited(db())), "FAIL"),
    (
        "X-06",
        "a database that may not be meant to be there is not evaluated",
        made(db("count = var.x", '"gone"'), edited(db("count = var.x", '"gone"'))),
        "NOT_EVALUATED",
    ),
    (
        "X-06",
        "a database that cannot be looked up is not evaluated",
        made(db(), edited(db()), live(databases=DENIED)),
        "NOT_EVALUATED",
    ),
    (
        "X-06",
        "a database made public by hand fails",
        made(db("publicly_accessible = false"), edited(db()), live(databases=(database(public=True),))),
        "FAIL",
    ),
    (
        "X-06",
        "a database nobody declares fails",
        made(sg(), edited(sg()), live(security_groups=(group(), group("hand", tags={"module": "envs/dev/net"})))),
        "FAIL",
    ),
    (
        "X-06",
        "a block switched off by hand fails",
        made(
            s3()
            + s3("aws_s3_bucket_public_access_block", "bucket = aws_s3_bucket.x.id\nrestrict_public_buckets = true"),
            s3(),
            live(buckets=(bucket(public_access=known(NO_BLOCK)),)),
        ),
        "FAIL",
    ),
    (
        "X-06",
        "a block that is on passes",
        made(
            s3()
            + s3("aws_s3_bucket_public_access_block", "bucket = aws_s3_bucket.x.id\nrestrict_public_buckets = true"),
            s3(),
            live(buckets=(bucket(public_access=known(BLOCKED)),)),
        ),
        "PASS",
    ),
    ("X-08", "a high rating passes", made(sg(), sg('["0.0.0.0/0"]')), "PASS"),
    (
        "X-08",
        "a low rating of an opened group fails",
        made(sg(), sg('["0.0.0.0/0"]'), ticket=ticket(risk="low")),
        "FAIL",
    ),
    ("X-08", "a low rating of a harmless change passes", made(sg(), edited(sg()), ticket=ticket(risk="low")), "PASS"),
    (
        "X-08",
        "a low rating where much depends fails",
        made(sg(), edited(sg()), live(interfaces=interfaces("sg-orders", 5)), ticket=ticket(risk="low")),
        "FAIL",
    ),
    (
        "X-08",
        "a medium rating where very much depends fails",
        made(sg(), edited(sg()), live(interfaces=interfaces("sg-orders", 20)), ticket=ticket(risk="medium")),
        "FAIL",
    ),
    (
        "X-08",
        "dependants that cannot be counted are not evaluated",
        made(sg(), edited(sg()), live(interfaces=DENIED), ticket=ticket(risk="low")),
        "NOT_EVALUATED",
    ),
    (
        "X-08",
        "resources that are not listed are not evaluated",
        made(sg(), edited(sg()), live(security_groups=DENIED), ticket=ticket(risk="low")),
        "NOT_EVALUATED",
    ),
    ("X-08", "a low rating of a key that many use fails", made("", GRANT, live(keys=(key(6),)), **LOW), "FAIL"),
    ("X-08", "a low rating of a key that few use passes", made("", GRANT, live(keys=(key(1),)), **LOW), "PASS"),
    (
        "X-08",
        "a key whose policy is unread is not evaluated",
        made("", GRANT, live(keys=(replace(key(6), policy=DENIED),)), **LOW),
        "NOT_EVALUATED",
    ),
    ("X-08", "no rating is not evaluated", made(sg(), edited(sg()), ticket=ticket(risk="")), "NOT_EVALUATED"),
    ("X-08", "a run without AWS is not evaluated", made(sg(), edited(sg()), AwsFacts()), "NOT_EVALUATED"),
    ("X-11", "one account everywhere passes", case(aws=live()), "PASS"),
    ("X-11", "a credential of another account fails", case(aws=live(caller="999988887777")), "FAIL"),
    (
        "X-11",
        "a ticket about another account fails",
        case(aws=live(), ticket=ticket(account_ids=("999988887777",))),
        "PASS FAIL",
    ),
    (
        "X-11",
        "code for another account fails",
        made("", 'provider "aws" {\nallowed_account_ids = ["999988887777"]\n}'),
        "PASS FAIL",
    ),
    ("X-11", "a ticket about the region passes", case(aws=live(), ticket=ticket(regions=("us-east-1",))), "PASS"),
    (
        "X-11",
        "a ticket about another region fails",
        case(aws=live(), ticket=ticket(regions=("eu-west-1",))),
        "PASS FAIL",
    ),
    (
        "X-11",
        "a ticket about an environment of another account fails",
        case(aws=live(), ticket=ticket(environment="prod", account_ids=())),
        "PASS FAIL",
    ),
    ("X-11", "an unread ticket is not evaluated", case(aws=live(), ticket=DENIED), "PASS NOT_EVALUATED"),
    ("X-11", "unread code is not evaluated", case(aws=live(), iac={REF: DENIED}), "PASS NOT_EVALUATED"),
    ("X-11", "a caller that was not asked is not evaluated", case(aws=live(caller=DENIED)), "NOT_EVALUATED"),
    ("X-11", "a run without AWS is not evaluated", case(), "NOT_EVALUATED"),
    ("X-12", "a database with backups passes", made(db(), edited(db())), "PASS"),
    (
        "X-12",
        "a database without backups fails",
        made(db(), edited(db()), live(databases=(database(backup_days=0),))),
        "FAIL",
    ),
    (
        "X-12",
        "a bucket without versions fails",
        made(s3(), edited(s3()), live(buckets=(bucket(versioning=known("")),))),
        "FAIL",
    ),
    (
        "X-12",
        "a bucket with versions passes",
        made(s3(), edited(s3()), live(buckets=(bucket(versioning=known("Enabled")),))),
        "PASS",
    ),
    (
        "X-12",
        "a bucket whose versions are unread is not evaluated",
        made(s3(), edited(s3()), live(buckets=(bucket(versioning=DENIED),))),
        "NOT_EVALUATED",
    ),
    (
        "X-12",
        "a table without recovery fails",
        made(
            "", s3("aws_dynamodb_table", 'name = "carts"'), live(tables=(table(point_in_time_recovery=known(False)),))
        ),
        "FAIL",
    ),
    (
        "X-12",
        "a database that is not found is not evaluated",
        made(db(name="var.n"), edited(db(name="var.n"))),
        "NOT_EVALUATED",
    ),
    (
        "X-12",
        "a bucket that cannot be looked up is not evaluated",
        made(db() + s3(), edited(db()) + edited(s3()), live(buckets=DENIED)),
        "NOT_EVALUATED PASS",
    ),
    (
        "X-12",
        "a plan that restores nothing is not applicable",
        made(db(), edited(db()), ticket=ticket(rollback=TextFact(9))),
        "NOT_APPLICABLE",
    ),
    ("X-12", "a change without state is not applicable", made(sg(), edited(sg())), "NOT_APPLICABLE"),
]


@pytest.mark.parametrize(("check_id", "fact", "made", "said"), CASES, ids=[fact for _, fact, *_ in CASES])
def test_change_against_the_account(check_id, fact, made, said):
    assert word(check_id, made) == said, fact


def test_touching_what_is_open_is_critical_and_names_both_places():
    finding = only("X-04", made(sg(), edited(sg()), EXPOSED))
    assert finding.severity is Severity.CRITICAL
    assert [subject.uid for subject in finding.resources] == [
        f"arn:aws:ec2:us-east-1:{ACCOUNT}:security-group/sg-orders",
        f"acme/infra-core/{PATH}#aws_security_group.db",
    ]
    assert {evidence.source for evidence in finding.evidence} == {"aws", "github"}


def test_drift_was_there_before():
    finding = only("X-06", made(sg(), edited(sg()), live(security_groups=(group(rules=OPEN),))))
    assert finding.origin is Origin.PRE_EXISTING
    assert "tcp/5432 0.0.0.0/0 is live and not in code" in finding.message


# --- the process ------------------------------------------------------------------------------------


def deployed(hours, name="dev"):
    return pull(
        merged=True, merged_at=at(hours - 1), deployments=known((Deployment(name, HEAD, at(hours), "success"),))
    )


def touching(components, code=None, **changes):
    return code_case({PATH: (None, code or sg())}, ticket=ticket(components=components, **changes))


TWO = sg() + db()
PROCESS = [
    ("X-07", "a deployment in the window passes", case(pull=deployed(11)), "PASS"),
    ("X-07", "one before it fails", case(pull=deployed(9)), "FAIL"),
    ("X-07", "one after it fails", case(pull=deployed(13)), "FAIL"),
    ("X-07", "one without window fails", case(pull=deployed(11), ticket=ticket(window_start=None)), "FAIL"),
    ("X-07", "a preview is nothing to judge", case(pull=deployed(9, "preview")), "NOT_APPLICABLE"),
    ("X-07", "no deployment is nothing to judge", case(), "NOT_APPLICABLE"),
    ("X-07", "unread deployments are not evaluated", case(pull=pull(deployments=DENIED)), "NOT_EVALUATED"),
    (
        "X-07",
        "fields that are not configured are not evaluated",
        case(pull=deployed(11), ticket=ticket(window_configured=False)),
        "NOT_EVALUATED",
    ),
    ("X-07", "an unread pull request is not evaluated", case(pull=DENIED), "NOT_EVALUATED"),
    ("X-07", "no pull request is nothing to judge", case(pull=None), "NOT_APPLICABLE"),
    ("X-09", "links both ways pass", case(), "PASS"),
    ("X-09", "a pull request without key fails", case(pull=pull(ticket_keys=())), "FAIL"),
    ("X-09", "a ticket without link fails", case(ticket=ticket(links=known(()))), "FAIL"),
    (
        "X-09",
        "a link to another pull request fails",
        case(ticket=ticket(links=known((link(replace(REF, number=8)),)))),
        "FAIL",
    ),
    ("X-09", "two tickets for one pull request fail", case(pull=pull(ticket_keys=("SEC-1", "SEC-2"))), "FAIL"),
    ("X-09", "a closed ticket fails", case(ticket=ticket(status="Done")), "FAIL"),
    (
        "X-09",
        "a closed ticket of a merged pull request passes",
        case(ticket=ticket(status="Done"), pull=pull(merged=True)),
        "PASS",
    ),
    (
        "X-09",
        "a cancelled ticket of a merged pull request fails",
        case(ticket=ticket(status="Cancelled"), pull=pull(merged=True)),
        "FAIL",
    ),
    ("X-09", "no ticket fails", case(ticket=None), "FAIL"),
    ("X-09", "no ticket and an unread pull request is not evaluated", case(ticket=None, pull=DENIED), "NOT_EVALUATED"),
    ("X-09", "an unread ticket is not evaluated", case(ticket=DENIED), "NOT_EVALUATED"),
    ("X-09", "unread links are not evaluated", case(ticket=ticket(links=DENIED)), "NOT_EVALUATED"),
    ("X-09", "no pull request is nothing to judge", case(pull=None), "NOT_APPLICABLE"),
    ("X-10", "a named type passes", touching(("aws_security_group",)), "PASS"),
    ("X-10", "a named module passes", touching(("envs/dev/net",)), "PASS"),
    ("X-10", "a part of the module's folder passes", touching(("net",)), "PASS"),
    ("X-10", "a named resource passes", touching(("Orders",)), "PASS"),
    ("X-10", "something that is not named fails", touching(("aws_security_group",), TWO), "FAIL"),
    (
        "X-10",
        "an account that is not named fails",
        touching(("net",), sg(more='arn = "arn:aws:iam::999988887777:role/x"')),
        "FAIL",
    ),
    ("X-10", "components that mean nothing here are not evaluated", touching(("payments",)), "NOT_EVALUATED"),
    ("X-10", "no components are not evaluated", touching(()), "NOT_EVALUATED"),
    ("X-10", "no resource is nothing to judge", case(), "NOT_APPLICABLE"),
    ("X-10", "unread code is not evaluated", case(iac={REF: DENIED}), "NOT_EVALUATED"),
    ("X-10", "no pull request is nothing to judge", case(pull=None), "NOT_APPLICABLE"),
]


@pytest.mark.parametrize(("check_id", "fact", "made", "said"), PROCESS, ids=[fact for _, fact, *_ in PROCESS])
def test_process(check_id, fact, made, said):
    assert word(check_id, made) == said, fact


@pytest.mark.parametrize("check_id", ["X-07", "X-08", "X-10", "X-12"])
def test_a_run_without_ticket_has_nothing_to_judge(check_id):
    assert only(check_id, case(ticket=None)).status is Status.NOT_APPLICABLE


@pytest.mark.parametrize("check_id", ["X-07", "X-08", "X-10", "X-12"])
def test_an_unread_ticket_gives_its_reason(check_id):
    assert only(check_id, case(ticket=DENIED)).reason is Reason.ACCESS_DENIED


def test_no_finding_shares_its_id_with_another():
    whole = made(sg() + db(), sg('["0.0.0.0/0"]') + db("publicly_accessible = true"), EXPOSED)
    from harness_cli.review.registry import all_checks

    found = [finding for check_id in all_checks() for finding in findings(check_id, whole)]
    failures = [finding for finding in found if finding.status is Status.FAIL]
    assert len({finding.uid for finding in failures}) == len(failures)
