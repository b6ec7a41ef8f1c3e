import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness_cli.policy.regions import REGIONS
from harness_cli.policy.scope import (
    FORMS,
    CanonicalValue,
    NotCanonicalValueError,
    Pattern,
    PatternFault,
    PatternRefusedError,
    ScopeKey,
    includes,
    is_channel_name,
    parse_pattern,
    parse_value,
)


@pytest.mark.parametrize(("text", "is_name"), [("general", True), ("#Ops Team", True), ("C0*", False), ("a b", False)])
def test_names_of_channels_are_told_from_ids(text: str, is_name: bool) -> None:
    assert is_channel_name(text) is is_name


CANONICAL = [
    ("repo", "org/infra-core", ("org", "infra-core")),
    ("repo", "ORG/Infra-Core", ("org", "infra-core")),
    ("repo", "o/.github", ("o", ".github")),
    ("repo", "o/...", ("o", "...")),
    ("repo", "o/x.git.x", ("o", "x.git.x")),
    ("repo", "o/-", ("o", "-")),
    ("repo", f"{'o' * 39}/{'n' * 100}", ("o" * 39, "n" * 100)),
    ("project-key", "SEC", ("SEC",)),
    ("project-key", "SEC-1", ("SEC", "1")),
    ("project-key", "S2_X-10", ("S2_X", "10")),
    ("project-key", "AB" + "C" * 253, ("AB" + "C" * 253,)),
    ("project-key", "SEC-" + "1" * 18, ("SEC", "1" * 18)),
    ("account", "012345678901", ("012345678901",)),
    ("region", "us-east-1", ("us-east-1",)),
    ("region", "aws-global", ("aws-global",)),
    ("arn", "arn:aws:s3:::acme", ("arn", "aws", "s3", "", "", "acme")),
    (
        "arn",
        "arn:aws:rds:eu-west-1:111122223333:db:x/y",
        ("arn", "aws", "rds", "eu-west-1", "111122223333", "db", "x/y"),
    ),
    ("channel", "C0123456789", ("C0123456789",)),
    ("channel", "G12345678", ("G12345678",)),
    ("channel", "C" + "A" * 31, ("C" + "A" * 31,)),
]


@pytest.mark.parametrize(("key", "text", "segments"), CANONICAL)
def test_canonical_values_are_read(key: str, text: str, segments: tuple[str, ...]) -> None:
    value = parse_value(key, text)
    assert value.segments == segments
    assert value.key == key
    assert value.text == (text.lower() if key == "repo" else text)


REFUSED = [
    *(
        ("repo", text)
        for text in (
            "", "/", "org", "org/", "/x", "org//x", "org/x/", "org/x/y", "org/.", "org/..", "../x", "org/x.git",
            "org/X.GIT", "-org/x", "org-/x", "o--g/x", "o_g/x", "o.g/x", " org/x", "org/x ", "org/x\n", "org/x\r",
            "org\\x", "org/x y", "org/x%2e", "org/*", "*/x", "org/x?", "org/x#f", "org/x:y", "org/\u0430", "\u0131/x",
            "\u017fec/x", "org/\u212a", "org/x\u202e", "org/x\0", f"{'o' * 40}/x", f"o/{'n' * 101}",
            "https://github.com/org/x", "org/x@main", "org/x,org/y",
        )
    ),
    *(
        ("project-key", text)
        for text in (
            "", "S", "sec", "Sec", "SEC-", "SEC-0", "SEC-01", "SEC--1", "SEC-1-1", "SEC-1 ", " SEC", "SEC-1\n", "1SEC",
            "_SEC", "SEC-1/../HR-1", "SEC-\u0661", "\u0405EC-1", "10001", "SEC*", "SEC-*", "A" * 256, "SEC-" + "1" * 19,
            "SEC-1a", "SEC-a",
        )
    ),
    *(
        ("account", text)
        for text in ("", "1", "1" * 11, "1" * 13, "1" * 12 + "\n", "11112222333a", "*", "1111-2222-3333", "\u0661" * 12)
    ),
    *(
        ("region", text)
        for text in ("", "us-east", "US-EAST-1", "us-east-9", "us-east-1a", "us-east-*", "*", "us-east-1.x", "global")
    ),
    *(
        ("arn", text)
        for text in (
            "", "arn", "arn:aws:s3::", "ARN:aws:s3:::x", "arn:other:s3:::x", "arn:aws::::x", "arn:aws:S3:::x",
            "arn:aws:s3:mars-1::x", "arn:aws:s3::1234:x", "arn:aws:s3:::", "arn:aws:s3:::x y", "arn:aws:s3:::*",
            "arn:aws:s3:::x%2f", "arn:aws:s3:::\u0430", "arn:aws:s3:::" + "x" * 2049,
        )
    ),
    *(
        ("channel", text)
        for text in (
            "", "C1234567", "c0123456789", "D0123456789", "U0123456789", "@alice", "#general", "C0123456789,C0", "C*",
            "C0123456789\n", "C012345678\u0661", "C" + "A" * 32, "W0123456789",
        )
    ),
]  # fmt: skip


