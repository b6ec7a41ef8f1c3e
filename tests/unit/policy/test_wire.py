import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness_cli.policy.operations import WireShape
from harness_cli.policy.wire import TARGET_LENGTH, WireRefusedError, match

PULL = WireShape("GET", "/repos/{owner}/{repo}/pulls/{number}")
PULLS = WireShape("GET", "/repos/{owner}/{repo}/pulls", frozenset({"state", "per_page", "page"}))
CONTENTS = WireShape("GET", "/repos/{owner}/{repo}/contents/{path+}", frozenset({"ref"}))
BRANCH = WireShape("GET", "/repos/{owner}/{repo}/branches/{branch}")
COMMENT = WireShape("POST", "/repos/{owner}/{repo}/pulls/{number}")
TREE = WireShape("GET", "/repos/{owner}/{repo}/git/{ref+}/tree")
SHAPES = (PULL, PULLS, CONTENTS, BRANCH, TREE)


def refused(target: str, method: str = "GET", shapes: tuple[WireShape, ...] = SHAPES) -> str:
    with pytest.raises(WireRefusedError) as refusal:
        match(shapes, method, target)
    assert refusal.value.reason == str(refusal.value)
    return refusal.value.reason


@pytest.mark.parametrize(
    ("target", "shape", "placeholders", "query"),
    [
        ("/repos/org/infra-x/pulls/7", PULL, {"owner": "org", "repo": "infra-x", "number": "7"}, {}),
        ("/repos/org/infra-x/pulls", PULLS, {"owner": "org", "repo": "infra-x"}, {}),
        (
            "/repos/org/infra-x/pulls?state=open&per_page=100",
            PULLS,
            {"owner": "org", "repo": "infra-x"},
            {"state": "open", "per_page": "100"},
        ),
        (
            "/repos/org/infra-x/contents/envs/dev/main.tf?ref=feature%2Fx+y",
            CONTENTS,
            {"owner": "org", "repo": "infra-x", "path": "envs/dev/main.tf"},
            {"ref": "feature/x y"},
        ),
        (
            "/repos/org/infra-x/contents/a%20b/%C3%A9.tf?ref=",
            CONTENTS,
            {"owner": "org", "repo": "infra-x", "path": "a b/\u00e9.tf"},
            {"ref": ""},
        ),
        (  # in a query a client may escape what needs none; in a path it may not
            "/repos/org/infra-x/contents/a?ref=%6Dain+x",
            CONTENTS,
            {"owner": "org", "repo": "infra-x", "path": "a"},
            {"ref": "main x"},
        ),
        ("/repos/o/r/branches/it's(1)~", BRANCH, {"owner": "o", "repo": "r", "branch": "it's(1)~"}, {}),
        ("/repos/o/r/git/heads/main/tree", TREE, {"owner": "o", "repo": "r", "ref": "heads/main"}, {}),
        ("/repos/o/r/git/x/tree", TREE, {"owner": "o", "repo": "r", "ref": "x"}, {}),
    ],
)
def test_a_declared_request_is_recognised(
    target: str, shape: WireShape, placeholders: dict[str, str], query: dict[str, str]
) -> None:
    found = match(SHAPES, "GET", target)
    assert (found.shape, found.placeholders, found.query) == (shape, placeholders, query)


@pytest.mark.parametrize(
    "target",
    [
        "",
        "repos/org/x/pulls",
        "https://api.github.com/repos/org/x/pulls",
        "//evil.example/repos/org/x/pulls",
        "/repos/org/x/pulls#frag",
        "/repos/org/x\\pulls",
        "/repos/org/x;/../y/pulls",
        "/repos/org/x y/pulls",
        "/repos/org/x\n/pulls",
        "/repos/org/x\0/pulls",
        "/repos/org/\u0430/pulls",
        "/repos/org/x/pulls?state=\u0430",
        "/repos/org/x/pulls?a=<b>",
    ],
)
def test_a_target_that_no_client_should_send_is_refused(target: str) -> None:
    refused(target)


