from dataclasses import replace

import pytest

from harness_cli.core.reasons import Reason
from harness_cli.policy.catalogue.aws import OPERATIONS
from harness_cli.review.aws_facts import Place, RegionFacts
from harness_cli.review.checks.cross_match import unread_lists
from harness_cli.review.evidence import Gap, Known, Unread
from harness_cli.review.finding import Status
from harness_cli.review.live_facts import collect_aws, operations_for
from harness_cli.review.live_facts.needs import _OPERATIONS, NEEDS
from harness_cli.review.registry import all_checks
from harness_cli.runtime.shapes import problem_of
from tests.unit.review.aws.fake_reader import Answer, FakeReader
from tests.unit.review.aws.support import case_of, findings

ACCOUNT, REGION = "111122223333", "us-east-1"


def collected(reader: FakeReader, *checks: str) -> RegionFacts:
    facts = collect_aws(reader, [ACCOUNT], [REGION], frozenset(checks))
    return facts.region(Place(ACCOUNT, REGION))


def test_only_what_the_checks_need_is_asked() -> None:
    reader = FakeReader({})
    collected(reader, "EC2-07")
    assert reader.operations() == ["ec2:GetEbsEncryptionByDefault"]


def test_what_several_checks_need_is_asked_once() -> None:
    reader = FakeReader({})
    collected(reader, "EC2-01", "EC2-02", "EC2-03", "RDS-01", "ELB-02", "EC2-06")
    assert len(reader.operations()) == len(set(reader.operations()))


def test_everything_for_a_region_takes_three_rounds_at_most() -> None:
    reader = FakeReader(
        {
            "s3:ListAllMyBuckets": {"Buckets": [{"Name": f"bucket-{n}"} for n in range(12)]},
            "s3:GetBucketPolicy": None,
            "kms:ListKeys": {"Keys": [{"KeyId": "k", "KeyArn": "arn:k"}]},
            "kms:DescribeKey": {"KeyMetadata": {"KeyId": "k", "Arn": "arn:k"}},
        }
    )
    collected(reader, *NEEDS)
    assert len(reader.rounds) <= 4
    assert len(reader.asked) <= 200


def test_each_place_is_read_once() -> None:
    reader = FakeReader({})
    facts = collect_aws(
        reader, [ACCOUNT, ACCOUNT, "999988887777"], [REGION, "eu-west-1", "aws-global"], frozenset(["EC2-07"])
    )
    assert facts.regions == (REGION, "eu-west-1")
    assert len(reader.asked) == 4
    assert len(list(facts.places())) == 4


def test_global_services_are_asked_once_an_account_and_not_by_region() -> None:
    reader = FakeReader({})
    collect_aws(reader, [ACCOUNT], [REGION, "eu-west-1"], frozenset(["IAM-01", "S3-01"]))
    assert sorted((ask.operation, ask.params["region"]) for ask in reader.asked) == [
        ("iam:GetAccountSummary", "aws-global"),
        ("s3:GetAccountPublicAccessBlock", REGION),
    ]


def test_an_answer_that_makes_no_sense_is_unread_and_not_empty() -> None:
    facts = collected(
        FakeReader({"ec2:DescribeSecurityGroups": {"SecurityGroups": [{"GroupName": "no id"}]}}), "EC2-01"
    )
    assert isinstance(facts.security_groups, Unread)


