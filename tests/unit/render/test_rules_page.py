import os

from harness_cli.lint.registry import rules
from harness_cli.render.rules_page import rules_page
from tests.conftest import ROOT

WRITE = os.environ.get("HARNESS_GOLDEN") == "write"  # read once: each test has an environment of its own


def test_documentation_is_what_the_rules_say() -> None:
    path = ROOT / "docs" / "rules" / "README.md"
    page = rules_page(rules())
    if WRITE:
        path.write_text(page, encoding="utf-8")
    assert path.read_text(encoding="utf-8") == page
