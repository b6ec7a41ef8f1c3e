from dataclasses import replace
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness_cli.config.model import System
from harness_cli.policy.atoms import EVERYTHING, Atom, added, covers, granted_atoms
from harness_cli.policy.scope import parse_pattern, parse_value
from tests.unit.policy.support import AWS, GITHUB, JIRA, layer, policy, tool


def atom(*pairs: tuple[str, str]) -> Atom:
    return tuple(parse_pattern(key, text) for key, text in pairs)


def repos(*names: str) -> Atom:
    return atom(*(("repo", name) for name in names))


def texts(atoms: tuple[Atom, ...]) -> list[str]:
    return [",".join(pattern.text for pattern in one) for one in atoms]


def narrowed(*scopes: dict[str, tuple[str, ...]], base: dict[str, tuple[str, ...]]) -> list[str]:
    mine = tool("t", System.GITHUB, base)
    return texts(
        granted_atoms(
            policy(
                mine, layers=tuple(layer(f"{i}", tools={"t": replace(mine, scopes=(s,))}) for i, s in enumerate(scopes))
            ),
            "t",
        )
    )


@pytest.mark.parametrize(
    ("base", "layered", "expected"),
    [
        ("org/*", "org/infra-*", ["org/infra-*"]),
        ("org/infra-*", "org/*", ["org/infra-*"]),
        ("org/a*", "org/b*", []),
        ("org/*a", "org/*b", []),
        ("org/a*", "org/*b", ["org/*b,org/a*"]),  # both must hold: no single pattern says so
        ("org/ab*", "org/a*b", ["org/a*b,org/ab*"]),
        ("org/x", "org/x*", ["org/x"]),
        ("org/x", "org/y", []),
        ("org/x", "org/y*", []),
        ("org/xay", "org/x*b*y", []),
        ("org/x*b*y", "org/xay", []),
        ("org/x*b*y", "org/xaby", ["org/xaby"]),
        ("org/y*", "org/x", []),
        ("org/*", "other/*", []),
        ("org/x*", "org/x*", ["org/x*"]),
    ],
)
def test_layers_are_intersected(base: str, layered: str, expected: list[str]) -> None:
    assert narrowed({"repo": (layered,)}, base={"repo": (base,)}) == expected


def test_projects_with_and_without_issues_are_intersected() -> None:
    def met(base: str, layered: str) -> list[str]:
        mine = replace(JIRA, scopes=({"project-key": (base,)},))
        narrow = layer(tools={JIRA.name: replace(JIRA, scopes=({"project-key": (layered,)},))})
        return texts(granted_atoms(policy(mine, layers=(narrow,)), JIRA.name))

    assert met("SEC-*", "SEC") == ["SEC"]
    assert met("SEC", "SEC-*") == ["SEC"]
    assert met("SEC-1", "SEC") == []
    assert met("SEC", "SEC-1*") == []
    assert met("SEC-1*", "SEC-*") == ["SEC-1*"]
    assert met("SEC-*", "HR") == []
    assert met("SEC-*", "HR-*") == []
    assert met("S*-*", "*C") == ["*C,S*-*"]
    assert met("SEC-*", "S*D*") == []
    assert met("S*D*", "SEC-*") == []


def test_regions_are_intersected_one_by_one() -> None:
    def met(base: str, layered: str) -> list[str]:
        scopes = [{"account": ("111122223333",), "region": (region,)} for region in (base, layered)]
        narrow = layer(tools={AWS.name: replace(AWS, scopes=(scopes[1],))})
        atoms = granted_atoms(policy(replace(AWS, scopes=(scopes[0],)), layers=(narrow,)), AWS.name)
        return [one.split(",")[1] for one in texts(atoms)]

    assert met("us-east-*", "*-1") == ["us-east-1"]
    assert met("eu-west-*", "eu-*-1") == ["eu-west-1"]
    assert met("us-*", "eu-*") == []


