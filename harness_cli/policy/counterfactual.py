"""The smallest change that would allow a denied request, found by deciding again with one thing changed."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from harness_cli.policy.ask import Ask, approvals_needed, grain_words, shown
from harness_cli.policy.checks import CHECKS, Check, Failure, first_failure
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
    """One change, the question after it, and the checks that it could touch, approvals apart."""

    kind: str
    change: str
    ask: Ask
    checks: Sequence[tuple[str, Check]]


def counterfactual(ask: Ask, code: str, failure: Failure) -> Counterfactual:
    """The first change of one thing that allows the request, with the approvals that it then needs."""
    if code in HOPELESS:
        return Counterfactual("none", HOPELESS[code])
    if code == ASKED:
        return Counterfactual("approval", grain_words(_missing(ask)))
    askable: Candidate | None = None
    obstacle = code
    for candidate in _candidates(ask, code, failure):
        refusal = first_failure(candidate.ask, candidate.checks)
        if refusal is not None:
            obstacle = refusal[0]
        elif not _missing(candidate.ask):
            return Counterfactual(candidate.kind, candidate.change)
        elif askable is None:
            askable = candidate
    if askable is not None:
        return Counterfactual(askable.kind, f"{askable.change}, and {grain_words(_missing(askable.ask))}")
    return Counterfactual("none", f"no single change of role, environment, approval or scope ({obstacle} remains)")


def _missing(ask: Ask) -> frozenset[Grain]:
    """P010 as a set: the words of its failure would be written for every candidate and thrown away."""
    return approvals_needed(ask) - ask.approvals


def _candidates(ask: Ask, code: str, failure: Failure) -> Iterator[Candidate]:
    if code in {"P002", "P004"}:
        yield from _environments(ask)
    elif code in {"P005", "P006"}:
        yield from _roles(ask)
    if code in MENDS:  # the checks before it hold already; for P009 the layers' scopes are taken as changed too
        kind, words = MENDS[code]
        yield Candidate(kind, words(ask, failure), ask.varied(waived=ask.waived | {code}), CHECKS_AFTER[code])


def _environments(ask: Ask) -> Iterator[Candidate]:
    checks = _still_open(ask, OF_ENVIRONMENT)
    for env in ask.table.gates:
        if env != ask.env:
            yield Candidate("environment", f"the environment `{env}`", ask.varied(env=env), checks)


def _roles(ask: Ask) -> Iterator[Candidate]:
    checks = _still_open(ask, OF_ROLE)
    for role in ask.table.roles:
        if role != ask.role_name:
            yield Candidate("role", f"the role `{role}`", ask.varied(role_name=role), checks)


def _still_open(ask: Ask, touched: frozenset[str]) -> Sequence[tuple[str, Check]]:
    """The checks to ask of every variation: the touched ones, where all others hold already; else all, in order."""
    own, others = _SPLIT[touched]
    return own if first_failure(ask, others) is None else CHECKS_BUT_ASKED


def _missing_lines(ask: Ask) -> str:
    outside = [one for one, clauses in ask.values if not any(clause.matches(one) for clause in clauses)]
    lines = (",".join(f"{key}:{one[key].text}" for key in sorted(one)) for one in outside)
    return "`, `".join(dict.fromkeys(lines))


def _action(ask: Ask, failure: Failure) -> str:
    return f"the action {shown(ask.request.action)} in tools.{ask.tool.name}.actions ({failure.rule.place})"


def _group(ask: Ask, failure: Failure) -> str:
    return f"a group of {ask.tool.name} in the allowed_tools of `{ask.env}` ({failure.rule.place})"


def _scope(ask: Ask, failure: Failure) -> str:
    return f"the scope line `{_missing_lines(ask)}` in tools.{ask.tool.name}.scope ({failure.rule.place})"


def _time(_: Ask, failure: Failure) -> str:
    return f"a time inside the window ({failure.rule.place})"


def _budget(_: Ask, failure: Failure) -> str:
    return f"a larger bound ({failure.rule.place})"


def _approver(_: Ask, __: Failure) -> str:
    return "an approval by another person"


def _obligation(ask: Ask, failure: Failure) -> str:
    return f"other obligations in tools.{ask.tool.name}.obligations ({failure.rule.place})"


def _layer(_: Ask, failure: Failure) -> str:
    return f"another line in the layer ({failure.rule.place})"


# A change of the very line that decided: the check of that line is taken as passed.
MENDS: Final[Mapping[str, tuple[str, Callable[[Ask, Failure], str]]]] = {
    "P003": ("action", _action),
    "P004": ("environment", _group),
    "P009": ("scope", _scope),
    "P011": ("time", _time),
    "P012": ("budget", _budget),
    "P014": ("approval", _approver),
    "P015": ("obligation", _obligation),
    "P016": ("layer", _layer),
}
CHECKS_BUT_ASKED: Final = tuple(check for check in CHECKS if check[0] != ASKED)
# The codes whose answer can change with the environment, or with the role; P016 asks all of a layer.
OF_ENVIRONMENT: Final = frozenset({"P002", "P004", "P005", "P011", "P016"})
OF_ROLE: Final = frozenset({"P005", "P006", "P016"})
_SPLIT: Final = {
    touched: (
        tuple(check for check in CHECKS_BUT_ASKED if check[0] in touched),
        tuple(check for check in CHECKS_BUT_ASKED if check[0] not in touched),
    )
    for touched in (OF_ENVIRONMENT, OF_ROLE)
}
CHECKS_AFTER: Final = {code: CHECKS_BUT_ASKED[index + 1 :] for index, (code, _) in enumerate(CHECKS_BUT_ASKED)}
