"""The report on a terminal."""

import re
from dataclasses import replace

import pytest

from harness_cli.render.report_text import render_text
from harness_cli.review.finding import IacPlace, Origin, Severity, Subject
from tests.simulators.golden import same_as_golden
from tests.simulators.reports import ISSUE, OPEN_GROUP, aws, document, evidence, finding, findings

WIDTHS = (40, 60, 80, 100, 120, 160, 200)


def shown(width: int = 100, **changes) -> str:
    return render_text(document(**changes), width=width, color=False)


@pytest.mark.parametrize("width", [60, 80, 160])  # at 100 columns: test_report_formats
def test_form_is_the_golden_one(width: int) -> None:
    assert same_as_golden(f"report-{width}.txt", shown(width))


@pytest.mark.parametrize("width", WIDTHS)
def test_nothing_is_wider_than_the_terminal_but_what_is_copied(width: int) -> None:
    long = [line for line in shown(width).splitlines() if len(line) > width]
    assert all(line.startswith(("trail ", "         harness trace ")) for line in long)


@pytest.mark.parametrize("width", [80, 100, 120, 159, 160])
def test_words_are_not_broken(width: int) -> None:
    text = shown(width)
    for word in ("security_groups.tf:41", "sg-0a1b2c3d4e5f60718", "GH-21", "0.0.0.0/0", "user/breakglass-2019"):
        assert word in text


def test_last_lines_are_the_verdict_and_the_trail() -> None:
    text = shown()
    verdict, trail = text.index(" INCOMPLETE "), text.index("trail    /srv/reviews/.harness/audit/")
    assert text.index("severity") < verdict < trail
    assert text.splitlines()[-1].startswith("         harness trace 01a20ce4-05c0-7b3c-8d4e-0123456789ab")


@pytest.mark.parametrize(("count", "times"), [(3, 1), (60, 2)])
def test_a_report_of_several_screens_begins_with_its_verdict_too(count, times) -> None:
    rows = tuple(finding("GH-21", "t", Severity.CRITICAL, f"m{number}", ISSUE) for number in range(count))
    text = shown(rows=rows)
    block = text[text.rindex(" HIGH ") : text.index("approval apr")]
    assert "to lower it" in block
    assert text.count(block) == times
    assert (text.index(block) < text.index("severity")) == (times == 2)


def test_the_map_names_whole_checks_and_how_many_more() -> None:
    rows = tuple(finding(f"GH-{number}", "t", Severity.HIGH, "m", ISSUE) for number in range(10, 40))
    lines = shown(60, rows=rows).splitlines()
    assert "SEC-12  high  GH-10, GH-11, GH-12, GH-13, GH-14 and 25 more" in lines


def test_audit_lines_stand_behind_the_last_place_or_below_it() -> None:
    long = aws("aws_iam_role", "iam", "role/" + "x" * 80)
    rows = tuple(
        finding("IAM-07", "t", Severity.HIGH, f"said of {name}", where, evidence=(evidence("aws", "x", 27),))
        for name, where in (("one", OPEN_GROUP), ("other", long))
    )
    assert "said of one\n                      ec2 security-group/sg-0a1b2c3d4e5f60718  #27\n" in shown(80, rows=rows)
    assert re.search(r"said of other\n {22}iam role/x+…x+\n {22}#27\n", shown(80, rows=rows))


def test_verdict_names_three_findings_that_decide() -> None:
    tail = shown().split(" INCOMPLETE ")[1]
    named = [word for word in ("GH-21", "IAM-07", "EC2-01", "X-04") if f" {word} " in tail]
    assert named == ["GH-21", "IAM-07", "EC2-01"]


def test_severities_and_origins_are_words_and_marks_with_a_legend() -> None:
    text = shown()
    assert "critical +  GH-21" in text
    assert "medium   =  S3-03" in text
    assert "+ this change brings it" in text


def test_arns_are_shortened() -> None:
    before_the_trail = shown().split("trail  ")[0]
    assert "arn:aws" not in before_the_trail
    assert "ec2 security-group/sg-0a1b2c3d4e5f60718" in before_the_trail


