from typing import Any

import pytest

from harness_cli.core.reasons import Reason
from harness_cli.policy.operations import Params
from harness_cli.review.collect.moves import MOST_FOLDERS
from harness_cli.review.collect.pull import collect_pull
from harness_cli.review.evidence import Fact, Known, Unread
from harness_cli.review.facts import ChangedFile, PullRef
from tests.simulators.configs import config
from tests.simulators.reading import TableReader
from tests.unit.review.collect.answers import BASE, answers, content, entries, file, pull

SAME, OTHER = "d" * 40, "e" * 40


def moved(path: str, old: str, sha: str | None = SAME, **more: Any) -> dict[str, Any]:
    return file(path, "renamed", previous_filename=old, sha=sha, **{"additions": 0, "deletions": 0, **more})


def asked(reader: TableReader, verb: str, ref: str) -> list[str]:
    found = [ask for ask in reader.asked if ask.operation == f"github:{verb}" and ask.params["ref"] == ref]
    return [str(ask.params.get("path", "")) for ask in found]


def read(*files: dict[str, Any], **more: Any) -> tuple[tuple[ChangedFile, ...], TableReader]:
    counted = pull(changed_files=len(files))
    reader = TableReader(answers(ListFiles=list(files), GetPullRequest=counted, **more))
    fact = collect_pull(reader, config(), PullRef("acme/infra-core", 88))
    assert isinstance(fact, Known)
    assert isinstance(fact.value.files, Known)
    return fact.value.files.value, reader


def folder(params: Params) -> dict[str, Any]:
    listed = {"found": True, "kind": "dir", "entries": entries("a.bin", "b.bin", sha=SAME)}
    return listed if params["path"] == "old" else content(params)


def kept(fact: Fact[bool]) -> bool | Reason:
    return fact.value if isinstance(fact, Known) else fact.reason


def test_the_folder_that_files_left_tells_whether_they_are_the_same() -> None:
    files, reader = read(moved("new/a.bin", "old/a.bin"), moved("b.bin", "old/b.bin", OTHER), GetContent=folder)
    assert [kept(one.kept) for one in files] == [True, False]
    assert asked(reader, "GetContent", BASE).count("old") == 1


def test_the_top_folder_has_its_own_call() -> None:
    top = {"found": True, "kind": "dir", "entries": entries("a.bin", sha=OTHER)}
    files, reader = read(moved("new/a.bin", "a.bin"), GetTopFolder=top)
    assert kept(files[0].kept) is False
    assert asked(reader, "GetTopFolder", BASE) == [""]


@pytest.mark.parametrize(
    ("one", "reason"),
    [
        (moved("new/a.bin", "old/gone.bin"), Reason.UNSUPPORTED_API),
        (moved("new/a.bin", "old/a.bin", None), Reason.UNSUPPORTED_API),
        (moved("new/a.bin", "nowhere/a.bin"), Reason.UNSUPPORTED_API),
    ],
)
def test_what_github_does_not_name_is_unread(one: dict[str, Any], reason: Reason) -> None:
    files, _ = read(one, GetContent=folder)
    assert kept(files[0].kept) is reason


def test_a_folder_that_is_denied_leaves_the_reason() -> None:
    denied = Unread(Reason.ACCESS_DENIED, "no")
    files, _ = read(moved("new/a.bin", "old/a.bin"), GetContent=denied)
    assert files[0].kept == denied


def test_a_move_with_changed_lines_asks_for_nothing_more() -> None:
    _, reader = read(moved("new/a.txt", "old/a.txt", additions=1), GetContent=folder)
    assert "old" not in asked(reader, "GetContent", BASE)


def test_more_folders_than_one_review_lists_stay_unread() -> None:
    files, reader = read(*(moved(f"new/{n}/a", f"old{n}/a") for n in range(MOST_FOLDERS + 1)))
    assert kept(files[-1].kept) is Reason.TRUNCATED
    assert len([path for path in asked(reader, "GetContent", BASE) if path.startswith("old")]) == MOST_FOLDERS
