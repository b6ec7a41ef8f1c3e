from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness_cli.core.untrusted import Untrusted
from harness_cli.review.evidence import Known
from harness_cli.review.iac.parse import parse_change
from harness_cli.review.iac.unpatch import text_before
from tests.simulators.case_builder import known
from tests.simulators.code_builder import code_pull, file_of

TEXTS = st.lists(st.sampled_from(["a", "b", "", "+", "-x", " y", "@@ -1 +1 @@"]), max_size=40).map("\n".join)


@given(before=TEXTS, after=TEXTS)
def test_the_text_before_comes_back(before, after):
    file = file_of("a.tf", before, after, "modified")
    found = text_before(file, after)
    assert found is None or found.rstrip("\n") == before.rstrip("\n")


BEFORE = "\n".join(f"line {n}" for n in range(40))
AFTER = BEFORE.replace("line 3\n", "new\nnewer\n").replace("line 30\n", "")
FILE = file_of("a.tf", BEFORE, AFTER, "modified")


def test_several_hunks_are_taken_back():
    assert text_before(FILE, AFTER) == BEFORE


@pytest.mark.parametrize(
    "file",
    [
        replace(FILE, patch=None),
        replace(FILE, status="added"),
        replace(FILE, additions=99),
        replace(FILE, patch=Untrusted(FILE.patch.for_parser()[:-20])),
        replace(FILE, patch=Untrusted("@@ cut @@\n+a")),
        replace(FILE, patch=Untrusted("@@ -1,1 +900,1 @@\n-a\n+b")),
    ],
)
def test_a_patch_that_does_not_tell_is_not_believed(file):
    assert text_before(file, AFTER) is None


def test_what_the_base_branch_gained_meanwhile_is_not_held_against_the_change():
    old, new = 'resource "t" "a" {\n  x = 1\n}\n', 'resource "t" "a" {\n  x = 2\n}\n'
    made = code_pull({"a.tf": (old, new)})
    moved_on = {**made.contents, ("a.tf", "base"): known(Untrusted(old + 'resource "aws_s3_bucket" "meanwhile" {}\n'))}
    change = parse_change(replace(made, contents=moved_on))
    assert isinstance(change, Known)
    assert change.value.removed == ()