def test_every_ask_fits_the_schema_of_its_operation() -> None:
    one = {"Name": "bucket"}
    answers: dict[str, Answer] = {
        "s3:ListAllMyBuckets": {"Buckets": [one]},
        "s3:GetBucketPolicy": None,
        "ec2:DescribeSnapshots": {"Snapshots": [{"SnapshotId": "snap-0123456789abcdef0", "OwnerId": ACCOUNT}]},
        "ec2:DescribeSecurityGroups": {
            "SecurityGroups": [
                {"GroupId": "sg-1", "IpPermissions": [{"PrefixListIds": [{"PrefixListId": "pl-0123456789abcdef0"}]}]}
            ]
        },
        "cloudtrail:DescribeTrails": {"trailList": [{"TrailARN": f"arn:aws:cloudtrail:{REGION}:{ACCOUNT}:trail/t"}]},
        "guardduty:ListDetectors": {"DetectorIds": ["d0123456789abcdef0123456789abcde"]},
        "access-analyzer:ListAnalyzers": {
            "analyzers": [{"arn": f"arn:aws:access-analyzer:{REGION}:{ACCOUNT}:analyzer/a", "type": "ACCOUNT"}]
        },
        "eks:ListClusters": {"clusters": ["main"]},
        "ecr:DescribeRepositories": {"repositories": [{"repositoryName": "a/b", "repositoryArn": "arn:r"}]},
        "lambda:ListFunctions": {"Functions": [{"FunctionName": "f", "FunctionArn": "arn:f"}]},
        "secretsmanager:ListSecrets": {
            "SecretList": [{"ARN": f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:s-1"}]
        },
        "elasticloadbalancing:DescribeLoadBalancers": {
            "LoadBalancers": [
                {"LoadBalancerArn": f"arn:aws:elasticloadbalancing:{REGION}:{ACCOUNT}:loadbalancer/app/a/1"}
            ]
        },
        "elb:DescribeLoadBalancers": {"LoadBalancerDescriptions": [{"LoadBalancerName": "old-1"}]},
        "sns:ListTopics": {"Topics": [{"TopicArn": f"arn:aws:sns:{REGION}:{ACCOUNT}:t"}]},
        "sqs:ListQueues": {"QueueUrls": [f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/q"]},
        "dynamodb:ListTables": {"TableNames": ["t"]},
        "kms:ListKeys": {"Keys": [{"KeyId": "k", "KeyArn": "arn:k"}]},
        "kms:DescribeKey": {
            "KeyMetadata": {
                "KeyId": "1234abcd-12ab-34cd-56ef-1234567890ab",
                "Arn": "arn:k",
                "KeySpec": "SYMMETRIC_DEFAULT",
                "Origin": "AWS_KMS",
                "KeyState": "Enabled",
            }
        },
        "rds:DescribeDBSnapshots": {"DBSnapshots": [{"DBSnapshotIdentifier": "s", "DBSnapshotArn": "arn:s"}]},
        "iam:GetCredentialReport": {},
        "iam:GetAccountAuthorizationDetails": {"UserDetailList": [{"UserName": "u", "Arn": "arn:u"}]},
        "iam:ListAccessKeys": {"AccessKeyMetadata": [{"UserName": "u", "AccessKeyId": "AKIA" + "A" * 16}]},
    }
    reader = FakeReader(answers)
    collected(reader, *NEEDS)
    for ask in reader.asked:
        assert problem_of(ask.operation, "params", OPERATIONS[ask.operation].params, ask.params) == "", ask
    unasked = operations_for(NEEDS) - set(reader.operations())
    assert unasked <= {"s3:GetBucketOwnershipControls"}  # only where an ACL is open


def test_every_aws_check_has_needs_and_every_need_has_operations() -> None:
    from harness_cli.config.model import System

    aws = {name for name, one in all_checks().items() if one.sources == (System.AWS,)}
    assert aws <= set(NEEDS)
    assert {need for needs in NEEDS.values() for need in needs} == set(_OPERATIONS)
    assert operations_for(NEEDS) <= set(OPERATIONS)
    assert "iam:GenerateCredentialReport" not in operations_for(NEEDS)


def test_a_credential_report_is_used_where_there_is_one() -> None:
    report = (
        "user,arn,user_creation_time,password_enabled,password_last_used,password_last_changed,mfa_active,"
        "access_key_1_active,access_key_1_last_rotated,access_key_1_last_used_date\n"
        "<root_account>,arn:root,2020-01-01T00:00:00+00:00,not_supported,N/A,not_supported,true,false,N/A,N/A\n"
        "ana,arn:ana,2024-01-01T00:00:00+00:00,true,no_information,2026-01-01T00:00:00+00:00,false,"
        "true,2026-01-02T00:00:00+00:00,N/A\n"
    )
    reader = FakeReader({"iam:GetCredentialReport": {"Content": report}})
    facts = collect_aws(reader, [ACCOUNT], [REGION], frozenset(["IAM-03"]))
    credentials = facts.account(ACCOUNT).credentials
    assert isinstance(credentials, Known)
    root, ana = credentials.value
    assert root.is_root
    assert (ana.has_password, ana.mfa, len(ana.keys), ana.keys[0].last_used) == (True, False, 1, None)
    assert "iam:GenerateCredentialReport" not in reader.operations()


def test_an_active_key_without_a_date_is_a_key() -> None:
    report = (
        "user,arn,password_enabled,mfa_active,access_key_1_active,access_key_1_last_rotated,"
        "access_key_2_active,access_key_2_last_rotated\n"
        "ana,arn:ana,false,false,true,N/A,true,2026-01-02T00:00:00+00:00\n"
        "ben,arn:ben,false,false,false,N/A,false,N/A\n"
    )
    reader = FakeReader({"iam:GetCredentialReport": {"Content": report}})
    credentials = collect_aws(reader, [ACCOUNT], [REGION], frozenset(["IAM-06"])).account(ACCOUNT).credentials
    assert isinstance(credentials, Known)
    assert [len(user.keys) for user in credentials.value] == [2, 0]


def test_a_report_is_generated_only_where_the_configuration_says_so() -> None:
    reader = FakeReader({"iam:GetCredentialReport": {"Content": "user,arn\n"}})
    collect_aws(reader, [ACCOUNT], [REGION], frozenset(["IAM-03"]), generate_credential_report=True)
    assert reader.operations()[0] == "iam:GenerateCredentialReport"


@pytest.mark.parametrize(
    ("answer", "records"),
    [
        ({}, True),
        ({"EventSelectors": [{"ReadWriteType": "All", "IncludeManagementEvents": True}]}, True),
        ({"EventSelectors": [{"ReadWriteType": "WriteOnly", "IncludeManagementEvents": True}]}, False),
        ({"EventSelectors": [{"ReadWriteType": "All", "IncludeManagementEvents": False}]}, False),
        (
            {
                "EventSelectors": [
                    {"ReadWriteType": "WriteOnly", "IncludeManagementEvents": True},
                    {"ReadWriteType": "ReadOnly", "IncludeManagementEvents": True},
                ]
            },
            True,
        ),
        (
            {"AdvancedEventSelectors": [{"FieldSelectors": [{"Field": "eventCategory", "Equals": ["Management"]}]}]},
            True,
        ),
        ({"AdvancedEventSelectors": [{"FieldSelectors": [{"Field": "eventCategory", "Equals": ["Data"]}]}]}, False),
        (
            {
                "AdvancedEventSelectors": [
                    {
                        "FieldSelectors": [
                            {"Field": "eventCategory", "Equals": ["Management"]},
                            {"Field": "readOnly", "Equals": ["false"]},
                        ]
                    }
                ]
            },
            False,
        ),
    ],
)
def test_whether_a_trail_records_all_management_events(answer: dict[str, object], records: bool) -> None:
    trails = {"trailList": [{"TrailARN": "arn:aws:cloudtrail:us-east-1:111122223333:trail/t", "Name": "t"}]}
    reader = FakeReader({"cloudtrail:DescribeTrails": trails, "cloudtrail:GetEventSelectors": answer})
    facts = collected(reader, "CT-01")
    assert isinstance(facts.trails, Known)
    selectors = facts.trails.value[0].management_events
    assert isinstance(selectors, Known)
    assert selectors.value is records


def test_one_dead_service_leaves_the_others_alone() -> None:
    facts = collected(FakeReader({"rds:DescribeDBInstances": None}), "RDS-02", "EC2-08")
    assert isinstance(facts.databases, Unread)
    assert isinstance(facts.volumes, Known)


GAPS: dict[str, tuple[str, str, dict[str, Answer]]] = {
    "cluster": (
        "EKS-02",
        f"arn:aws:eks:{REGION}:{ACCOUNT}:cluster/locked",
        {
            "eks:ListClusters": {"clusters": ["locked", "open"]},
            "eks:DescribeCluster": lambda asked: (
                None if asked["name"] == "locked" else {"cluster": {"name": "open", "arn": "arn:open"}}
            ),
        },
    ),
    "key": (
        "KMS-03",
        "arn:locked",
        {
            "kms:ListKeys": {"Keys": [{"KeyId": n, "KeyArn": f"arn:{n}"} for n in ("locked", "open")]},
            "kms:DescribeKey": lambda asked: (
                None if asked["KeyId"] == "locked" else {"KeyMetadata": {"KeyId": "open", "Arn": "arn:open"}}
            ),
        },
    ),
    "user": (
        "IAM-06",
        "arn:locked",
        {
            "iam:GetAccountAuthorizationDetails": {
                "UserDetailList": [{"UserName": n, "Arn": f"arn:{n}"} for n in ("locked", "open")]
            },
            "iam:ListMFADevices": lambda asked: None if asked["UserName"] == "locked" else {},
        },
    ),
}


@pytest.mark.parametrize("kind", GAPS)
def test_one_unread_item_does_not_blind_the_others(kind: str) -> None:
    check, uid, answers = GAPS[kind]
    facts = collect_aws(FakeReader(answers), [ACCOUNT], [REGION], frozenset([check]))
    case = replace(case_of(), aws=facts)
    rows = {row.resources[0].uid: row for row in findings(check, case)}
    assert set(rows) == {uid, "arn:open"}
    assert (rows[uid].status, rows[uid].reason) == (Status.NOT_EVALUATED, Reason.ACCESS_DENIED)
    assert rows["arn:open"].status in {Status.PASS, Status.FAIL}


def test_an_unread_item_has_a_row_among_items_of_several_kinds() -> None:
    gap = Gap("aws_sqs_queue", "arn:locked", Unread(Reason.THROTTLED, "throttled"))
    (row,) = findings("MSG-01", case_of(RegionFacts(topics=Known((), ()), queues=Known((), (), (gap,)))))
    assert (row.status, row.reason, row.resources[0].uid) == (Status.NOT_EVALUATED, Reason.THROTTLED, "arn:locked")


def test_an_unread_item_may_be_the_twin_of_a_block() -> None:
    facts = collect_aws(FakeReader(GAPS["cluster"][2]), [ACCOUNT], [REGION], frozenset(["EKS-02"]))
    assert [one.reason for one in unread_lists(facts, "aws_eks_cluster")] == [Reason.ACCESS_DENIED]


def test_automated_database_snapshots_are_left_out() -> None:
    taken = [
        {"DBSnapshotIdentifier": n, "DBSnapshotArn": f"arn:{n}", "SnapshotType": kind}
        for n, kind in (("rds:main-2026-11-27-03-05", "automated"), ("kept", "manual"))
    ]
    reader = FakeReader({"rds:DescribeDBSnapshots": {"DBSnapshots": taken}})
    found = collected(reader, "RDS-05").database_snapshots
    assert isinstance(found, Known)
    assert [(one.id, one.pointer) for one in found.value] == [("kept", "/DBSnapshots/1")]


def test_a_secret_keeps_its_place_in_the_answer_beside_a_deleted_one() -> None:
    listed = [{"ARN": "arn:gone", "DeletedDate": "2026-11-20T00:00:00.000Z"}, {"ARN": "arn:kept"}]
    secrets = collected(FakeReader({"secretsmanager:ListSecrets": {"SecretList": listed}}), "SEC-01").secrets
    assert isinstance(secrets, Known)
    assert [(one.arn, one.pointer) for one in secrets.value] == [("arn:kept", "/SecretList/1")]


def test_public_snapshots_are_looked_for_among_candidates_only() -> None:
    own = [{"SnapshotId": f"snap-{n:017x}", "OwnerId": ACCOUNT} for n in range(100)]
    reader = FakeReader(
        {
            "ec2:DescribeSnapshots": lambda p: {"Snapshots": own[:1] if "RestorableByUserIds" in p else own},
            "ec2:DescribeSnapshotAttribute": {"CreateVolumePermissions": [{"Group": "all"}]},
        }
    )
    facts = collected(reader, "EC2-09")
    assert isinstance(facts.snapshots, Known)
    assert [one.public.value for one in facts.snapshots.value if isinstance(one.public, Known)].count(True) == 1
    assert reader.operations().count("ec2:DescribeSnapshotAttribute") == 1


def test_an_item_without_what_its_operation_promises_spoils_only_its_own_fact() -> None:
    facts = collected(FakeReader({"cloudtrail:DescribeTrails": {"trailList": [{"Name": "no ARN"}]}}), "CT-01", "EC2-08")
    assert isinstance(facts.trails, Unread)
    assert isinstance(facts.volumes, Known)
