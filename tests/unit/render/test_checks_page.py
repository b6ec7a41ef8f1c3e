"""The page of all checks is what the registry says; `make docs` writes it anew."""

import os
import re

from harness_cli.render.checks_page import checks_page
from harness_cli.review.registry import all_checks
from tests.conftest import ROOT

PATH = ROOT / "docs" / "checks.md"
WRITE = os.environ.get("HARNESS_GOLDEN") == "write"  # read once: each test has an environment of its own


def test_documentation_is_what_the_registry_says() -> None:
    page = checks_page(all_checks().values())
    if WRITE:
        PATH.write_text(page, encoding="utf-8")
    assert PATH.read_text(encoding="utf-8") == page, "run `make docs`"


def test_every_check_has_a_section_that_its_links_lead_to() -> None:
    page = checks_page(all_checks().values())
    headings = set(re.findall(r"^### ([A-Z0-9]+-\d\d)$", page, re.MULTILINE))
    assert headings == set(all_checks())
    assert {anchor.upper() for anchor in re.findall(r"\(#([a-z0-9-]+)\)", page)} == headings


def test_live_checks_name_the_operations_that_they_read() -> None:
    page = checks_page(all_checks().values())
    section = page.split("\n### EC2-01\n")[1].split("\n### ")[0]
    assert "`ec2:DescribeSecurityGroups`" in section
    assert "CIS-AWS 5.0 5.3" in section
    assert "Mend: " in section
