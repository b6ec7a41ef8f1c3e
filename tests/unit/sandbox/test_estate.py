"""The estate: what ships tells its story, and what is wrong is refused with its place."""

from collections.abc import Callable

import pytest
import yaml

from harness_cli.sandbox import Estate, EstateError, load_estate, parse_estate
from harness_cli.sandbox.estate import BUILT_IN, made_up_secret


@pytest.fixture(scope="module")
def estate() -> Estate:
    return load_estate()


def test_the_ticket_says_dev_and_its_pull_request_touches_prod(estate: Estate) -> None:
    ticket = estate.jira.tickets["SEC-12"]
    repository = estate.github.repositories["acme/infra-core"]
    pull = next(pull for pull in repository.pulls if pull.number == 88)
    assert ticket.environment == "dev"
    assert any(path.startswith("envs/prod/") for path in repository.commits[pull.head_commit].files)
    assert ticket.links[0].url == "https://github.com/acme/infra-core/pull/88"


def test_the_approver_wrote_the_pull_request(estate: Estate) -> None:
    ticket = estate.jira.tickets["SEC-12"]
    approving = [c.author for c in ticket.changelog if any(i.to_text == "Approved" for i in c.items)]
    pull = next(p for p in estate.github.repositories["acme/infra-core"].pulls if p.number == 88)
    assert approving == [ticket.approver] == [pull.author]
    assert pull.author in estate.groups["infra-approvers"]
    assert estate.requester != pull.author


def test_the_clean_change_has_four_different_eyes(estate: Estate) -> None:
    ticket = estate.jira.tickets["SEC-20"]
    pull = next(p for p in estate.github.repositories["acme/infra-core"].pulls if p.number == 90)
    reviewers = {review.author for review in pull.reviews if review.commit == pull.head_commit}
    assert ticket.approver != pull.author
    assert reviewers - {ticket.approver, pull.author}


def test_one_person_has_left(estate: Estate) -> None:
    assert [handle for handle, person in estate.people.items() if not person.active] == ["max"]


def test_nobodys_subject_is_their_user_name(estate: Estate) -> None:
    assert all(person.subject != person.id for person in estate.people.values())


def test_no_secret_stands_in_the_file_and_one_is_shown(estate: Estate) -> None:
    text = BUILT_IN.read_text()
    script = estate.github.repositories["acme/infra-core"].commits["db-2"].files["envs/prod/db/export.sh"]
    secret = made_up_secret("aws_key", "export")
    assert secret not in text
    assert script is not None
    assert secret in script


def test_the_same_file_gives_the_same_estate(estate: Estate) -> None:
    assert load_estate() == estate


@pytest.mark.parametrize("kind", ["aws_key", "aws_secret", "github_token", "slack_token", "password"])
def test_made_up_secrets_are_the_same_on_every_machine(kind: str) -> None:
    assert made_up_secret(kind, "a") == made_up_secret(kind, "a") != made_up_secret(kind, "b")


Change = Callable[[dict], None]


def _edit(*keys: object, value: object) -> Change:
    def change(document: dict) -> None:
        target = document
        for key in keys[:-1]:
            target = target[key]
        target[keys[-1]] = value

    return change


CORE = ("github", "repositories", "acme/infra-core")


@pytest.mark.parametrize(
    ("change", "place", "message"),
    [
        (_edit("colour", value="red"), "e.yaml", "unknown key `colour`"),
        (_edit("version", value=2), "e.yaml.version", "not known"),
        (_edit("version", value="1"), "e.yaml.version", "type int"),
        (_edit("people", "ana", value={}), "e.yaml.people.ana", "missing key"),
        (_edit("people", value=[]), "e.yaml.people", "mapping"),
        (_edit("groups", "infra-approvers", value=["eve"]), "e.yaml.groups.infra-approvers", "`eve`"),
        (_edit("groups", "infra-approvers", value="li"), "e.yaml.groups.infra-approvers", "list"),
        (
            _edit(*CORE, "branches", "main", value="gone"),
            "e.yaml.github.repositories.acme/infra-core.branches.main",
            "`gone`",
        ),
        (
            _edit(*CORE, "pulls", 0, "author", value="eve"),
            "e.yaml.github.repositories.acme/infra-core.pulls.88.author",
            "`eve`",
        ),
        (_edit("jira", "tickets", "SEC-12", "status", value="Odd"), "e.yaml.jira.tickets.SEC-12.status", "`Odd`"),
        (_edit("jira", "tickets", "SEC-12", "approver", value="eve"), "e.yaml.jira.tickets.SEC-12.approver", "`eve`"),
        (_edit("github", "moved", "acme/old", value="acme/none"), "e.yaml.github.moved.acme/old", "`acme/none`"),
    ],
)
def test_a_wrong_estate_is_refused_with_its_place(change: Change, place: str, message: str) -> None:
    document = yaml.safe_load(BUILT_IN.read_text())
    change(document)
    with pytest.raises(EstateError, match=message) as caught:
        parse_estate(yaml.safe_dump(document), "e.yaml")
    assert caught.value.place == place


def test_text_that_is_not_yaml_is_refused_with_its_place() -> None:
    with pytest.raises(EstateError) as caught:
        parse_estate("a: [\n", "e.yaml")
    assert caught.value.place.startswith("e.yaml:")


def test_nesting_that_would_crash_the_loader_is_refused() -> None:
    with pytest.raises(EstateError, match="nested deeper"):
        parse_estate("a: " + "[" * 60_000)


def test_many_small_lists_are_no_deep_nesting() -> None:
    with pytest.raises(EstateError, match="unknown key"):
        parse_estate("a: [" + "[], " * 5_000 + "[]]")


def test_an_unknown_kind_of_secret_is_refused() -> None:
    with pytest.raises(EstateError, match="unknown kind"):
        parse_estate("version: '{{secret:gold}}'")
