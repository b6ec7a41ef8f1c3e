import pytest

from harness_cli.core.reasons import Reason
from harness_cli.core.untrusted import Untrusted
from harness_cli.review.evidence import Known, Unread
from harness_cli.review.iac.model import Unknown
from harness_cli.review.iac.parse import parse_change
from tests.simulators.case_builder import DENIED, changed, known, pull
from tests.simulators.code_builder import code_pull

GROUP = 'resource "aws_security_group" "a" {{\n  name = {}\n}}\n'


def change(files, **more):
    found = parse_change(code_pull(files, **more))
    assert isinstance(found, Known)
    return found.value


def one(files):
    (pair,) = change(files).pairs
    return pair


def test_blocks_are_paired_by_folder_and_address():
    pair = one({"net/a.tf": (GROUP.format('"x"'), None), "net/b.tf": (None, GROUP.format('"y"'))})
    assert (pair.base.get("name"), pair.head.get("name"), pair.is_changed) == ("x", "y", True)


def test_a_block_that_only_moves_in_its_file_is_not_changed():
    assert not one({"a.tf": (GROUP.format('"x"'), "\n\n" + GROUP.format('"x"'))}).is_changed


def test_moved_blocks_are_the_same_resource():
    after = (
        GROUP.format('"x"').replace('"a"', '"b"')
        + "moved {\n from = aws_security_group.a\n to = aws_security_group.b\n}\n"
    )
    pairs = [pair for pair in change({"a.tf": (GROUP.format('"x"'), after)}).pairs if pair.block.mode == "resource"]
    assert [(pair.base.address, pair.head.address) for pair in pairs] == [
        ("aws_security_group.a", "aws_security_group.b")
    ]


def test_removed_blocks_that_destroy_nothing_are_no_removal():
    after = "removed {\n from = aws_security_group.a\n lifecycle {\n destroy = false\n }\n}\n"
    assert change({"a.tf": (GROUP.format('"x"'), after)}).removed == ()
    assert len(change({"a.tf": (GROUP.format('"x"'), "")}).removed) == 1


def test_variables_come_from_tfvars_then_module_then_default():
    files = {
        "m/v.tf": ('variable "n" { default = "default" }', 'variable "n" { default = "default" }'),
        "m/a.tf": (None, GROUP.format("var.n")),
    }
    assert one(files).head.get("name") == "default"
    files["main.tf"] = (
        'module "m" {\n source = "./m"\n n = "module"\n}',
        'module "m" {\n source = "./m"\n n = "module"\n}',
    )
    assert one(files).head.get("name") == "module"
    files["m/terraform.tfvars"] = ('n = "file"', 'n = "file"')
    assert one(files).head.get("name") == "file"


def test_tfvars_that_disagree_leave_a_variable_unknown():
    files = {
        "a.tf": (None, GROUP.format("var.n")),
        "dev.tfvars": ('n = "a"', 'n = "a"'),
        "prod.tfvars": ('n = "b"', 'n = "b"'),
    }
    assert isinstance(one(files).head.get("name"), Unknown)


def test_a_changed_variable_changes_the_blocks_that_use_it():
    files = {
        "v.tf": ('variable "n" { default = "x" }', 'variable "n" { default = "y" }'),
        "a.tf": (GROUP.format("var.n"),) * 2,
    }
    assert one(files).is_changed


def test_policy_documents_stand_where_they_are_used():
    code = """
data "aws_iam_policy_document" "d" {
  statement {
    actions   = ["*"]
    resources = ["*"]
    principals {
      type        = "AWS"
      identifiers = ["*"]
    }
    condition {
      test     = "StringEquals"
      variable = "aws:PrincipalOrgID"
      values   = ["o-1"]
    }
  }
}
resource "aws_iam_policy" "p" {
  policy = data.aws_iam_policy_document.d.json
}
"""
    pairs = {pair.block.address: pair for pair in change({"a.tf": (None, code)}).pairs}
    assert pairs["aws_iam_policy.p"].head.get("policy")["Statement"] == (
        {
            "Effect": "Allow",
            "Action": ("*",),
            "Resource": ("*",),
            "Principal": {"AWS": ("*",)},
            "Condition": {"StringEquals": {"aws:PrincipalOrgID": ("o-1",)}},
        },
    )


def test_accounts_backends_and_tags_are_seen():
    code = """
terraform {
  backend "s3" {
    bucket = "state"
    key    = "prod/db.tfstate"
  }
}
provider "aws" {
  allowed_account_ids = ["999988887777"]
  assume_role {
    role_arn = "arn:aws:iam::111122223333:role/deploy"
  }
}
resource "aws_s3_bucket" "b" {
  tags = { Environment = "prod" }
}
"""
    found = change({"a.tf": (None, code), "x.tfvars": (None, 'account_id = "444455556666"')}).sightings
    assert {(seen.kind, seen.value) for seen in found} == {
        ("account", "999988887777"),
        ("account", "111122223333"),
        ("account", "444455556666"),
        ("backend", "state"),
        ("backend", "prod/db.tfstate"),
        ("tag", "prod"),
    }


def test_what_cannot_be_parsed_is_unread_and_nothing_of_it_is_judged():
    found = change(
        {"a.tf": (GROUP.format('"x"'), "resource {"), "b.tf": (None, GROUP.format('"y"').replace('"a"', '"c"'))}
    )
    assert [(file.path, file.unread.reason) for file in found.unread] == [("a.tf", Reason.EXCEPTION)]
    assert [pair.block.path for pair in found.pairs] == ["b.tf"]


