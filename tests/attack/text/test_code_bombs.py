"""Infrastructure code of a pull request that doubles with each line: it is unknown, and costs next to nothing."""

import pytest

from harness_cli.review.checks import workflow_model
from harness_cli.review.iac.bounds import MOST_TEXT
from tests.simulators.case_builder import findings
from tests.simulators.code_builder import code_case

LINES = 60
ADDRESS = 'resource "aws_security_group_rule" "x" {{\ntype = "ingress"\nprotocol = "-1"\ncidr_blocks = {}\n}}\n'


def doubling(first: str, turn: str) -> str:
    steps = "".join(f"a{number} = {turn.replace('@', f'local.a{number - 1}')}\n" for number in range(1, LINES))
    return f"locals {{\na0 = {first}\n{steps}}}\n"


TERRAFORM = {
    "texts": doubling('"0123456789"', '"${@}${@}"') + ADDRESS.format(f"[local.a{LINES - 1}]"),
    "lists": doubling('["10.0.0.0/8"]', "concat(@, @)") + ADDRESS.format(f"local.a{LINES - 1}"),
    "nested lists": doubling('["10.0.0.0/8"]', "[@, @]") + ADDRESS.format(f"flatten(local.a{LINES - 1})"),
    "joined texts": doubling('"0123456789"', 'join("", [@, @])') + ADDRESS.format(f"[local.a{LINES - 1}]"),
    "replaced texts": doubling('"00"', 'replace(@, "0", "00")') + ADDRESS.format(f"[local.a{LINES - 1}]"),
    "heredocs": doubling('"0"', "<<EOT\n${@}${@}\nEOT\n") + ADDRESS.format(f"[local.a{LINES - 1}]"),
    "objects": doubling('{ k = "0" }', "{ a = @, b = @ }") + ADDRESS.format(f'["${{jsonencode(local.a{LINES - 1})}}"]'),
    "numbers": doubling("9", "@ * @") + ADDRESS.format(f'["10.0.0.0/${{local.a{LINES - 1}}}"]'),
    "loops": doubling('["10.0.0.0/8"]', "flatten([for x in @ : [x, x]])") + ADDRESS.format(f"local.a{LINES - 1}"),
    "wide subnet": ADDRESS.format('[cidrsubnet("10.0.0.0/8", 99999999999999999999, 1)]'),
    "many references": 'locals {\na = "' + "x" * 60_000 + '"\n}\n' + ADDRESS.format('["' + "${local.a}" * 5_000 + '"]'),
}


@pytest.mark.parametrize("code", TERRAFORM.values(), ids=TERRAFORM)
def test_terraform_that_doubles_is_not_evaluated(code):
    found = findings("GH-21", code_case({"m/main.tf": (None, code)}))
    assert {one.status for one in found} == {"NOT_EVALUATED"}
    assert all(len(one.message) < 1_000 for one in found)


def test_policy_documents_that_are_made_of_each_other_are_not_evaluated():
    def document(name: str, body: str) -> str:
        return f'data "aws_iam_policy_document" "{name}" {{\n{body}\n}}\n'

    first = document("d0", 'statement {\nactions = ["s3:GetObject"]\nresources = ["arn:aws:s3:::b/*"]\n}')
    more = ""
    for number in range(1, 30):
        source = f"data.aws_iam_policy_document.d{number - 1}.json"
        more += document(f"d{number}", f"source_policy_documents = [{', '.join([source] * 20)}]")
    policy = 'resource "aws_iam_policy" "x" {\npolicy = data.aws_iam_policy_document.d29.json\n}\n'
    found = findings("GH-20", code_case({"m/main.tf": (None, first + more + policy)}))
    assert "NOT_EVALUATED" in {one.status for one in found}


def test_a_policy_document_that_is_made_of_itself_is_not_evaluated():
    code = (
        'data "aws_iam_policy_document" "d" {\nsource_policy_documents = [data.aws_iam_policy_document.d.json]\n}\n'
        'resource "aws_iam_policy" "x" {\npolicy = data.aws_iam_policy_document.d.json\n}\n'
    )
    found = findings("GH-20", code_case({"m/main.tf": (None, code)}))
    assert "NOT_EVALUATED" in {one.status for one in found}


