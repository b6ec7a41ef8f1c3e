"""The first file of policy tests of a project: what must be allowed, and what must not."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from harness_cli.config.starter import USUAL_ENVIRONMENTS, Answers

_ALLOWED = "P100"
_HEADER = """\
# Tests of the policy: what must be allowed, and what must not. Run them with
#   harness validate-config --tests {name}
config: {config}
cases:
"""


def starter_tests(answers: Answers, config: str, name: str) -> str:
    """The text of the file; `config` is the configuration relative to it."""
    cases = "\n".join(case.text for case in _cases(answers))
    return _HEADER.format(config=config, name=name) + cases + "\n"


@dataclass(frozen=True, slots=True)
class _Case:
    name: str
    tool: str
    env: str
    resource: Mapping[str, str]
    code: str
    action: str = "read"
    grains: tuple[str, ...] = ()
    role: str = "engineer"

    @property
    def text(self) -> str:
        place = ", ".join(f"{key}: {json.dumps(value)}" for key, value in self.resource.items())
        request = f"tool: {self.tool}, action: {self.action}, env: {self.env}, role: {self.role}"
        effect = "allow" if self.code == _ALLOWED else "deny"
        return (
            f"  - name: {json.dumps(self.name)}\n"
            f"    request: {{{request}, resource: {{{place}}}, approvals: [{', '.join(self.grains)}]}}\n"
            f"    expect: {{decision: {effect}, code: {self.code}}}"
        )


def _cases(answers: Answers) -> Iterator[_Case]:
    first = answers.environments[0]
    grains = _grains(first)
    for tool, inside, outside in _samples(answers):
        for env in answers.environments:
            yield from _in_environment(tool, inside[0], env)
        for further in inside[1:]:
            yield _Case(f"{tool} reads {' '.join(further.values())}", tool, first, further, _ALLOWED, grains=grains)
        yield _Case(f"{tool} stays in its scope", tool, first, outside, "P009", grains=grains)
        yield _Case(f"{tool} never writes", tool, first, inside[0], "P003", action="write", grains=grains)
        for env in (e for e in USUAL_ENVIRONMENTS if e not in answers.environments):
            yield _Case(f"{tool} finds {env} closed", tool, env, inside[0], "P004", grains=("run",))
    if answers.channel:
        yield from _notices(answers)


def _grains(env: str) -> tuple[str, ...]:
    return () if env == "dev" else ("run",)


def _in_environment(tool: str, resource: Mapping[str, str], env: str) -> Iterator[_Case]:
    if env == "dev":
        yield _Case(f"{tool} reads its scope in dev", tool, env, resource, _ALLOWED)
        return
    yield _Case(f"{tool} waits for a person in {env}", tool, env, resource, "P010")
    yield _Case(f"{tool} reads in {env} once approved", tool, env, resource, _ALLOWED, grains=("run",))
    if env in {"staging", "prod"}:
        name = f"{tool} serves security-admin in {env}"
        yield _Case(name, tool, env, resource, _ALLOWED, grains=("run",), role="security-admin")


def _notices(answers: Answers) -> Iterator[_Case]:
    env = "prod" if "prod" in answers.environments else answers.environments[0]
    channel = {"channel": answers.channel}
    tool = "slack_notifier"
    yield _Case("a notice needs an approval", tool, env, channel, "P010", action="write", grains=("run",))
    yield _Case("an approved notice is sent", tool, env, channel, _ALLOWED, action="write", grains=("run", "call"))


def _samples(answers: Answers) -> Iterator[tuple[str, tuple[Mapping[str, str], ...], Mapping[str, str]]]:
    """Each reading tool with something inside each line of its scope and something outside."""
    if answers.jira_projects:
        issues = tuple({"project-key": f"{project}-1"} for project in answers.jira_projects)
        yield "jira_reader", issues, {"project-key": "OUTSIDE-1"}
    if answers.repositories:
        names = tuple({"repo": name.replace("*", "one")} for name in answers.repositories)
        yield "github_inspector", names, {"repo": "somebody-else/secret"}
    if answers.accounts:
        regions = (*answers.regions, "aws-global")
        places = tuple({"account": a, "region": r} for a in answers.accounts for r in regions)
        yield "aws_metadata", places, {"account": "0" * 12, "region": answers.regions[0]}
