"""What the README says must be there."""

import re

from harness_cli.cli import COMMANDS
from tests.conftest import ROOT

README = (ROOT / "README.md").read_text()


def test_every_command_of_the_readme_exists_and_every_command_is_in_it():
    named = set(re.findall(r"harness ([a-z][a-z-]+)", README)) - {"run-of"}
    known = {command.name for command in COMMANDS}
    assert named <= known
    assert known - {"logout"} <= named
    assert "`logout`" in README


def test_its_two_commands_are_targets():
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(re.findall(r"^make ([a-z]+)", README, re.MULTILINE)) == {"demo", "test"} <= targets


def test_ci_runs_nothing_but_targets():
    script = (ROOT / ".ci" / "run").read_text()
    assert re.findall(r"^make .*$", script, re.MULTILINE) == ["make lint", "make test"]


def test_links_lead_somewhere():
    for target in re.findall(r"\]\(([^)#]+)\)", README):
        assert (ROOT / target).exists(), target