@pytest.mark.parametrize(("key", "text"), REFUSED)
def test_everything_else_is_refused_with_the_form_that_is_wanted(key: str, text: str) -> None:
    with pytest.raises(NotCanonicalValueError) as refusal:
        parse_value(key, text)
    assert FORMS[key] in str(refusal.value)
    assert str(refusal.value).isprintable()
    assert str(refusal.value).isascii()


@pytest.mark.parametrize("value", [None, 42, True, b"org/x", ["org/x"], {"repo": "org/x"}])
def test_only_text_is_a_value(value: object) -> None:
    with pytest.raises(NotCanonicalValueError, match="not text"):
        parse_value("repo", value)


def test_a_subclass_of_text_is_not_text() -> None:
    class Liar(str):
        __slots__ = ()

        def lower(self) -> str:
            return "org/infra-x"

    with pytest.raises(NotCanonicalValueError, match="Liar, not text"):
        parse_value("repo", Liar("other/secret"))
    with pytest.raises(PatternRefusedError, match="Liar, not text") as refusal:
        parse_pattern("repo", Liar("org/x"))
    assert refusal.value.fault is PatternFault.NOT_TEXT


@pytest.mark.parametrize("key", [None, 1, ["repo"], b"repo"])
def test_a_key_that_is_not_text_is_unknown(key: object) -> None:
    with pytest.raises(NotCanonicalValueError, match="unknown scope key"):
        parse_value(key, "org/x")  # type: ignore[arg-type]


@pytest.mark.parametrize("key", ["repos", "", "REPO", "branch"])
def test_an_unknown_key_is_refused(key: str) -> None:
    with pytest.raises(NotCanonicalValueError, match="unknown scope key"):
        parse_value(key, "x")
    with pytest.raises(PatternRefusedError, match="unknown scope key") as refusal:
        parse_pattern(key, "x")
    assert refusal.value.fault is PatternFault.UNKNOWN_KEY


