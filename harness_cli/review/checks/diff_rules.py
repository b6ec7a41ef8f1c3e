"""How a rule on infrastructure code is applied: before and after, in the best and in the worst reading.

The contract:
1. wrong after and not before: FAIL, introduced; wrong on both sides: FAIL, pre-existing; before only: PASS, fixed;
2. what is wrong only if an unknown value turns out badly is NOT_EVALUATED, unless the change leaves that value alone;
3. a changed file that was not read or parsed is NOT_EVALUATED;
4. with nothing to say about any block, the whole change passes; without infrastructure code the rule is not applicable.
"""

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

from harness_cli.core.reasons import Reason
from harness_cli.review.case import Case
from harness_cli.review.checks.change import count, evidence_of, label, on_pulls, pull_subject, some
from harness_cli.review.evidence import Evidence, Known, Unread
from harness_cli.review.facts import PullRequest
from harness_cli.review.finding import IacPlace, Origin, Severity, Subject
from harness_cli.review.iac.change import IacChange, Pair
from harness_cli.review.iac.model import Block, Value
from harness_cli.review.registry import Judge, Outcome, failed, missing, not_applicable, not_evaluated, passed

NO_CODE: Final = "the pull request changes no Terraform or CloudFormation code"  # no other is read


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong with a block; `key` names it the same before and after."""

    key: str
    message: str  # what the block does, as in "opens tcp/22 to the Internet"
    severity: Severity | None = None
    paths: tuple[str, ...] = ()  # attributes that show it; the first one that has a line is its place
    ports: tuple[int, int] | None = None  # a wider range of ports covers a narrower one


@dataclass(frozen=True, slots=True)
class Code:
    """Every block of one side, for rules that look at several together; `known` keeps what they found out of them."""

    blocks: tuple[Block, ...]
    known: dict[Hashable, Any] = field(default_factory=dict, compare=False)  # Any: a rule's own, under its own key

    def of_type(self, *types: str) -> Iterator[Block]:
        """Resources of the given types."""
        return (block for block in self.blocks if block.type in types and block.mode == "resource")


# (block, all code of its side, whether unknown values turn out badly)
Rule: TypeAlias = Callable[[Block, Code, bool], Iterable[Fault]]
# (pair, whether unknown values turn out badly): for what only a change can be
ChangeRule: TypeAlias = Callable[[Pair, IacChange, bool], Iterable[Fault]]


def by_state(*rules: Rule, modes: tuple[str, ...] = ("resource",)) -> Judge:
    """A check that judges each block as it stands before and after."""

    def outcomes(pull: Known[PullRequest], change: IacChange) -> Iterator[Outcome]:
        before = Code(tuple(pair.base for pair in change.pairs if pair.base))
        after = Code(tuple(pair.head for pair in change.pairs if pair.head))
        for pair in change.pairs:
            if pair.block.mode in modes:
                yield from _of_pair(pull, pair, _States(rules, before, after))

    return _diff_check(outcomes, tells_modules="module" not in modes)


def by_change(*rules: ChangeRule, tells_modules: bool = True) -> Judge:
    """A check that judges what happens to each block; every fault is introduced."""

    def outcomes(pull: Known[PullRequest], change: IacChange) -> Iterator[Outcome]:
        for pair in change.pairs:
            if pair.block.mode != "resource" or not pair.is_changed:
                continue
            best = _by_key(fault for rule in rules for fault in rule(pair, change, False))
            worst = _by_key(fault for rule in rules for fault in rule(pair, change, True))
            for fault in best.values():
                yield _failure(pull, pair.block, fault, Origin.INTRODUCED)
            yield from (_unknown(pull, pair.block, fault) for key, fault in worst.items() if key not in best)

    return _diff_check(outcomes, tells_modules=tells_modules)


def _diff_check(
    outcomes: Callable[[Known[PullRequest], IacChange], Iterator[Outcome]], *, tells_modules: bool
) -> Judge:
    @on_pulls
    def judge(case: Case, pull: Known[PullRequest]) -> Iterator[Outcome]:
        ref = pull.value.ref
        parsed = case.iac.get(ref, Unread(Reason.NOT_GRANTED, "the changed files were not read"))
        if isinstance(parsed, Unread):
            yield not_evaluated(parsed, pull_subject(ref))
            return
        change = parsed.value
        if not change.files and not change.unread:
            yield not_applicable(NO_CODE, pull_subject(ref), evidence=evidence_of(pull, pull.value.files))
            return
        said = False
        for outcome in outcomes(pull, change):
            said = said or outcome.origin is not Origin.FIXED
            yield outcome
        for file in change.unread:
            said = True
            yield not_evaluated(file.unread, file_subject(pull.value, file.path))
        for reason, names, where in _unseen(change) if tells_modules else ():
            said = True
            yield missing(reason, f"what {some(names)} makes is written {where}", pull_subject(ref))
        if not said:
            message = f"nothing of the kind in {count(change.files, 'changed file')}"
            yield passed(message, pull_subject(ref), evidence=evidence_of(parsed, pull))

    return judge


def _unseen(change: IacChange) -> Iterator[tuple[Reason, list[str], str]]:
    """Calls that change, of modules and templates whose code was not read, and where that code is."""
    changed = [pair.block for pair in change.pairs if pair.is_changed]
    modules = [block for block in changed if block.mode == "module" and not _is_local(block.get("source", "./"))]
    stacks = [block for block in changed if block.mode == "resource" and block.type in _STACKS]
    within = [block for block in stacks if "template_body" in block.attributes]
    beyond = [block for block in stacks if block not in within and not any(map(_is_local, _templates(block)))]
    if modules or beyond:
        yield Reason.NOT_GRANTED, [block.address for block in (*modules, *beyond)], "outside this repository"
    if within:
        yield Reason.NOT_GRANTED, [block.address for block in within], "in a template inside another file"
    if change.unread_calls:
        yield Reason.TRUNCATED, [block.address for block in change.unread_calls], "in a folder that was not read"


_STACKS: Final = frozenset(
    [
        "aws_cloudformation_stack",
        "aws_cloudformation_stack_set",
        "aws_serverless_application",
        "aws_serverlessapplicationrepository_cloudformation_stack",
    ]
)


def _templates(block: Block) -> list[Value]:
    return [block.get(name) for name in ("template_url", "location") if name in block.attributes]


def _is_local(source: Value) -> bool:
    """A path of the repository: what it leads to is judged where it changes."""
    return isinstance(source, str) and source.startswith(("./", "../"))


@dataclass(frozen=True, slots=True)
class _States:
    rules: tuple[Rule, ...]
    before: Code
    after: Code

    def faults(self, block: Block | None, *, head: bool, worst: bool) -> Mapping[str, Fault]:
        if block is None:
            return {}
        code = self.after if head else self.before
        return _by_key(fault for rule in self.rules for fault in rule(block, code, worst))


def _of_pair(pull: Known[PullRequest], pair: Pair, states: _States) -> Iterator[Outcome]:
    now, feared = (states.faults(pair.head, head=True, worst=worst) for worst in (False, True))
    then, once_feared = (states.faults(pair.base, head=False, worst=worst) for worst in (False, True))
    for fault in now.values():
        origin = Origin.UNKNOWN if _among(fault, once_feared) else Origin.INTRODUCED
        yield _failure(pull, pair.block, fault, Origin.PRE_EXISTING if _among(fault, then) else origin)
    for fault in then.values():
        if not _among(fault, feared):
            yield _fixed(pull, pair.block, fault)
    places: set[tuple[str, ...]] = {fault.paths for fault in now.values()}
    for fault in feared.values():
        if (
            fault.paths not in places
            and not _among(fault, now)
            and not (_among(fault, once_feared) and _same(pair, fault))
        ):
            places.add(fault.paths)
            yield _unknown(pull, pair.block, fault)


def _by_key(faults: Iterable[Fault]) -> Mapping[str, Fault]:
    found: dict[str, Fault] = {}
    for fault in faults:
        found.setdefault(fault.key, fault)
    return found


def _among(fault: Fault, others: Mapping[str, Fault]) -> bool:
    if fault.ports is None:
        return fault.key in others
    first, last = fault.ports
    kind = fault.key.split("/")[0]
    return any(
        other.ports is not None
        and other.key.split("/")[0] == kind
        and other.ports[0] <= first
        and last <= other.ports[1]
        for other in others.values()
    )


def _same(pair: Pair, fault: Fault) -> bool:
    """Whether the change leaves the fault's attributes alone."""
    names = {path.split(".")[0] for path in fault.paths}
    return pair.base is not None and pair.head is not None and all(pair.base.get(n) == pair.head.get(n) for n in names)


