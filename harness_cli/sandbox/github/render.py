"""Accounts, repositories, commits and files in the shapes of GitHub's REST description."""

import base64
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from harness_cli.sandbox.github.addresses import WEB, Addresses, repository_links, user_links
from harness_cli.sandbox.github.history import FileChange, History, blob_sha
from harness_cli.sandbox.model import GithubEstate, Person, Repository

Shape = dict[str, Any]  # Any: JSON in the vendor's shape


def node_id(kind: str, number: object) -> str:
    """An opaque global id."""
    return base64.b64encode(f"{kind}:{number}".encode()).decode()


def account(to: Addresses, login: str, number: int, kind: str = "User") -> Shape:
    """A simple user, bot or organisation."""
    return {
        "login": login,
        "id": number,
        "node_id": node_id(kind, number),
        "avatar_url": f"https://avatars.githubusercontent.com/u/{number}?v=4",
        "gravatar_id": "",
        "url": to.user(login),
        "html_url": f"{WEB}/{login}",
        **user_links(to.user(login)),
        "type": kind,
        "site_admin": False,
        "user_view_type": "public",
    }


def person(to: Addresses, who: Person) -> Shape:
    """A simple user, or the bot that a login with `[bot]` is."""
    return account(to, who.github, who.github_id, "Bot" if who.github.endswith("[bot]") else "User")


def full_user(to: Addresses, who: Person) -> Shape:
    """The authenticated user."""
    counts = dict.fromkeys(("public_repos", "public_gists", "followers", "following"), 0)
    blank = dict.fromkeys(("company", "location", "email", "hireable", "bio"))
    times = {"created_at": "2021-02-01T09:00:00Z", "updated_at": "2026-11-02T09:00:00Z"}
    return {**person(to, who), "name": who.name, "blog": "", **blank, **counts, **times}


def repository(to: Addresses, estate: GithubEstate, name: str, full: bool = True) -> Shape:
    """A repository, with everything or as it is embedded in other answers."""
    repo = estate.repositories[name]
    base = to.repository(name)
    owner, _, short = name.partition("/")
    shape: Shape = {
        "id": repo.id,
        "node_id": node_id("Repository", repo.id),
        "name": short,
        "full_name": name,
        "private": repo.private,
        "owner": account(to, owner, estate.organisation_id, "Organization"),
        "html_url": f"{WEB}/{name}",
        "description": repo.description,
        "fork": False,
        "url": base,
        **repository_links(base),
    }
    return {**shape, **_repository_rest(name, repo)} if full else shape


def _repository_rest(name: str, repo: Repository) -> Shape:
    counts = (
        "forks_count",
        "stargazers_count",
        "watchers_count",
        "forks",
        "watchers",
        "subscribers_count",
        "network_count",
    )
    open_now = sum(pull.state == "open" for pull in repo.pulls)
    features = {
        "has_issues": True,
        "has_projects": False,
        "has_wiki": False,
        "has_pages": False,
        "has_downloads": False,
    }
    return {
        "git_url": f"git://github.com/{name}.git",
        "ssh_url": f"git@github.com:{name}.git",
        "clone_url": f"{WEB}/{name}.git",
        "svn_url": f"{WEB}/{name}",
        "mirror_url": None,
        "homepage": None,
        "language": "HCL",
        **dict.fromkeys(counts, 0),
        "size": 120,
        "default_branch": repo.default_branch,
        "open_issues_count": open_now,
        "open_issues": open_now,
        "is_template": False,
        "topics": ["terraform"],
        **features,
        "has_discussions": False,
        "archived": False,
        "disabled": False,
        "visibility": "private" if repo.private else "public",
        "pushed_at": max(commit.date for commit in repo.commits.values()),
        "created_at": repo.created,
        "updated_at": max(commit.date for commit in repo.commits.values()),
        "license": None,
        "allow_forking": False,
        "web_commit_signoff_required": False,
    }