MATCHES = [
    ("repo", "org/infra-*", ["org/infra-core", "ORG/INFRA-x", "org/infra-"], ["org/infra", "org/xinfra-", "ox/infra-"]),
    ("repo", "Org/Infra", ["org/infra"], ["org/infra-", "org/infr"]),
    ("repo", "org/*", ["org/x", "org/.github"], ["other/x", "or/g"]),
    ("repo", "org/a*c", ["org/ac", "org/a.c"], ["org/a", "org/acd"]),
    ("repo", "org/a*b*", ["org/ab", "org/axbx"], ["org/ba", "org/a"]),
    ("project-key", "SEC-*", ["SEC", "SEC-1", "SEC-12"], ["SECRETS", "SECRETS-1", "SEC2", "HR-1", "SE"]),
    ("project-key", "SEC", ["SEC"], ["SEC-1", "SECRETS"]),
    ("project-key", "SEC*", ["SEC", "SECRETS"], ["SEC-1", "SECRETS-1", "SE"]),
    ("project-key", "SEC-12", ["SEC-12"], ["SEC", "SEC-1", "SEC-123"]),
    ("project-key", "SEC-1*", ["SEC-1", "SEC-12"], ["SEC", "SEC-2", "SEC-21"]),
    ("project-key", "SE*-1", ["SEC-1", "SE-1"], ["SEC-11", "SEC", "SX-1"]),
    ("project-key", "SE*-*", ["SEC-1", "SEC", "SEX-2"], ["SX-1"]),
    ("project-key", "SEC-*1", ["SEC-1", "SEC-21"], ["SEC", "SEC-12"]),
    ("project-key", "*", ["SEC"], ["SEC-1"]),
    ("account", "111122223333", ["111122223333"], ["111122223334"]),
    ("region", "us-east-1", ["us-east-1"], ["us-east-2"]),
    ("region", "eu-*", ["eu-west-1", "eu-isoe-west-1"], ["eusc-de-east-1", "us-east-1", "aws-global"]),
    ("region", "*-1", ["us-east-1"], ["us-east-2", "aws-global"]),
    ("channel", "C0123456789", ["C0123456789"], ["C0123456788", "G0123456789"]),
    ("channel", "C0*", ["C0123456789"], ["C1123456789"]),
    ("arn", "arn:aws:s3:::a-*", ["arn:aws:s3:::a-x", "arn:aws:s3:::a-x/y"], ["arn:aws:s3:::a-x:y", "arn:aws:s3:::x"]),
    (
        "arn",
        "arn:aws:rds:eu-*:111122223333:db:*",
        ["arn:aws:rds:eu-west-1:111122223333:db:x"],
        [
            "arn:aws:rds:us-east-1:111122223333:db:x",
            "arn:aws:rds:eu-west-1:111122223333:db:x:y",
            "arn:aws:rds:eu-west-1:111122223333:db",
        ],
    ),
]  # fmt: skip


@pytest.mark.parametrize(("key", "text", "inside", "outside"), MATCHES)
def test_a_pattern_matches_within_one_segment(key: str, text: str, inside: list[str], outside: list[str]) -> None:
    pattern = parse_pattern(key, text)
    assert [value for value in inside if not pattern.matches(parse_value(key, value))] == []
    assert [value for value in outside if pattern.matches(parse_value(key, value))] == []


def test_a_value_of_another_key_never_matches() -> None:
    assert not parse_pattern("region", "*").matches(CanonicalValue("account", "us-east-1", ("us-east-1",)))


FAULTS = [
    ("repo", "*/x", PatternFault.PINNED_WILDCARD),
    ("repo", "or*/x", PatternFault.PINNED_WILDCARD),
    ("repo", "*", PatternFault.PINNED_WILDCARD),
    ("account", "*", PatternFault.PINNED_WILDCARD),
    ("account", "1111*", PatternFault.PINNED_WILDCARD),
    ("arn", "arn:*:s3:::x", PatternFault.PINNED_WILDCARD),
    ("arn", "arn:aws:s3::1*:x", PatternFault.PINNED_WILDCARD),
    ("repo", "org/**", PatternFault.SYNTAX),
    ("repo", "org/x?", PatternFault.SYNTAX),
    ("repo", "org/[ab]", PatternFault.SYNTAX),
    ("repo", "org/{a,b}", PatternFault.SYNTAX),
    ("repo", "org/(a|b)", PatternFault.SYNTAX),
    ("repo", "^org/x", PatternFault.SYNTAX),
    ("repo", "org\\x", PatternFault.SYNTAX),
    ("repo", "org", PatternFault.GRAMMAR),
    ("repo", "org/", PatternFault.GRAMMAR),
    ("repo", "-org/x", PatternFault.GRAMMAR),
    ("repo", f"{'o' * 40}/x", PatternFault.GRAMMAR),
    ("repo", "org/infra-*/x", PatternFault.GRAMMAR),
    ("repo", "org/x y", PatternFault.GRAMMAR),
    ("repo", "org/\u0430*", PatternFault.GRAMMAR),
    ("repo", "org/.", PatternFault.MATCHES_NOTHING),
    ("repo", "org/..", PatternFault.MATCHES_NOTHING),
    ("repo", "org/*.git", PatternFault.MATCHES_NOTHING),
    ("repo", "org/x.GIT", PatternFault.MATCHES_NOTHING),
    ("repo", "org/" + "x" * 101, PatternFault.MATCHES_NOTHING),
    ("project-key", "sec-*", PatternFault.GRAMMAR),
    ("project-key", "SEC-", PatternFault.GRAMMAR),
    ("project-key", "SEC-01", PatternFault.GRAMMAR),
    ("project-key", "SEC-1-1", PatternFault.GRAMMAR),
    ("project-key", "S", PatternFault.MATCHES_NOTHING),
    ("project-key", "S-1", PatternFault.MATCHES_NOTHING),
    ("project-key", "A" * 256, PatternFault.MATCHES_NOTHING),
    ("project-key", "SEC-" + "1" * 19, PatternFault.MATCHES_NOTHING),
    ("account", "1234", PatternFault.GRAMMAR),
    ("account", "dev-env", PatternFault.GRAMMAR),
    ("region", "US-EAST-1", PatternFault.GRAMMAR),
    ("region", "mars-1", PatternFault.MATCHES_NOTHING),
    ("region", "mars-*", PatternFault.MATCHES_NOTHING),
    ("channel", "general", PatternFault.GRAMMAR),
    ("channel", "D0123456789", PatternFault.GRAMMAR),
    ("channel", "C01", PatternFault.GRAMMAR),
    ("channel", "c0*", PatternFault.GRAMMAR),
    ("channel", "D0*", PatternFault.GRAMMAR),
    ("channel", "C" + "A" * 32 + "*", PatternFault.MATCHES_NOTHING),
    ("arn", "arn:aws:s3", PatternFault.GRAMMAR),
    ("arn", "ARN:aws:s3:::x", PatternFault.GRAMMAR),
    ("arn", "arn:moon:s3:::x", PatternFault.GRAMMAR),
    ("arn", "arn:aws::::x", PatternFault.GRAMMAR),
    ("arn", "arn:aws:s3:::", PatternFault.GRAMMAR),
    ("arn", "arn:aws:s3::12:x", PatternFault.GRAMMAR),
    ("arn", "arn:aws:s3:::x y", PatternFault.GRAMMAR),
    ("arn", "arn:aws:s3:mars-*::x", PatternFault.MATCHES_NOTHING),
]


