"""Addresses inside GitHub's answers: API addresses of this server, browser addresses of github.com."""

from dataclasses import dataclass
from urllib.parse import quote

WEB = "https://github.com"


@dataclass(frozen=True, slots=True)
class Addresses:
    """Builds addresses below one API base (`http://127.0.0.1:1234` or `…/api/v3`)."""

    api: str

    def repository(self, full_name: str) -> str:
        """The API address of a repository."""
        return f"{self.api}/repos/{full_name}"

    def user(self, login: str) -> str:
        """The API address of an account."""
        return f"{self.api}/users/{login}"

    def content(self, full_name: str, path: str, ref: str) -> str:
        """The API address of a file at a ref."""
        return f"{self.repository(full_name)}/contents/{quote(path)}?ref={ref}"


_REPOSITORY_PATHS = {
    "archive_url": "/{archive_format}{/ref}",
    "assignees_url": "/assignees{/user}",
    "blobs_url": "/git/blobs{/sha}",
    "branches_url": "/branches{/branch}",
    "collaborators_url": "/collaborators{/collaborator}",
    "comments_url": "/comments{/number}",
    "commits_url": "/commits{/sha}",
    "compare_url": "/compare/{base}...{head}",
    "contents_url": "/contents/{+path}",
    "contributors_url": "/contributors",
    "deployments_url": "/deployments",
    "downloads_url": "/downloads",
    "events_url": "/events",
    "forks_url": "/forks",
    "git_commits_url": "/git/commits{/sha}",
    "git_refs_url": "/git/refs{/sha}",
    "git_tags_url": "/git/tags{/sha}",
    "hooks_url": "/hooks",
    "issue_comment_url": "/issues/comments{/number}",
    "issue_events_url": "/issues/events{/number}",
    "issues_url": "/issues{/number}",
    "keys_url": "/keys{/key_id}",
    "labels_url": "/labels{/name}",
    "languages_url": "/languages",
    "merges_url": "/merges",
    "milestones_url": "/milestones{/number}",
    "notifications_url": "/notifications{?since,all,participating}",
    "pulls_url": "/pulls{/number}",
    "releases_url": "/releases{/id}",
    "stargazers_url": "/stargazers",
    "statuses_url": "/statuses/{sha}",
    "subscribers_url": "/subscribers",
    "subscription_url": "/subscription",
    "tags_url": "/tags",
    "teams_url": "/teams",
    "trees_url": "/git/trees{/sha}",
}
_USER_PATHS = {
    "followers_url": "/followers",
    "following_url": "/following{/other_user}",
    "gists_url": "/gists{/gist_id}",
    "starred_url": "/starred{/owner}{/repo}",
    "subscriptions_url": "/subscriptions",
    "organizations_url": "/orgs",
    "repos_url": "/repos",
    "events_url": "/events{/privacy}",
    "received_events_url": "/received_events",
}


def repository_links(base: str) -> dict[str, str]:
    """The address fields of a repository."""
    return {key: base + path for key, path in _REPOSITORY_PATHS.items()}


def user_links(base: str) -> dict[str, str]:
    """The address fields of an account."""
    return {key: base + path for key, path in _USER_PATHS.items()}