@pytest.mark.parametrize("contents", [{}, {("a.tf", "head"): DENIED, ("a.tf", "base"): known(None)}])
def test_a_changed_file_that_was_not_fetched_is_unread(contents):
    made = pull(files=known((changed("a.tf"),)), contents=contents)
    assert [file.path for file in parse_change(made).value.unread] == ["a.tf"]


def test_unread_files_make_the_change_unread():
    assert isinstance(parse_change(pull(files=DENIED)), Unread)


def test_other_files_are_no_infrastructure_code():
    assert (
        change({"README.md": ("a", "b"), ".github/workflows/x.yml": ("a", "b"), "values.yaml": ("a: 1", "a: 2")}).files
        == ()
    )


def test_more_code_than_one_review_reads_is_unread():
    text = "# " + "x" * 130_000 + "\n"
    files = {f"f{number}.tf": (None, text) for number in range(9)}
    reasons = {file.unread.reason for file in change(files).unread}
    assert Reason.TRUNCATED in reasons


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("v.tf", 'variable "v" {\n default = a' + ".b" * 20_000 + "\n}"),
        ("x.tfvars", "v = a" + ".b" * 20_000),
        ("x.tf.json", '{"resource": {"t": {"n": ' + '{"a":' * 700 + "1" + "}" * 700 + "}}}"),
        (
            "s.json",
            '{"Resources": {"R": {"Type": "AWS::KMS::Key", "Properties": ' + '{"a":' * 700 + "1" + "}" * 700 + "}}}",
        ),
        (
            "l.tf",
            "locals {\n"
            + "".join(f"a{n} = local.a{n + 1}\n" for n in range(2000))
            + '}\nresource "t" "n" {\nx = local.a0\n}',
        ),
    ],
)
def test_hostile_files_are_unread_and_never_crash(path, text):
    assert [file.path for file in change({path: (None, text)}).unread] == [path]


def fetched(path, status, side, text, **more):
    """A pull request as it is read: the file is fetched only at the commits where it is."""
    file = changed(path, status=status, **more)
    return parse_change(pull(files=known((file,)), contents={(path, side): known(Untrusted(text))})).value


def test_an_added_file_was_not_there_before():
    (pair,) = fetched("a.tf", "added", "head", GROUP.format('"x"')).pairs
    assert pair.base is None
    assert pair.head is not None


def test_a_removed_file_is_not_there_any_more():
    found = fetched("a.tf", "removed", "base", GROUP.format('"x"'))
    assert [block.address for block in found.removed] == ["aws_security_group.a"]


def test_a_renamed_file_is_the_new_one_only():
    file = changed("b/a.tf", status="renamed", previous_path="a.tf", patch=None)
    texts = {
        (path, side): known(Untrusted(GROUP.format('"x"'))) for path, side in (("a.tf", "base"), ("b/a.tf", "head"))
    }
    pairs = parse_change(pull(files=known((file,)), contents=texts)).value.pairs
    assert sorted((p.base is None, p.head is None) for p in pairs) == [(False, True), (True, False)]


PROD = ("account", "999988887777")
PROVIDER = 'provider "aws" {\n  allowed_account_ids = ["999988887777"]\n}'
TOP = 'provider "aws" {\n  region = "eu-west-1"\n}\nmodule "db" {\n  source = "./modules/db"\n}'
PLACES = [
    ("an unchanged provider beside the change", {"p.tf": (PROVIDER, PROVIDER), "a.tf": (None, "locals {}")}, PROD),
    ("a default", {"v.tf": (None, 'variable "account_id" {\n  default = "999988887777"\n}')}, PROD),
    ("a local", {"v.tf": (None, 'locals {\n  environment = "prod"\n}')}, ("tag", "prod")),
    (
        "the provider of the top folder, which calls the module",
        {
            "main.tf": (TOP, TOP),
            "modules/db/main.tf": ("", 'resource "aws_db_instance" "x" {}'),
        },
        ("region", "eu-west-1"),
    ),
    ("a module's input", {"m.tf": (None, 'module "m" {\n  source = "./m"\n  env = "prod"\n}')}, ("tag", "prod")),
    ("tfvars in JSON", {"x.tfvars.json": (None, '{"account_ids": ["999988887777"]}')}, ("account", "999988887777")),
    ("a workspace's tags", {"c.tf": (None, 'terraform {\n  cloud {\n    workspaces {\n      tags = ["prod"]\n}}}')},
     ("workspace", "prod")),
    ("a provider's region", {"p.tf": (None, 'provider "aws" {\n  region = "eu-west-1"\n}')}, ("region", "eu-west-1")),
]  # fmt: skip


@pytest.mark.parametrize(("files", "seen"), [row[1:] for row in PLACES], ids=[row[0] for row in PLACES])
def test_every_way_to_name_a_place_is_seen(files, seen):
    assert seen in {(sighting.kind, sighting.value) for sighting in change(files).sightings}


def test_a_default_that_the_change_leaves_alone_names_no_place():
    old = 'variable "environment" {\n  default = "prod"\n}\n'
    assert change({"v.tf": (old, old + 'variable "x" {}\n')}).sightings == ()


def test_tfvars_in_crooked_json_are_unread():
    (unread,) = change({"x.tfvars.json": (None, "{")}).unread
    assert unread.path == "x.tfvars.json"