@pytest.mark.parametrize(("key", "text", "fault"), FAULTS)
def test_a_pattern_is_refused_for_what_is_wrong_with_it(key: str, text: str, fault: PatternFault) -> None:
    with pytest.raises(PatternRefusedError) as refusal:
        parse_pattern(key, text)
    assert refusal.value.fault is fault
    assert str(refusal.value).isascii()


@pytest.mark.parametrize("text", ["org/" + "x" * 100, "org/" + "x" * 99 + "*", "o/*.gi*", "org/...", "org/.*"])
def test_the_longest_and_oddest_repo_patterns_are_read(text: str) -> None:
    assert parse_pattern("repo", text).text == text


@pytest.mark.parametrize("text", ["A" * 255, "SE*", "*", "S*", "SEC-" + "1" * 18, "SEC-*1", "A" * 254 + "*"])
def test_the_longest_and_oddest_project_patterns_are_read(text: str) -> None:
    assert parse_pattern("project-key", text).text == text


@pytest.mark.parametrize("text", ["C" + "A" * 31 + "*", "G*", "*", "C0123456789"])
def test_the_longest_and_oddest_channel_patterns_are_read(text: str) -> None:
    assert parse_pattern("channel", text).text == text


INCLUSIONS = [
    ("repo", "org/*", "org/infra-*", True),
    ("repo", "org/infra-*", "org/*", False),
    ("repo", "org/*", "other/*", False),
    ("repo", "org/x", "ORG/X", True),
    ("project-key", "SEC-*", "SEC", True),
    ("project-key", "SEC-*", "SEC-*", True),
    ("project-key", "SEC-*", "SEC-1*", True),
    ("project-key", "SEC-1*", "SEC-*", False),
    ("project-key", "SEC-*1", "SEC-*", False),
    ("project-key", "SEC", "SEC-*", False),
    ("project-key", "SEC-1", "SEC", False),
    ("project-key", "SEC", "SEC-1", False),
    ("project-key", "SEC*", "SEC", True),
    ("project-key", "SEC*", "SEC-*", False),
    ("project-key", "S*-*", "SEC*", True),
    ("project-key", "SEC-*", "SECRETS", False),
    ("region", "us-*", "us-east-*", True),
    ("region", "us-e*", "us-east-*", True),
    ("region", "us-east-*", "us-e*", True),  # by the regions that exist, not by the letters
    ("region", "us-east-*", "us-*", False),
    ("region", "*", "aws-global", True),
    ("account", "111122223333", "111122223333", True),
    ("account", "111122223333", "999988887777", False),
    ("channel", "C*", "C0*", True),
    ("channel", "C0*", "C*", False),
    ("arn", "arn:aws:s3:::*", "arn:aws:s3:::x*", True),
    ("arn", "arn:aws:s3:::x*", "arn:aws:s3:::x:y", False),
    ("arn", "arn:aws:s3:::x:*", "arn:aws:s3:::x", False),
]


