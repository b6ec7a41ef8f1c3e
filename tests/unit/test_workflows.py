"""Our own workflows, held to what the review asks of everybody's."""

import re
from pathlib import Path

import pytest
import yaml

WORKFLOWS = sorted((Path(__file__).parents[2] / ".github" / "workflows").glob("*.yml"))
PINNED = re.compile(r"[\w.-]+/[\w./-]+@[0-9a-f]{40}")
TARGETS = ("make lint", "make test", "make demo")


@pytest.fixture(params=WORKFLOWS, ids=lambda path: path.name)
def workflow(request):
    return yaml.safe_load(request.param.read_text())


def steps_of(workflow):
    return [step for job in workflow["jobs"].values() for step in job["steps"]]


def test_there_is_a_workflow():
    assert WORKFLOWS


def test_a_workflow_grants_nothing_and_each_job_only_reads(workflow):
    assert workflow["permissions"] == {}
    for job in workflow["jobs"].values():
        assert job["permissions"] == {"contents": "read"}


def test_every_action_is_pinned_to_a_commit(workflow):
    used = [step["uses"] for step in steps_of(workflow) if "uses" in step]
    assert used
    assert [name for name in used if not PINNED.fullmatch(name)] == []


def test_a_checkout_leaves_no_credentials(workflow):
    for step in steps_of(workflow):
        if step.get("uses", "").startswith("actions/checkout@"):
            assert step["with"]["persist-credentials"] is False


def test_a_workflow_runs_only_targets_of_the_readme_and_installs_the_fault_injector(workflow):
    commands = [step["run"] for step in steps_of(workflow) if "run" in step]
    assert set(TARGETS) <= set(commands)
    assert [command for command in commands if command not in TARGETS and "strace" not in command] == []
