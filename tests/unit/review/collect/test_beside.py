from typing import Any

from harness_cli.core.reasons import Reason
from harness_cli.core.untrusted import Untrusted
from harness_cli.policy.operations import Params
from harness_cli.review.collect.beside import MOST_BESIDE
from harness_cli.review.collect.pull import collect_pull
from harness_cli.review.evidence import Known, Unread
from harness_cli.review.facts import PullRef, PullRequest
from tests.simulators.configs import config
from tests.simulators.reading import TableReader
from tests.unit.review.collect.answers import answers, entries, file, pull


def call(source: str) -> str:
    return f'module "m" {{\n  source = "{source}"\n}}\n'


def collected(tree: dict[str, str], *changed: str) -> tuple[PullRequest, TableReader]:
    """The facts about a change of a repository that holds these files."""

    def content(params: Params) -> dict[str, Any]:
        path = str(params["path"])
        if path in tree:
            return {"found": True, "kind": "file", "text": Untrusted(tree[path])}
        names = [name.removeprefix(f"{path}/") for name in tree if name.startswith(f"{path}/")]
        listed = {"found": True, "kind": "dir", "entries": entries(*(name for name in names if "/" not in name))}
        return listed if names else {"found": False, "kind": "none"}

    top = {"found": True, "kind": "dir", "entries": entries(*(path for path in tree if "/" not in path))}
    counted = pull(changed_files=len(changed))
    listed = [file(path) for path in changed]
    table = answers(GetContent=content, GetTopFolder=top, ListFiles=listed, GetPullRequest=counted)
    reader = TableReader(table)
    fact = collect_pull(reader, config(), PullRef("acme/infra-core", 88))
    assert isinstance(fact, Known)
    return fact.value, reader


CHAIN = {
    "envs/dev/main.tf": call("../../modules/a"),
    "modules/a/main.tf": call("../b"),
    "modules/b/main.tf": call("../c"),
    "modules/c/main.tf": call("../d"),
    "modules/d/main.tf": "# too deep\n",
}


def test_modules_are_followed_to_the_modules_that_they_call() -> None:
    found, reader = collected(CHAIN, "envs/dev/main.tf")
    read = {path for path, _ in found.contents}
    assert {f"modules/{name}/main.tf" for name in "abc"} <= read
    assert "modules/d/main.tf" not in read
    assert reader.rounds == 8


def test_a_module_that_calls_itself_is_read_once() -> None:
    tree = {"main.tf": call("./a"), "a/main.tf": call("../a") + call("../b"), "b/main.tf": call("../a")}
    _, reader = collected(tree, "main.tf")
    asked = [ask.params["path"] for ask in reader.asked if ask.operation == "github:GetContent"]
    assert [asked.count(path) for path in ("a", "a/main.tf", "b", "b/main.tf")] == [1, 1, 1, 1]


def test_modules_that_no_changed_code_calls_are_left_alone() -> None:
    beside = {"envs/dev/main.tf": "#\n", "envs/dev/more.tf": call("../../b"), "b/x.tf": "#\n"}
    found, _ = collected({"main.tf": call("./a"), "a/main.tf": "#\n", **beside}, "envs/dev/main.tf")
    assert {path for path, _ in found.contents} == {"envs/dev/main.tf", "envs/dev/more.tf", "main.tf"}


def test_code_beyond_the_bound_is_unread() -> None:
    tree = {"net/main.tf": "#\n", **{f"net/{number:02}.tf": "#\n" for number in range(MOST_BESIDE + 1)}}
    found, _ = collected(tree, "net/main.tf")
    left = [fact for fact in found.contents.values() if isinstance(fact, Unread)]
    assert [fact.reason for fact in left] == [Reason.TRUNCATED]
