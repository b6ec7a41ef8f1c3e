"""Pull requests, reviews, comments and timelines in the shapes of GitHub's REST description."""

from collections.abc import Mapping
from typing import Any

from harness_cli.sandbox.github import render
from harness_cli.sandbox.github.addresses import WEB, Addresses
from harness_cli.sandbox.github.history import History
from harness_cli.sandbox.model import Comment, Estate, Pull, Repository

Shape = dict[str, Any]  # Any: JSON in the vendor's shape


def pull_number(name_id: int, number: int) -> int:
    """The global id of a pull request."""
    return name_id * 100_000 + number


class PullRenderer:
    """Renders the pull requests of one repository."""

    def __init__(self, to: Addresses, estate: Estate, name: str, history: History) -> None:
        self._to = to
        self._estate = estate
        self._name = name
        self._repo: Repository = estate.github.repositories[name]
        self._history = history
        self._base = to.repository(name)

    def _person(self, handle: str) -> Shape:
        return render.person(self._to, self._estate.people[handle])

    def simple(self, pull: Pull) -> Shape:
        """A pull request as lists show it."""
        own, issue = f"{self._base}/pulls/{pull.number}", f"{self._base}/issues/{pull.number}"
        html = f"{WEB}/{self._name}/pull/{pull.number}"
        head, base = self._side(pull.head, pull.head_commit, pull), self._side(pull.base, pull.base_commit, None)
        links = {
            "self": own,
            "html": html,
            "issue": issue,
            "comments": f"{issue}/comments",
            "review_comments": f"{own}/comments",
            "review_comment": f"{self._base}/pulls/comments{{/number}}",
            "commits": f"{own}/commits",
            "statuses": f"{self._base}/statuses/{head['sha']}",
        }
        return {
            "url": own,
            "id": pull_number(self._repo.id, pull.number),
            "node_id": render.node_id("PullRequest", pull.number),
            "html_url": html,
            "diff_url": f"{html}.diff",
            "patch_url": f"{html}.patch",
            **{f"{key}_url": value for key, value in links.items() if key not in {"self", "html"}},
            "number": pull.number,
            "state": pull.state,
            "locked": False,
            "title": pull.title,
            "user": self._person(pull.author),
            "body": pull.body or None,
            "labels": [self._label(index, name) for index, name in enumerate(pull.labels, 1)],
            "milestone": None,
            "active_lock_reason": None,
            "created_at": pull.created,
            "updated_at": pull.updated,
            "closed_at": pull.merged or (pull.updated if pull.state == "closed" else None),
            "merged_at": pull.merged or None,
            "merge_commit_sha": self._history.sha_by_label[pull.merge_commit] if pull.merge_commit else None,
            "assignee": None,
            "assignees": [],
            "requested_reviewers": [],
            "requested_teams": [],
            "head": head,
            "base": base,
            "_links": {key: {"href": value} for key, value in links.items()},
            "author_association": pull.association,
            "auto_merge": None,
            "draft": pull.draft,
        }

    def full(self, pull: Pull) -> Shape:
        """A pull request as its own endpoint shows it."""
        changes = self._history.changes(pull.base_commit, pull.head_commit)
        return {
            **self.simple(pull),
            "merged": bool(pull.merged),
            "mergeable": None if pull.merged else True,
            "rebaseable": None if pull.merged else True,
            "mergeable_state": "unknown" if pull.merged else "clean",
            "merged_by": self._person(pull.merged_by) if pull.merged_by else None,
            "comments": len(pull.comments),
            "review_comments": len(pull.review_comments),
            "maintainer_can_modify": False,
            "commits": len(self._history.between(pull.base_commit, pull.head_commit)),
            "additions": sum(change.additions for change in changes),
            "deletions": sum(change.deletions for change in changes),
            "changed_files": len(changes),
        }

    def _side(self, ref: str, label: str, pull: Pull | None) -> Shape:
        repo = render.repository(self._to, self._estate.github, self._name)
        owner = repo["owner"]
        if pull is not None and pull.fork:
            owner = self._person(pull.author)
            repo = {**repo, "fork": True, "owner": owner, "full_name": f"{owner['login']}/{repo['name']}"}
        sha = self._history.sha_by_label[label]
        return {"label": f"{owner['login']}:{ref}", "ref": ref, "sha": sha, "user": owner, "repo": repo}

    def _label(self, number: int, name: str) -> Shape:
        own = f"{self._base}/labels/{name}"
        rest = {"description": "", "color": "ededed", "default": False}
        return {"id": number, "node_id": render.node_id("Label", name), "url": own, "name": name, **rest}

    def review(self, pull: Pull, index: int) -> Shape:
        """One review; its id counts within the pull request."""
        it = pull.reviews[index]
        number = pull.number * 1000 + index + 1
        html = f"{WEB}/{self._name}/pull/{pull.number}#pullrequestreview-{number}"
        own = f"{self._base}/pulls/{pull.number}"
        return {
            "id": number,
            "node_id": render.node_id("PullRequestReview", number),
            "user": self._person(it.author),
            "body": it.body,
            "state": it.state,
            "html_url": html,
            "pull_request_url": own,
            "_links": {"html": {"href": html}, "pull_request": {"href": own}},
            "submitted_at": it.submitted,
            "commit_id": self._history.sha_by_label[it.commit],
            "author_association": "MEMBER",
        }

    def review_comment(self, pull: Pull, index: int) -> Shape:
        """One comment on a line of the diff."""
        it = pull.review_comments[index]
        number = pull.number * 1000 + 500 + index
        html = f"{WEB}/{self._name}/pull/{pull.number}#discussion_r{number}"
        own, parent = f"{self._base}/pulls/comments/{number}", f"{self._base}/pulls/{pull.number}"
        sha = self._history.sha_by_label[pull.head_commit]
        links = {"self": own, "html": html, "pull_request": parent}
        return {
            "url": own,
            "pull_request_review_id": None,
            "id": number,
            "node_id": render.node_id("PullRequestReviewComment", number),
            "diff_hunk": self._hunk(pull, it.path),
            "path": it.path,
            "line": it.line,
            "commit_id": sha,
            "original_commit_id": sha,
            "user": self._person(it.author),
            "body": it.body,
            "created_at": it.created,
            "updated_at": it.created,
            "html_url": html,
            "pull_request_url": parent,
            "author_association": "MEMBER",
            "_links": {key: {"href": value} for key, value in links.items()},
        }

    def _hunk(self, pull: Pull, path: str) -> str:
        changes = self._history.changes(pull.base_commit, pull.head_commit)
        return next((change.patch.split("\n")[0] for change in changes if change.path == path), "")

    def issue_comment(self, pull: Pull, index: int, comment: Comment) -> Shape:
        """One comment in the conversation."""
        number = pull.number * 1000 + 900 + index
        return {
            "id": number,
            "node_id": render.node_id("IssueComment", number),
            "url": f"{self._base}/issues/comments/{number}",
            "html_url": f"{WEB}/{self._name}/pull/{pull.number}#issuecomment-{number}",
            "body": comment.body,
            "user": self._person(comment.author),
            "created_at": comment.created,
            "updated_at": comment.created,
            "issue_url": f"{self._base}/issues/{pull.number}",
            "author_association": "MEMBER",
            "reactions": self._reactions(f"{self._base}/issues/comments/{number}/reactions"),
        }

    def _reactions(self, url: str) -> Shape:
        kinds = ("+1", "-1", "laugh", "confused", "heart", "hooray", "eyes", "rocket")
        return {"url": url, "total_count": 0, **dict.fromkeys(kinds, 0)}

    def issue(self, pull: Pull) -> Shape:
        """The pull request seen as an issue."""
        simple = self.simple(pull)
        own = simple["issue_url"]
        taken = ("number", "state", "locked", "title", "user", "body", "labels", "milestone", "active_lock_reason")
        times = ("created_at", "updated_at", "closed_at", "assignee", "assignees", "author_association", "draft")
        return {
            "id": simple["id"] + 1,
            "node_id": render.node_id("Issue", pull.number),
            "url": own,
            "repository_url": self._base,
            "labels_url": f"{own}/labels{{/name}}",
            "comments_url": f"{own}/comments",
            "events_url": f"{own}/events",
            "timeline_url": f"{own}/timeline",
            "html_url": simple["html_url"],
            **{key: simple[key] for key in (*taken, *times)},
            "comments": len(pull.comments),
            "closed_by": None,
            "reactions": self._reactions(f"{own}/reactions"),
            "pull_request": {key: simple[key] for key in ("url", "html_url", "diff_url", "patch_url", "merged_at")},
        }

    def timeline(self, pull: Pull) -> list[Shape]:
        """Commits, reviews and events in the order in which they happened."""
        commits = [(self._repo.commits[label].date, self._committed(label)) for label in self._labels(pull)]
        reviews = [(r.submitted, {"event": "reviewed", **self.review(pull, i)}) for i, r in enumerate(pull.reviews)]
        events = [(e.created, self._event(pull, i)) for i, e in enumerate(pull.timeline)]
        return [shape for _, shape in sorted([*commits, *reviews, *events], key=lambda pair: pair[0])]

    def _labels(self, pull: Pull) -> list[str]:
        return self._history.between(pull.base_commit, pull.head_commit)

    def _committed(self, label: str) -> Shape:
        whole = render.commit(self._to, self._name, self._repo, self._history, self._estate.people, label)
        inner: Mapping[str, Any] = whole["commit"]
        kept = {key: inner[key] for key in ("author", "committer", "tree", "message", "verification", "url")}
        sha = whole["sha"]
        outer = {key: whole[key] for key in ("node_id", "html_url", "parents")}
        return {"event": "committed", "sha": sha, **outer, **kept}

    def _event(self, pull: Pull, index: int) -> Shape:
        it = pull.timeline[index]
        number = pull.number * 1000 + 800 + index
        own = f"{self._base}/issues/events/{number}"
        sha = self._history.sha_by_label[it.commit] if it.commit else None
        return {
            "id": number,
            "node_id": render.node_id("Event", number),
            "url": own,
            "actor": self._person(it.actor),
            "event": it.event,
            "commit_id": sha,
            "commit_url": f"{self._base}/commits/{sha}" if sha else None,
            "created_at": it.created,
            "performed_via_github_app": None,
        }