def test_an_arn_before_a_colon_is_shortened_too() -> None:
    root = Subject("aws_account", "arn:aws:iam::111122223333:root", "111122223333", env="prod")
    rows = (finding("IAM-02", "t", Severity.CRITICAL, "m", root, remediation="Give it one."),)
    assert "- mend IAM-02 on account 111122223333: Give it one\n" in shown(rows=rows)


def test_same_words_of_several_resources_are_one_row() -> None:
    groups = [aws("aws_security_group", "ec2", f"security-group/sg-{number}") for number in range(5)]
    rows = tuple(
        finding("EC2-03", "t", Severity.HIGH, "the default group has rules", group, evidence=(evidence("aws", "x", 9),))
        for group in groups
    )
    text = shown(rows=rows).split(" HIGH ")[0]
    assert text.count("the default group has rules") == 1
    assert "and 2 more" in text


def test_region_is_named_where_there_are_several() -> None:
    rows = (finding("EC2-01", "t", Severity.HIGH, "open", OPEN_GROUP),)
    assert "sg-0a1b2c3d4e5f60718 eu-west-1" in shown(rows=rows, regions=("eu-west-1", "us-east-1"))
    assert "sg-0a1b2c3d4e5f60718 eu-west-1" not in shown(rows=rows)


def test_without_colour_no_escape_is_written() -> None:
    assert "\x1b" not in shown()


def test_with_colour_severities_are_painted() -> None:
    assert "\x1b[1;31mcritical" in render_text(document(), width=100, color=True)


def test_incomplete_review_says_so_in_its_verdict() -> None:
    tail = shown().split(" INCOMPLETE ")[1]
    assert "so far BLOCK" in tail
    assert "not looked at  KMS-02" in tail


def test_clean_review_is_short() -> None:
    text = shown(rows=findings()[-2:])
    assert "no check failed" in text
    assert " NONE " in text
    assert "--fail-on high is not reached" in text


def test_posture_review_has_no_change() -> None:
    account = Subject("aws_account", "arn:aws:iam::111122223333:root", "111122223333")
    rows = (finding("S3-02", "t", Severity.HIGH, "m", account),)
    text = shown(rows=rows, ticket="", pull_requests=())
    assert text.startswith("Review of the account's posture in prod: ")
    assert "└─ AWS 111122223333" in text


def test_what_is_waived_stands_last_and_is_counted() -> None:
    waived = replace(finding("A-01", "t", Severity.CRITICAL, "first", OPEN_GROUP), waiver="known")
    before = finding("B-01", "t", Severity.LOW, "second", OPEN_GROUP, origin=Origin.PRE_EXISTING)
    text = render_text(document((waived, before)), width=100, color=False)
    assert text.index("second") < text.index("first")
    assert "2 failed (1 there before, 1 waived)" in text


def test_checks_that_lack_the_same_thing_are_one_sentence() -> None:
    unread = ["RDS-01 (a): exception, no answer", "X-06 (b): exception, no answer", "GH-01 (c): throttled, busy"]
    whole = document()
    text = render_text({**whole, "verdictDetail": {**whole["verdictDetail"], "unread": unread}}, width=100, color=False)
    assert "not looked at  RDS-01, X-06: exception, no answer\n" in text
    assert "not looked at  GH-01 (c): throttled, busy\n" in text


def test_a_resource_in_code_is_named_by_its_address_where_no_other_has_it() -> None:
    def code(path: str, name: str) -> Subject:
        return Subject(
            "aws_s3_bucket", f"acme/infra-core/{path}#{name}", iac=IacPlace("acme/infra-core", path, 1, "c" * 40)
        )

    places = (
        ("a.tf", "aws_s3_bucket.one"),
        ("b.tf", "aws_s3_bucket.two"),
        ("c.tf", "aws_s3_bucket.two"),
        ("d.yml", "Two"),
    )
    rows = tuple(finding("GH-20", "t", Severity.CRITICAL, "m", code(*one), origin=Origin.INTRODUCED) for one in places)
    text = shown(200, rows=rows).split("mend GH-20 on ")[1].split(": ")[0]
    assert set(text.split(", ")) == {
        "aws_s3_bucket.one",
        "acme/infra-core/b.tf#aws_s3_bucket.two",
        "acme/infra-core/c.tf#aws_s3_bucket.two",
        "acme/infra-core/d.yml#Two",
    }