def test_a_tool_without_scope_takes_the_other_tables() -> None:
    free = replace(GITHUB, scopes=())
    narrow = layer(tools={GITHUB.name: GITHUB})
    assert texts(granted_atoms(policy(free, layers=(narrow,)), GITHUB.name)) == ["org/infra-*"]
    assert texts(granted_atoms(policy(GITHUB, layers=(layer(tools={GITHUB.name: free}),)), GITHUB.name)) == [
        "org/infra-*"
    ]
    assert granted_atoms(policy(free, layers=(layer(tools={GITHUB.name: free}),)), GITHUB.name) == (EVERYTHING,)
    assert granted_atoms(policy(free), GITHUB.name) == (EVERYTHING,)
    assert granted_atoms(policy(), "nope") == ()


def test_lines_about_other_keys_never_meet() -> None:
    by_arn = {"account": ("111122223333",), "region": ("us-east-1",), "arn": ("arn:aws:s3:::x",)}
    narrow = layer(tools={AWS.name: replace(AWS, scopes=(by_arn,))})
    assert granted_atoms(policy(AWS, layers=(narrow,)), AWS.name) == ()


def test_a_line_inside_another_is_not_listed_twice() -> None:
    scopes = ({"repo": ("org/infra-x", "org/infra-*")}, {"repo": ("org/infra-y",)}, {"repo": ("org/a",)})
    assert texts(granted_atoms(policy(replace(GITHUB, scopes=scopes)), GITHUB.name)) == ["org/a", "org/infra-*"]


@pytest.mark.parametrize(
    ("wide", "narrow", "expected"),
    [
        (EVERYTHING, EVERYTHING, True),
        (EVERYTHING, repos("org/x"), True),
        (repos("org/x"), EVERYTHING, False),
        (repos("org/*"), repos("org/x"), True),
        (repos("org/x"), repos("org/*"), False),
        (repos("org/a*"), repos("org/a*", "org/*b"), True),
        (repos("org/a*", "org/*b"), repos("org/a*"), False),
        (repos("org/a*", "org/*b"), repos("org/axb"), True),
        (atom(("account", "1" * 12)), atom(("region", "us-east-1")), False),
        (atom(("account", "1" * 12)), atom(("account", "1" * 12), ("region", "us-east-1")), False),
    ],
)
def test_covering_is_inclusion_key_by_key(wide: Atom, narrow: Atom, *, expected: bool) -> None:
    assert covers(wide, narrow) is expected


def test_added_names_only_the_regions_that_are_new() -> None:
    before = (atom(("region", "us-east-1")), atom(("region", "eu-*")))
    assert texts(added(before, (atom(("region", "us-east-*")),))) == ["us-east-2"]
    assert texts(added(before, (atom(("region", "eu-west-*")),))) == []
    assert texts(added((), (atom(("region", "us-east-*")),))) == ["us-east-*"]
    union = (atom(("region", "us-east-1")), atom(("region", "us-east-2")))
    assert texts(added(union, (atom(("region", "us-east-*")),))) == []


NAMES = ["".join(word) for size in range(1, 5) for word in product("abc", repeat=size)]
GLOBS = st.text("ab*", min_size=1, max_size=4).filter(lambda text: "**" not in text)


@settings(max_examples=150, deadline=None)
@given(GLOBS, GLOBS, GLOBS, GLOBS)
def test_the_atoms_of_layers_admit_what_both_tables_admit(a: str, b: str, c: str, d: str) -> None:
    one, other = (
        replace(GITHUB, scopes=({"repo": (f"o/{a}", f"o/{b}")},)),
        replace(GITHUB, scopes=({"repo": (f"o/{c}", f"o/{d}")},)),
    )
    atoms = granted_atoms(policy(one, layers=(layer(tools={GITHUB.name: other}),)), GITHUB.name)
    for name in NAMES:
        value = parse_value("repo", f"o/{name}")
        in_both = all(
            any(parse_pattern("repo", f"o/{glob}").matches(value) for glob in globs) for globs in ((a, b), (c, d))
        )
        assert in_both == any(all(pattern.matches(value) for pattern in one_atom) for one_atom in atoms)
