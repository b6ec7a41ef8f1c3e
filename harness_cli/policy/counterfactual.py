"""The smallest change that would allow a denied request, found by deciding again with one thing changed."""

from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from harness_cli.policy.checks import Ask, Failure, approvals_needed, first_failure
from harness_cli.policy.model import Counterfactual, Grain

ASKED: Final = "P010"

# Nothing that a reader of the policy could change would help: the request itself is wrong.
HOPELESS: Final[Mapping[str, str]] = {
    "P000": "nothing can be said: the engine failed, see the reason",
    "P001": "no change of role, environment, approval or scope: ask for a tool that `tools:` declares",
    "P007": "no change of role, environment, approval or scope: name the resource by exactly the scope's keys",
    "P008": "no change of role, environment, approval or scope: write the value as its vendor does",
    "P013": "no change of role, environment, approval or scope: the list of operations is part of the program",
}


class Candidate(NamedTuple):
    """One change and the question after it."""

    kind: str
    change: str
    ask: Ask


def counterfactual(ask: Ask, code: str, failure: Failure) -> Counterfactual:
    """The first change of one thing that allows the request, with the approvals that it then needs."""
    if code in HOPELESS:
        return Counterfactual("none", HOPELESS[code])
    askable: Candidate | None = None
    obstacle = code
    for candidate in _candidates(ask, code, failure):
        refusal = first_failure(candidate.ask)
        if refusal is None:
            return Counterfactual(candidate.kind, candidate.change)
        obstacle = refusal[0]
        if obstacle == ASKED and askable is None:
            askable = candidate
    if askable is not None:
        missing = approvals_needed(askable.ask) - askable.ask.approvals
        return Counterfactual(askable.kind, f"{askable.change}, and {_approval(missing)}")
    return Counterfactual("none", f"no single change of role, environment, approval or scope ({obstacle} remains)")


def _candidates(ask: Ask, code: str, failure: Failure) -> Iterator[Candidate]:
    match code:
        case "P010":
            needed = approvals_needed(ask)
            yield Candidate("approval", _approval(needed - ask.approvals), ask.varied(approvals=ask.approvals | needed))
        case "P002" | "P004":
            yield from _environments(ask)
        case "P005" | "P006":
            yield from _roles(ask)
    if code in WAIVABLE:  # for P009 the layers' scopes are taken as changed with it
        kind, words = WAIVABLE[code]
        change = words.format(ask=ask, at=failure.rule.place, line=_scope_line(ask))
        yield Candidate(kind, change, ask.varied(waived=ask.waived | {code}))


def _environments(ask: Ask) -> Iterator[Candidate]:
    for env in sorted(ask.table.gates):
        if env != ask.env:
            yield Candidate("environment", f"the environment `{env}`", ask.varied(env=env))


def _roles(ask: Ask) -> Iterator[Candidate]:
    for role in sorted(ask.table.roles):
        if role != ask.role_name:
            yield Candidate("role", f"the role `{role}`", ask.varied(role_name=role))


# A change of the very line that decided: the check of that line is taken as passed.
WAIVABLE: Final[Mapping[str, tuple[str, str]]] = {
    "P003": ("action", "the action `{ask.request.action}` in tools.{ask.tool.name}.actions ({at})"),
    "P004": ("environment", "a group of {ask.tool.name} in the allowed_tools of `{ask.env}` ({at})"),
    "P009": ("scope", "the scope line `{line}` in tools.{ask.tool.name}.scope ({at})"),
    "P011": ("time", "a time inside the window ({at})"),
    "P012": ("budget", "a larger bound in limits ({at})"),
    "P014": ("approval", "an approval by another person"),
    "P015": ("obligation", "no such obligation in tools.{ask.tool.name}.obligations ({at})"),
    "P016": ("layer", "the layer's own line ({at})"),
}


def _scope_line(ask: Ask) -> str:
    lines = (",".join(f"{key}:{value.text}" for key, value in sorted(one.items())) for one in ask.values)
    return " | ".join(dict.fromkeys(lines))


def _approval(grains: frozenset[Grain]) -> str:
    return "an approval " + " and ".join(f"of the {grain}" for grain in sorted(grains, reverse=True))
