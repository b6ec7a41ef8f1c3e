import json

import pytest

from harness_cli.commands.actions_event import EventPull, pull_of_event
from harness_cli.core.errors import UsageError
from harness_cli.core.limits import RESPONSE_BYTES
from harness_cli.review.facts import PullRef

BASE = "c0ffee" * 6 + "1234"
PULL = {"number": 88, "base": {"sha": BASE}}
OF_A_PULL = {"action": "opened", "pull_request": PULL, "repository": {"full_name": "acme/infra-core"}}
FOUND = EventPull(PullRef("acme/infra-core", 88), BASE)


def environ(tmp_path, content):
    path = tmp_path / "event.json"
    path.write_bytes(content)
    return {"GITHUB_ACTIONS": "true", "GITHUB_EVENT_PATH": str(path)}


def asked(tmp_path, event):
    return pull_of_event(environ(tmp_path, json.dumps(event).encode()))


def test_the_pull_request_of_the_event_is_found(tmp_path):
    assert asked(tmp_path, OF_A_PULL) == FOUND


def test_the_repository_is_the_one_that_is_asked_not_the_fork(tmp_path):
    fork = {**PULL, "head": {"repo": {"full_name": "mallory/infra-core"}}}
    assert asked(tmp_path, {**OF_A_PULL, "pull_request": fork}) == FOUND


@pytest.mark.parametrize("event", [{}, {"ref": "refs/heads/main", "repository": {"full_name": "acme/infra-core"}}])
def test_another_event_names_none(tmp_path, event):
    assert asked(tmp_path, event) is None


@pytest.mark.parametrize("dropped", ["GITHUB_ACTIONS", "GITHUB_EVENT_PATH"])
def test_outside_of_the_job_nothing_is_read(tmp_path, dropped):
    there = environ(tmp_path, b"not read")
    del there[dropped]
    assert pull_of_event(there) is None


REPOSITORY = b'"repository": {"full_name": "acme/infra-core"}'
WHERE = BASE.encode()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b"{",
        b'{"pull_request": {"number": "88", "base": {"sha": "%b"}}, %b}' % (WHERE, REPOSITORY),
        b'{"pull_request": {"number": 88}, %b}' % REPOSITORY,
        b'{"pull_request": {"number": 88, "base": {"sha": "--upload-pack=x"}}, %b}' % REPOSITORY,
        b'{"pull_request": {"number": 88, "base": {"sha": "%b"}}}' % WHERE,
        b'{"pull_request": {"number": 88, "base": {"sha": "%b"}}, "repository": {"full_name": "../../etc"}}' % WHERE,
        b'{"pull_request": {"number": 88}, "pull_request": {"number": 89, "base": {"sha": "%b"}}, %b}'
        % (WHERE, REPOSITORY),
        b" " * (RESPONSE_BYTES + 1),
    ],
)
def test_an_event_that_is_not_understood_is_refused_and_never_taken_for_none(tmp_path, content):
    with pytest.raises(UsageError) as caught:
        pull_of_event(environ(tmp_path, content))
    assert caught.value.help


def test_a_missing_file_is_refused(tmp_path):
    there = environ(tmp_path, b"")
    with pytest.raises(UsageError, match="No such file"):
        pull_of_event({**there, "GITHUB_EVENT_PATH": str(tmp_path / "gone")})
