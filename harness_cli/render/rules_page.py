"""The page of all rules (`docs/rules/README.md`): written from the registry, so that it never lags behind."""

from collections.abc import Iterable

from harness_cli.lint.rule import Rule

_HEAD = """\
# Rules of `harness validate-config`

Ids are stable and never reused. An error ends with exit code 3, a warning does with `--strict`. *fix* means that
`harness validate-config --fix` mends it. Each rule has a bad and a good sample in
[sample-configs](../../sample-configs). A warning or remark that you accept is suppressed on its line or the line above,
with a reason and, best, a last day; errors cannot be suppressed, because a run would refuse the file all the same:

    # harness: ignore[H054] reason="one project only" until=2027-01-01
"""


def rules_page(rules: Iterable[Rule]) -> str:
    """The page in Markdown."""
    return _HEAD + "".join(_section(rule) for rule in rules)


def _section(rule: Rule) -> str:
    fix = ", fix" if rule.fixes else ""
    return f"\n## {rule.code}\n\n**{rule.title}** ({rule.severity}{fix})\n\n{rule.why}\n\nMend: {rule.mend}.\n"
