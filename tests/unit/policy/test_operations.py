import pytest

from harness_cli.config.model import Action, System
from harness_cli.policy.operations import Catalogue, Operation, UnknownOperationError

GET = Operation("github:Get", System.GITHUB, Action.READ, {}, {}, lambda _: ())
POST = Operation("slack:Post", System.SLACK, Action.WRITE, {}, {}, lambda _: ())
CATALOGUE = Catalogue({GET.name: GET}, {POST.name: POST})


def test_a_catalogue_is_closed() -> None:
    assert CATALOGUE.get("github:Get") is GET
    with pytest.raises(UnknownOperationError):
        CATALOGUE.get("github:Delete")


def test_names_are_by_system() -> None:
    assert CATALOGUE.names(System.GITHUB) == {"github:Get"}
    assert CATALOGUE.names(System.SLACK) == {"slack:Post"}
    assert CATALOGUE.names(System.JIRA) == frozenset()