def commit(
    to: Addresses, name: str, repo: Repository, history: History, people: Mapping[str, Person], label: str
) -> Shape:
    """A commit, without its files."""
    it = repo.commits[label]
    sha = history.sha_by_label[label]
    base = to.repository(name)
    who = people[it.author]
    stamp = {"name": who.name, "email": who.id, "date": it.date}
    parents = [history.sha_by_label[it.parent]] if it.parent else []
    tree = history.tree_sha(label)
    return {
        "url": f"{base}/commits/{sha}",
        "sha": sha,
        "node_id": node_id("Commit", sha),
        "html_url": f"{WEB}/{name}/commit/{sha}",
        "comments_url": f"{base}/commits/{sha}/comments",
        "commit": {
            "url": f"{base}/git/commits/{sha}",
            "author": stamp,
            "committer": stamp,
            "message": it.message,
            "comment_count": 0,
            "tree": {"sha": tree, "url": f"{base}/git/trees/{tree}"},
            "verification": _verification(it.signer, it.date, people),
        },
        "author": person(to, who),
        "committer": person(to, people[it.signer or it.author]),
        "parents": [{"sha": p, "url": f"{base}/commits/{p}", "html_url": f"{WEB}/{name}/commit/{p}"} for p in parents],
    }


def _verification(signer: str, date: str, people: Mapping[str, Person]) -> Shape:
    if not signer:
        blank = dict.fromkeys(("signature", "payload", "verified_at"))
        return {"verified": False, "reason": "unsigned", **blank}
    mark = f"-----BEGIN SSH SIGNATURE-----\n{people[signer].id}\n-----END SSH SIGNATURE-----"
    return {"verified": True, "reason": "valid", "signature": mark, "payload": "tree", "verified_at": date}


def commit_with_files(
    to: Addresses, name: str, repo: Repository, history: History, people: Mapping[str, Person], label: str
) -> Shape:
    """A commit with its statistics and files, as the single-commit endpoint answers."""
    parent = repo.commits[label].parent
    changes = history.changes(parent, label) if parent else []
    plus, minus = sum(c.additions for c in changes), sum(c.deletions for c in changes)
    sha = history.sha_by_label[label]
    return {
        **commit(to, name, repo, history, people, label),
        "stats": {"additions": plus, "deletions": minus, "total": plus + minus},
        "files": [diff_entry(to, name, sha, change) for change in changes],
    }


def diff_entry(to: Addresses, name: str, sha: str, change: FileChange) -> Shape:
    """One changed file."""
    place = quote(change.path)
    return {
        "sha": change.sha,
        "filename": change.path,
        "status": change.status,
        "additions": change.additions,
        "deletions": change.deletions,
        "changes": change.additions + change.deletions,
        "blob_url": f"{WEB}/{name}/blob/{sha}/{place}",
        "raw_url": f"{WEB}/{name}/raw/{sha}/{place}",
        "contents_url": to.content(name, change.path, sha),
        "patch": change.patch,
    }


def content(to: Addresses, name: str, sha: str, path: str, text: str | None) -> Shape:
    """A file with its text, or (text None) an entry of a folder's listing without it."""
    blob = blob_sha(text or "")
    links = {
        "self": to.content(name, path, sha),
        "git": f"{to.repository(name)}/git/blobs/{blob}",
        "html": f"{WEB}/{name}/blob/{sha}/{quote(path)}",
    }
    return {
        "type": "file",
        "encoding": "base64",
        "size": len((text or "").encode()),
        "name": path.rpartition("/")[2],
        "path": path,
        "content": base64.encodebytes((text or "").encode()).decode(),
        "sha": blob,
        "url": links["self"],
        "git_url": links["git"],
        "html_url": links["html"],
        "download_url": f"https://raw.githubusercontent.com/{name}/{sha}/{quote(path)}",
        "_links": links,
    }


def listing_entry(to: Addresses, name: str, sha: str, path: str, kind: str, blob: str, size: int) -> Shape:
    """One entry of a folder."""
    git = f"{to.repository(name)}/git/{'trees' if kind == 'dir' else 'blobs'}/{blob}"
    html = f"{WEB}/{name}/{'tree' if kind == 'dir' else 'blob'}/{sha}/{quote(path)}"
    raw = f"https://raw.githubusercontent.com/{name}/{sha}/{quote(path)}"
    own = to.content(name, path, sha)
    return {
        "type": kind,
        "size": size,
        "name": path.rpartition("/")[2],
        "path": path,
        "sha": blob,
        "url": own,
        "git_url": git,
        "html_url": html,
        "download_url": None if kind == "dir" else raw,
        "_links": {"self": own, "git": git, "html": html},
    }
