"""LY10: the policy of a review never comes from the pull request under review."""

import hashlib
import subprocess

import pytest

from harness_cli.config.load import load_config
from harness_cli.core.errors import ConfigError
from harness_cli.lint.protected import refuse_policy_of_pull
from tests.unit.config.samples import MINIMAL

REPOSITORY = "acme/infra-core"
LAYER = "limits: {max_calls: 10}\n"


def git(folder, *words):
    settings = ("-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "commit.gpgsign=false")
    done = subprocess.run(["git", *settings, *words], cwd=folder, check=True, capture_output=True, text=True)
    return done.stdout.strip()


def write_config(folder, layer=LAYER, extra=""):
    (folder / "org.yaml").write_text(layer)
    digest = hashlib.sha256(layer.encode()).hexdigest()
    path = folder / "agent-harness-config.yaml"
    path.write_text(f'extends: [{{file: "org.yaml", sha256: "{digest}"}}]\n{MINIMAL}{extra}')
    return path


@pytest.fixture
def checkout(tmp_path):
    """A working tree whose base has the policy; returns its folder and the base commit."""
    git(tmp_path, "init", "--quiet")
    git(tmp_path, "remote", "add", "origin", f"https://github.com/{REPOSITORY}.git")
    write_config(tmp_path)
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "--quiet", "--message", "base")
    return tmp_path, git(tmp_path, "rev-parse", "HEAD")


def refused(folder, base, repository=REPOSITORY):
    config = load_config(folder / "agent-harness-config.yaml")
    with pytest.raises(ConfigError) as caught:
        refuse_policy_of_pull(config, repository, base)
    assert (caught.value.code, int(caught.value.exit_code)) == ("H082", 3)
    return caught.value


def accepted(folder, base, repository=REPOSITORY):
    refuse_policy_of_pull(load_config(folder / "agent-harness-config.yaml"), repository, base)


def test_ly10_the_policy_of_the_base_is_taken(checkout):
    folder, base = checkout
    (folder / "main.tf").write_text("# the change under review\n")
    accepted(folder, base)


def test_ly10_a_configuration_that_the_pull_request_changes_is_refused(checkout):
    folder, base = checkout
    write_config(folder, extra="# wider\n")
    git(folder, "commit", "--quiet", "--all", "--message", "widen")
    error = refused(folder, base)
    assert "agent-harness-config.yaml is changed by the pull request" in error.message
    assert "worktree" in error.help


def test_ly10_a_layer_that_the_pull_request_brings_is_refused(checkout):
    folder, base = checkout
    write_config(folder, layer="limits: {max_calls: 2000}\n")
    assert refused(folder, base)


def test_ly10_a_configuration_that_the_base_does_not_have_is_refused(checkout):
    folder, base = checkout
    inner = folder / "new"
    inner.mkdir()
    write_config(inner)
    assert "cannot be compared" in refused(inner, base).message


def test_ly10_a_base_that_was_not_fetched_is_refused(checkout):
    folder, _ = checkout
    assert "cannot be compared" in refused(folder, "0" * 40).message


def test_ly10_without_an_origin_the_checkout_is_taken_for_the_repository(checkout):
    folder, _ = checkout
    git(folder, "remote", "remove", "origin")
    refused(folder, "0" * 40)


def test_a_checkout_of_another_repository_is_none_of_the_authors(checkout):
    folder, base = checkout
    write_config(folder, extra="# changed here\n")
    accepted(folder, base, "acme/application")


def test_a_configuration_outside_of_any_repository_is_none_of_the_authors(tmp_path):
    write_config(tmp_path)
    accepted(tmp_path, "0" * 40)
