"""Who reviewed a pull request, and whose hands were in it. Logins fold case; bots and apps are no people."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from harness_cli.review.facts import Commit, PullRequest, Review

_NOBODY = frozenset({"", "web-flow"})  # GitHub's own committer of edits and merges in the browser
_STANDING = frozenset({"APPROVED", "CHANGES_REQUESTED", "DISMISSED"})


def standing_reviews(reviews: Iterable[Review]) -> Mapping[str, Review]:
    """The word of each human that stands: the last one that is no mere comment; by folded login."""
    standing: dict[str, Review] = {}
    for review in sorted(reviews, key=lambda review: review.submitted_at):
        if review.state in _STANDING and not review.is_bot and review.user:
            standing[review.user.casefold()] = review
    return standing


def hands(pull: PullRequest, commits: Iterable[Commit]) -> frozenset[str]:
    """Everybody who wrote some of the change: author, commit authors, co-authors, committers; folded logins."""
    names = {pull.author}
    for commit in commits:
        names |= {commit.author, commit.committer, *commit.co_authors}
    return frozenset(name.casefold() for name in names) - _NOBODY


def unknown_hands(commits: Iterable[Commit]) -> Iterator[Commit]:
    """Commits that belong to no account that GitHub knows."""
    return (commit for commit in commits if commit.author in _NOBODY and commit.committer in _NOBODY)


@dataclass(frozen=True, slots=True)
class Approvals:
    """Approving reviews by independent people: those of the head commit, and those of earlier ones."""

    on_head: tuple[str, ...]
    stale: tuple[str, ...]
    own: tuple[str, ...]  # approvals by people who wrote some of it


def approvals(pull: PullRequest, reviews: Iterable[Review], commits: Iterable[Commit] | None) -> Approvals:
    """The standing approvals, by what they are worth; without commits only the author counts as a writer."""
    writers = hands(pull, commits or ())
    given = [review for review in standing_reviews(reviews).values() if review.state == "APPROVED"]
    independent = [review for review in given if review.user.casefold() not in writers]
    return Approvals(
        on_head=tuple(r.user for r in independent if r.commit_id == pull.head_sha),
        stale=tuple(r.user for r in independent if r.commit_id != pull.head_sha),
        own=tuple(r.user for r in given if r.user.casefold() in writers),
    )


def objections(reviews: Iterable[Review]) -> tuple[str, ...]:
    """People whose request for changes stands."""
    return tuple(r.user for r in standing_reviews(reviews).values() if r.state == "CHANGES_REQUESTED")
