"""Readings: small generators that say what they need next and end with a typed fact.

All readings of a review go in step: in each round, what they ask for is read side by side, and an answer that two of
them need is asked for once. So the wall time is that of the longest chain, not of the sum.
"""

from collections.abc import Callable, Generator, Mapping, Sequence
from typing import Any, TypeAlias, TypeVar

from harness_cli.config.model import System
from harness_cli.core.reasons import Reason
from harness_cli.review.aws_facts import Document, Place, parse_document
from harness_cli.review.evidence import Evidence, Fact, Gap, Known, Unread
from harness_cli.review.reader import Ask, Reader

T = TypeVar("T")
K = TypeVar("K")

Answers: TypeAlias = Sequence[Fact[Any]]  # Any: the operation's projected result
Reading: TypeAlias = Generator[Sequence[Ask], Answers, Fact[T]]
Json: TypeAlias = Mapping[str, Any]  # Any: a projected result, shaped by its schema


SENSELESS = (KeyError, IndexError, ValueError, TypeError, AttributeError)  # what reading a foreign shape raises


def ask(operation: str, place: Place, **arguments: object) -> Ask:
    """One read of an operation at a place."""
    return Ask(System.AWS, operation, {"account": place.account, "region": place.region, **arguments})


def mapped(answer: Fact[Any], reduce: Callable[[Json], T]) -> Fact[T]:
    """The answer as a typed fact; one that cannot be understood is unread, never empty."""
    if isinstance(answer, Unread):
        return answer
    try:
        return Known(reduce(answer.value), answer.evidence)
    except SENSELESS as err:
        return _senseless(err, answer.evidence)


def _senseless(err: Exception, seen: tuple[Evidence, ...]) -> Unread:
    return Unread(Reason.EXCEPTION, f"the answer cannot be understood ({type(err).__name__})", seen)


def policy_fact(answer: Fact[Any], key: str = "Policy") -> Fact[Document | None]:
    """The policy document in an answer; None where there is none."""
    return mapped(answer, lambda value: parse_document(value[key]) if key in value else None)


def evidence_of(fact: Fact[Any]) -> tuple[Evidence, ...]:
    """What a fact was read from."""
    return fact.evidence


def each_read(listed: Known[Any], kind: str, parts: Mapping[str, Fact[T]]) -> Known[tuple[T, ...]]:
    """The items that could be read, by ARN; one that could not is a gap and takes no other with it."""
    known = [part for part in parts.values() if isinstance(part, Known)]
    gaps = tuple(Gap(kind, uid, part) for uid, part in parts.items() if isinstance(part, Unread))
    seen = (*listed.evidence, *(evidence for part in known for evidence in part.evidence))
    return Known(tuple(part.value for part in known), seen, gaps)


def tags_of(value: Json, key: str = "Tags") -> Mapping[str, str]:
    """Tags as a mapping."""
    return {str(tag["Key"]): str(tag.get("Value", "")) for tag in value.get(key, ()) if "Key" in tag}


def run_readings(reader: Reader, readings: Mapping[K, Reading[Any]]) -> Mapping[K, Fact[Any]]:
    """Every reading to its end, in step."""
    known: dict[str, Fact[Any]] = {}
    done: dict[K, Fact[Any]] = {}
    waiting = {key: next(reading) for key, reading in readings.items()}
    while waiting:
        _read(reader, [one for asks in waiting.values() for one in asks], known)
        following: dict[K, Sequence[Ask]] = {}
        for key, asks in waiting.items():
            try:
                following[key] = readings[key].send([known[_key(one)] for one in asks])
            except StopIteration as end:
                done[key] = end.value
            except SENSELESS as err:  # an answer without what its operation promises
                seen = tuple(evidence for one in asks for evidence in known[_key(one)].evidence)
                done[key] = _senseless(err, seen)
        waiting = following
    return done


def _read(reader: Reader, asks: Sequence[Ask], known: dict[str, Fact[Any]]) -> None:
    fresh = {_key(one): one for one in asks if _key(one) not in known}
    known.update(zip(fresh, reader.read_all(tuple(fresh.values())), strict=True))


def _key(one: Ask) -> str:
    return f"{one.operation} {sorted(one.params.items(), key=lambda pair: pair[0])!r}"