@pytest.mark.parametrize(("key", "wide", "narrow", "expected"), INCLUSIONS)
def test_inclusion_is_exact(key: str, wide: str, narrow: str, *, expected: bool) -> None:
    assert includes(parse_pattern(key, wide), parse_pattern(key, narrow)) is expected


def test_faults_have_their_names_and_a_refusal_its_message() -> None:
    faults = ["unknown-key", "not-text", "syntax", "grammar", "pinned-wildcard", "matches-nothing"]
    assert [str(fault) for fault in PatternFault] == faults
    with pytest.raises(PatternRefusedError) as refusal:
        parse_pattern("repo", "*/x")
    assert str(refusal.value) == "a wildcard in the owner is refused: name it"


def test_matching_answers_with_a_truth_value() -> None:
    pattern = parse_pattern("region", "*")
    assert pattern.matches(CanonicalValue("account", "x", ("x",))) is False
    assert pattern.matches(parse_value("region", "us-east-1")) is True
    assert parse_pattern("project-key", "SEC-1").matches(parse_value("project-key", "SEC")) is False


def test_patterns_of_different_keys_never_include_each_other() -> None:
    assert not includes(parse_pattern("channel", "*"), parse_pattern("project-key", "*"))


PROJECTS = st.sampled_from(["SEC", "SECRETS", "SE", "S*", "SEC*", "*", "*C"])
NUMBERS = st.sampled_from(["", "-*", "-1", "-1*", "-*1", "-12"])
VALUES = [
    f"{project}{number}" for project in ("SE", "SEC", "SECRETS", "ZC") for number in ("", "-1", "-12", "-21", "-3")
]


@settings(max_examples=300, deadline=None)
@given(PROJECTS, NUMBERS, PROJECTS, NUMBERS)
def test_inclusion_of_projects_agrees_with_their_values(p: str, n: str, q: str, m: str) -> None:
    try:
        wide, narrow = parse_pattern("project-key", p + n), parse_pattern("project-key", q + m)
    except PatternRefusedError:
        return
    if includes(wide, narrow):
        values = [parse_value("project-key", value) for value in VALUES]
        assert all(wide.matches(value) for value in values if narrow.matches(value))


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(sorted(FORMS)), st.text(max_size=30))
def test_any_text_is_either_canonical_or_refused(key: str, text: str) -> None:
    try:
        value = parse_value(key, text)
    except NotCanonicalValueError:
        return
    assert value.text.isascii()
    assert parse_value(key, value.text) == value  # canonical text is its own canonical form
    assert parse_pattern(key, value.text).matches(value)


def test_a_trailing_star_is_matched_as_the_segments_would_be() -> None:
    for key, text, inside, outside in MATCHES:
        quick = parse_pattern(key, text)
        slow = Pattern(quick.key, quick.text, quick.globs, quick.with_parent)
        for value in (parse_value(key, one) for one in (*inside, *outside)):
            assert quick.matches(value) == slow.matches(value)


def test_literal_patterns_say_so() -> None:
    assert parse_pattern("repo", "org/x").is_literal
    assert not parse_pattern("repo", "org/*").is_literal


def test_every_region_has_a_plain_name() -> None:
    assert len(REGIONS) == 49
    assert all(region.replace("-", "").isalnum() and region == region.lower() for region in REGIONS)


def test_every_key_has_a_grammar_for_values_and_patterns() -> None:
    for key in ScopeKey:
        assert FORMS[key]
        with pytest.raises(NotCanonicalValueError):
            parse_value(key, "\n")
        with pytest.raises(PatternRefusedError):
            parse_pattern(key, "\n")
