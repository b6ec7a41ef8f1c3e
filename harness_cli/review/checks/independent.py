"""Who reviewed a pull request, and whose hands were in it. Bots and apps are no people; two accounts of one are one."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from harness_cli.review.checks.people import People
from harness_cli.review.evidence import Known
from harness_cli.review.facts import Commit, PullRequest, Review

_NOBODY = frozenset({"", "web-flow"})  # GitHub's own committer of edits and merges in the browser
_STANDING = frozenset({"APPROVED", "CHANGES_REQUESTED", "DISMISSED"})
Who = Callable[[str], str]  # a login -> who that is


def standing_reviews(reviews: Iterable[Review]) -> Mapping[str, Review]:
    """The word of each human that stands: the last one that is no mere comment; by folded login."""
    standing: dict[str, Review] = {}
    for review in sorted(reviews, key=lambda review: review.submitted_at):
        if review.state in _STANDING and not review.is_bot and review.user:
            standing[review.user.casefold()] = review
    return standing


def hands(pull: PullRequest, commits: Iterable[Commit], who: Who = str.casefold) -> frozenset[str]:
    """Everybody who wrote some of the change: author, commit authors, co-authors, committers, the last pusher."""
    names = {pull.author, last_pusher(pull)}
    for commit in commits:
        names |= {commit.author, commit.committer, *commit.co_authors}
    return frozenset(who(name) for name in names if name.casefold() not in _NOBODY)


def last_pusher(pull: PullRequest) -> str:
    """Who force-pushed last; "" where nobody did. For pushes that GitHub does not list their committers stand."""
    pushes = pull.force_pushes.value if isinstance(pull.force_pushes, Known) else ()
    return max(pushes, key=lambda push: push.at).user if pushes else ""


def unknown_hands(commits: Iterable[Commit]) -> Iterator[Commit]:
    """Commits that belong to no account that GitHub knows."""
    return (commit for commit in commits if commit.author in _NOBODY and commit.committer in _NOBODY)


@dataclass(frozen=True, slots=True)
class Approvals:
    """Approving reviews by independent people, each person once: of the head commit, and of earlier ones."""

    on_head: tuple[str, ...]
    stale: tuple[str, ...]
    own: tuple[str, ...]  # approvals by people who wrote some of it
    given: tuple[Review, ...] = ()  # the reviews behind on_head


def approvals(
    pull: PullRequest, reviews: Iterable[Review], commits: Iterable[Commit] | None, people: People
) -> Approvals:
    """The standing approvals, by what they are worth; without commits only the author counts as a writer."""
    who = people.behind
    writers = hands(pull, commits or (), who)
    given = [review for review in standing_reviews(reviews).values() if review.state == "APPROVED"]
    independent = [review for review in given if who(review.user) not in writers]
    on_head = _each_person([r for r in independent if r.commit_id == pull.head_sha], who)
    return Approvals(
        on_head=tuple(r.user for r in on_head),
        stale=tuple(r.user for r in _each_person([r for r in independent if r.commit_id != pull.head_sha], who)),
        own=tuple(r.user for r in given if who(r.user) in writers),
        given=on_head,
    )


def _each_person(reviews: Iterable[Review], who: Who) -> tuple[Review, ...]:
    """The last review of each person."""
    return tuple({who(review.user): review for review in reviews}.values())


def objections(reviews: Iterable[Review]) -> tuple[str, ...]:
    """People whose request for changes stands."""
    return tuple(r.user for r in standing_reviews(reviews).values() if r.state == "CHANGES_REQUESTED")