@pytest.mark.parametrize(
    ("target", "reason"),
    [
        ("/repos/org//pulls", "empty"),
        ("/repos/org/x/pulls/", "empty"),
        ("/", "empty"),
        ("/repos/org/infra-x/../../other/secret/pulls", "dots"),
        ("/repos/org/./pulls", "dots"),
        ("/repos/org/%2e%2e/pulls", "needs no escape"),
        ("/repos/org/.%2E/pulls", "needs no escape"),
        ("/repos/org/infra-x%2F..%2Fy/pulls", "hides a slash"),
        ("/repos/org/infra-x%5cy/pulls", "hides a slash"),
        ("/repos/org/%252e%252e/pulls", "escaped twice"),
        ("/repos/org/x%/pulls", "starts no escape"),
        ("/repos/org/x%2/pulls", "starts no escape"),
        ("/repos/org/x%zz/pulls", "starts no escape"),
        ("/repos/org/x%00/pulls", "control"),
        ("/repos/org/x%0d%0aHost:y/pulls", "control"),
        ("/repos/org/x%E2%80%AE/pulls", "control"),
        ("/repos/org/x%E2%80%A8/pulls", "control"),
        ("/repos/org/x%FF/pulls", "not UTF-8"),
        ("/repos/org/x%C0%AE/pulls", "not UTF-8"),
        ("/repos/org/%70ulls/pulls", "needs no escape"),
        ("/repos/org/x/pulls?state=open&state=all", "repeated"),
        ("/repos/org/x/pulls?st%61te=open&state=all", "repeated"),
        ("/repos/org/x/pulls?=open", "empty"),
        ("/repos/org/x/pulls?", "empty"),
        ("/repos/org/x/pulls?state=open&", "empty"),
        ("/repos/org/x/pulls?state=%", "starts no escape"),
        ("/repos/org/x/pulls?state=%0a", "control"),
        ("/repos/org/x/pulls?state=%FF", "not UTF-8"),
        ("/repos/org/x/pulls?q=repo:other", "the query key 'q' is not declared"),
        ("/repos/org/x/pulls/7?page=1", "the query key 'page' is not declared"),
        ("/repos/org/x", "no declared request has this path"),
        ("/repos/org/x/pulls/7/files", "no declared request has this path"),
        ("/repos/org/x/PULLS", "no declared request has this path"),
        ("/repositories/42", "no declared request has this path"),
        ("/graphql", "no declared request has this path"),
        ("/repos/o/r/git/tree", "no declared request has this path"),
        ("/repos/o/r/git/heads/main", "no declared request has this path"),
        ("/repos/o/r/contents", "no declared request has this path"),
    ],
)
def test_everything_else_is_refused_with_its_reason(target: str, reason: str) -> None:
    assert reason in refused(target)


def test_an_escaped_literal_is_not_the_literal() -> None:
    assert refused("/repos/org/x/pull%73") == "a character is escaped that needs no escape"


@pytest.mark.parametrize("method", ["POST", "DELETE", "get", "HEAD", ""])
def test_another_method_is_refused(method: str) -> None:
    assert refused("/repos/org/x/pulls/7", method) == f"the method {method!a} is not declared for this path"


def test_shapes_of_one_path_are_told_apart_by_their_method() -> None:
    assert match((PULL, COMMENT), "POST", "/repos/o/r/pulls/7").shape is COMMENT
    assert match((COMMENT, PULL), "GET", "/repos/o/r/pulls/7").shape is PULL


def test_shapes_of_one_path_are_told_apart_by_their_query() -> None:
    plain, paged = WireShape("GET", "/x"), WireShape("GET", "/x", frozenset({"page"}))
    assert match((plain, paged), "GET", "/x?page=1").shape is paged


def test_a_target_beyond_the_limit_is_refused() -> None:
    assert TARGET_LENGTH == 8192
    assert match((CONTENTS,), "GET", "/repos/o/r/contents/" + "x" * (TARGET_LENGTH - 20)).placeholders["owner"] == "o"
    assert "too long" in refused("/repos/o/r/contents/" + "x" * (TARGET_LENGTH - 19))


def test_without_shapes_nothing_is_declared() -> None:
    assert refused("/repos/o/r/pulls", shapes=()) == "no declared request has this path"


@settings(max_examples=300, deadline=None)
@given(st.text(st.sampled_from("/.%25eEfFcC\\?#;ax"), max_size=14))
def test_whatever_is_put_into_a_segment_stays_in_it(text: str) -> None:
    target = f"/repos/org/infra-x/branches/{text}"
    try:
        found = match((BRANCH,), "GET", target)
    except WireRefusedError:
        return
    branch = found.placeholders["branch"]
    assert found.placeholders == {"owner": "org", "repo": "infra-x", "branch": branch}
    assert branch not in {"", ".", ".."}
    assert not set(branch) & set("/\\%?#")