def block_subject(pull: PullRequest, block: Block, *paths: str) -> Subject:
    """A block as a finding's resource, with its place at the head commit (or at the base, where it is gone)."""
    place = IacPlace(pull.ref.repo, block.path, block.line_of(*paths), pull.head_sha)
    return Subject(block.type, f"{pull.ref.repo}/{label(block.path)}#{label(block.address)}", iac=place)


def file_subject(pull: PullRequest, path: str, line: int = 1) -> Subject:
    """A file of a pull request as a finding's resource."""
    return Subject("file", f"{pull.ref.repo}/{label(path)}", iac=IacPlace(pull.ref.repo, path, line, pull.head_sha))


def code_evidence(pull: Known[PullRequest], path: str, line: int) -> tuple[Evidence, ...]:
    """The calls that read a file, with the place in it."""
    sides = (pull.value.contents.get((path, side)) for side in ("head", "base"))
    read = evidence_of(*(fact for fact in sides if isinstance(fact, Known))) or pull.value.files.evidence
    return tuple(evidence.at_pointer("", f"{label(path)}:{line}") for evidence in read)


def _failure(pull: Known[PullRequest], block: Block, fault: Fault, origin: Origin) -> Outcome:
    line = block.line_of(*fault.paths)
    return failed(
        f"{label(block.address)} {fault.message}",
        block_subject(pull.value, block, *fault.paths),
        evidence=code_evidence(pull, block.path, line),
        severity=fault.severity,
        origin=origin,
        extra=fault.key,
    )


def _fixed(pull: Known[PullRequest], block: Block, fault: Fault) -> Outcome:
    return passed(
        f"the change ends that {label(block.address)} {fault.message}",
        block_subject(pull.value, block, *fault.paths),
        evidence=code_evidence(pull, block.path, block.line),
        origin=Origin.FIXED,
        extra=fault.key,
    )


def _unknown(pull: Known[PullRequest], block: Block, fault: Fault) -> Outcome:
    names = ", ".join(dict.fromkeys(path.split(".")[0] for path in fault.paths)) or "an attribute"
    detail = f"the code does not tell the value of {names} of {label(block.address)}"
    return missing(Reason.MISSING_MAPPING, detail, block_subject(pull.value, block, *fault.paths))