def test_a_template_whose_substitutions_double_is_not_evaluated():
    inner = '"0123456789"'
    for _ in range(20):
        inner = f'{{"Fn::Sub": ["${{A}}${{A}}${{A}}", {{"A": {inner}}}]}}'
    properties = f'{{"IpProtocol": "-1", "GroupId": "sg-1", "CidrIp": {inner}}}'
    template = f'{{"Resources": {{"X": {{"Type": "AWS::EC2::SecurityGroupIngress", "Properties": {properties}}}}}}}'
    found = findings("GH-21", code_case({"stack.json": (None, template)}))
    assert {one.status for one in found} == {"NOT_EVALUATED"}


def test_a_template_with_a_large_default_that_is_put_in_everywhere_is_not_evaluated():
    default = "x" * (MOST_TEXT // 8)
    template = (
        f"Parameters:\n  P: {{Type: String, Default: {default}}}\nResources:\n  X:\n"
        "    Type: AWS::EC2::SecurityGroupIngress\n    Properties:\n      IpProtocol: '-1'\n      GroupId: sg-1\n"
        f"      CidrIp: !Sub '{'${P}' * 20_000}'\n"
    )
    found = findings("GH-21", code_case({"stack.yaml": (None, template)}))
    assert {one.status for one in found} == {"NOT_EVALUATED"}


def test_more_templates_than_a_review_reads_are_said():
    template = "Resources:\n  X:\n    Type: AWS::RDS::DBInstance\n    Properties:\n      PubliclyAccessible: true\n"
    found = findings("GH-21", code_case({f"{name}.yaml": (None, template + "#" * 150_000) for name in "abcdefgh"}))
    assert {one.status for one in found} == {"FAIL", "NOT_EVALUATED"}
    assert {one.message for one in found if one.status == "NOT_EVALUATED"} == {
        "there is more code than one review reads"
    }


def test_more_workflows_than_a_review_reads_are_said(monkeypatch):
    monkeypatch.setattr(workflow_model, "MOST_CHARACTERS", 500)
    workflow = "on: pull_request_target\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - run: 'true'\n"
    files = {f".github/workflows/{name}.yml": (None, workflow) for name in "abcdefgh"}
    found = findings("GH-27", code_case(files))
    said = {one.message for one in found if one.status == "NOT_EVALUATED"}
    assert said == {"there are more workflows than one review reads"}
    assert "FAIL" in {one.status for one in found}


@pytest.mark.parametrize("check_id", ["GH-20", "GH-21", "GH-22", "GH-23", "GH-24"])
@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("m/main.tf", ADDRESS.format('["0.0.0.0/0"]\nfrom_port = 1e943\nto_port = 1e943')),
        ("m/main.tf", 'resource "aws_db_instance" "x" {\ncount = 1e943\n}\n'),
        ("m/main.tf", 'resource "aws_lb_listener" "x" {\nprotocol = { a = "HTTPS" }\n}\n'),
        (
            "s.json",
            '{"Resources": {"X": {"Type": "AWS::IAM::Policy", "DeletionPolicy": {"a": 1}, "Properties": '
            '{"PolicyDocument": {"Statement": {"Effect": {"Action": "*"}, "Action": {"a": []}}}}}}}',
        ),
    ],
)
def test_values_of_a_kind_that_nobody_expects_end_no_check(check_id, path, code):
    for before in (None, code.replace("1e943", "1").replace('"Action": "*"', '"Action": "a:b"')):
        said = [one.message for one in findings(check_id, code_case({path: (before, code)}))]
        assert said
        assert not [message for message in said if "the check itself failed" in message]


def test_calls_of_modules_that_multiply_are_not_evaluated():
    def calls(name: str, count: int) -> str:
        return "".join(f'module "m{number}" {{\nsource = "../{name}"\n}}\n' for number in range(count))

    database = 'resource "aws_db_instance" "x" {\nidentifier = "a"\n}\n'
    before, after = (calls("a", count).replace("../", "./") for count in (3, 1))
    inside = {f"m/{name}/main.tf": (calls(to, 300),) * 2 for name, to in (("a", "b"), ("b", "c"), ("c", "d"))}
    files = {"m/main.tf": (before, after), **inside, "m/d/main.tf": (database, database)}
    assert {one.status for one in findings("GH-24", code_case(files))} == {"NOT_EVALUATED"}
