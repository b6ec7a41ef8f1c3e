"""Checks, statuses, scans, rules and deployments in the shapes of GitHub's REST description."""

from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import Any

from harness_cli.sandbox.github import render
from harness_cli.sandbox.github.addresses import WEB, Addresses
from harness_cli.sandbox.github.history import History
from harness_cli.sandbox.model import Alert, Analysis, CheckRun, Deployment, Estate, Repository, Ruleset, RuleSuite

Shape = dict[str, Any]  # Any: JSON in the vendor's shape


class EvidenceRenderer:
    """Renders what stands beside the code of one repository."""

    def __init__(self, to: Addresses, estate: Estate, name: str, history: History) -> None:
        self._to = to
        self._estate = estate
        self._name = name
        self._repo: Repository = estate.github.repositories[name]
        self._history = history
        self._base = to.repository(name)
        self._order = {label: number for number, label in enumerate(self._repo.commits, 1)}

    def check_runs(self, label: str) -> Shape:
        """All check runs of a commit."""
        runs = self._repo.check_runs.get(label, ())
        return {"total_count": len(runs), "check_runs": [self._run(label, i, run) for i, run in enumerate(runs)]}

    def latest_check_runs(self, label: str) -> list[Shape]:
        """Of runs with one name and App the one that ended last; one that still runs is later than any."""
        latest: dict[tuple[str, int], Shape] = {}
        for run in self.check_runs(label)["check_runs"]:
            key = (run["name"], run["app"]["id"])
            if key not in latest or _ended(run) >= _ended(latest[key]):
                latest[key] = run
        return list(latest.values())

    def _run(self, label: str, index: int, run: CheckRun) -> Shape:
        number = self._repo.id * 1000 + self._order[label] * 50 + index
        own = f"{self._base}/check-runs/{number}"
        html = f"{WEB}/{self._name}/runs/{number}"
        return {
            "id": number,
            "head_sha": self._history.sha_by_label[label],
            "node_id": render.node_id("CheckRun", number),
            "external_id": "",
            "url": own,
            "html_url": html,
            "details_url": html,
            "status": "completed" if run.conclusion else "in_progress",
            "conclusion": run.conclusion,
            "started_at": run.started,
            "completed_at": run.completed or None,
            "output": {
                **dict.fromkeys(("title", "summary", "text")),
                "annotations_count": 0,
                "annotations_url": f"{own}/annotations",
            },
            "name": run.name,
            "check_suite": {"id": number + 7},
            "app": self._app(run),
            "pull_requests": [],
        }

    def _app(self, run: CheckRun) -> Shape:
        owner = render.account(self._to, "github", 9919, "Organization")
        times = {"created_at": "2018-07-30T09:30:17Z", "updated_at": "2024-04-10T20:33:16Z"}
        return {
            "id": run.app_id,
            "slug": run.app,
            "node_id": render.node_id("App", run.app_id),
            "owner": owner,
            "name": run.app,
            "description": None,
            "external_url": f"{WEB}/apps/{run.app}",
            "html_url": f"{WEB}/apps/{run.app}",
            **times,
            "permissions": {"checks": "write", "metadata": "read"},
            "events": [],
        }

    def combined_status(self, label: str) -> Shape:
        """The combined commit status."""
        sha = self._history.sha_by_label[label]
        statuses = self._repo.statuses.get(label, ())
        states = {status.state for status in statuses}
        worst = (
            "failure"
            if states & {"failure", "error"}
            else "pending"
            if "pending" in states or not states
            else "success"
        )
        return {
            "state": worst,
            "statuses": [self._status(label, index) for index in range(len(statuses))],
            "sha": sha,
            "total_count": len(statuses),
            "repository": render.repository(self._to, self._estate.github, self._name, full=False),
            "commit_url": f"{self._base}/commits/{sha}",
            "url": f"{self._base}/commits/{sha}/status",
        }

    def _status(self, label: str, index: int) -> Shape:
        it = self._repo.statuses[label][index]
        number = self._repo.id * 1000 + self._order[label] * 10 + index
        return {
            "url": f"{self._base}/statuses/{self._history.sha_by_label[label]}",
            "avatar_url": "https://avatars.githubusercontent.com/in/15368?v=4",
            "id": number,
            "node_id": render.node_id("StatusContext", number),
            "state": it.state,
            "description": it.description or None,
            "target_url": None,
            "context": it.context,
            "created_at": it.created,
            "updated_at": it.created,
        }

    # --- rules -----------------------------------------------------------------------------------

    def branch(self, name: str) -> Shape:
        """One branch with the tip's commit."""
        label = self._repo.branches[name]
        own = f"{self._base}/branches/{name}"
        protected = name in self._repo.protection or bool(self.rules_for(name))
        checks = {"enforcement_level": "off", "contexts": [], "checks": []}
        return {
            "name": name,
            "commit": render.commit(self._to, self._name, self._repo, self._history, self._estate.people, label),
            "_links": {"self": own, "html": f"{WEB}/{self._name}/tree/{name}"},
            "protected": protected,
            "protection": {"enabled": name in self._repo.protection, "required_status_checks": checks},
            "protection_url": f"{own}/protection",
        }

    def rules_for(self, branch: str) -> list[Shape]:
        """The active rules that apply to a branch, each with the ruleset it comes from."""
        return [
            {**rule, "ruleset_source_type": it.source, "ruleset_source": self._source(it), "ruleset_id": it.id}
            for it in self._repo.rulesets
            if it.enforcement == "active" and any(fnmatchcase(branch, pattern) for pattern in it.branches)
            for rule in it.rules
        ]

    def _source(self, it: Ruleset) -> str:
        return self._estate.github.organisation if it.source == "Organization" else self._name

    def ruleset(self, it: Ruleset, *, whole: bool, show_bypass: bool) -> Shape:
        """One ruleset; bypass actors are shown only to those who may write it."""
        own = f"{self._base}/rulesets/{it.id}"
        shape: Shape = {
            "id": it.id,
            "name": it.name,
            "target": "branch",
            "source_type": it.source,
            "source": self._source(it),
            "enforcement": it.enforcement,
            "node_id": render.node_id("RepositoryRuleset", it.id),
            "_links": {"self": {"href": own}, "html": {"href": f"{WEB}/{self._name}/rules/{it.id}"}},
            "created_at": self._repo.created,
            "updated_at": self._repo.created,
        }
        if not whole:
            return shape
        shape["conditions"] = {"ref_name": {"include": [f"refs/heads/{b}" for b in it.branches], "exclude": []}}
        shape["rules"] = list(it.rules)
        shape["current_user_can_bypass"] = "never"
        if show_bypass:
            shape["bypass_actors"] = [
                {"actor_id": a.actor_id, "actor_type": a.actor_type, "bypass_mode": a.bypass_mode} for a in it.bypass
            ]
        return shape

    def rule_suite(self, it: RuleSuite) -> Shape:
        """How the rules judged one push."""
        actor = self._estate.people[it.actor]
        after = self._repo.commits[it.commit]
        return {
            "id": it.id,
            "actor_id": actor.github_id,
            "actor_name": actor.github,
            "before_sha": self._history.sha_by_label[after.parent] if after.parent else "0" * 40,
            "after_sha": self._history.sha_by_label[it.commit],
            "ref": f"refs/heads/{it.branch}",
            "repository_id": self._repo.id,
            "repository_name": self._name.partition("/")[2],
            "pushed_at": it.pushed,
            "result": it.result,
            "evaluation_result": "fail" if it.result == "fail" else "pass",
        }

    def protection(self, branch: str) -> Shape:
        """The classic protection of a branch."""
        url = f"{self._base}/branches/{branch}/protection"
        raw: Mapping[str, Any] = self._repo.protection[branch]
        shape: Shape = {"url": url}
        for key, value in raw.items():
            extra = {"url": f"{url}/{key}"} if key in _WITH_URL else {}
            shape[key] = {**extra, **value} if isinstance(value, dict) else {**extra, "enabled": value}
        return shape

    # --- scans and deployments -------------------------------------------------------------------

    def alert(self, it: Alert) -> Shape:
        """One code-scanning alert."""
        own = f"{self._base}/code-scanning/alerts/{it.number}"
        rule = {
            "id": it.rule,
            "severity": "error",
            "security_severity_level": it.severity,
            "name": it.rule,
            "tags": ["security"],
        }
        tool = {"name": it.tool, "guid": None, "version": "2.20.0"}
        analyses = [a for a in self._repo.analyses if a.ref == it.ref]
        sha = self._history.sha_by_label[analyses[0].commit] if analyses else self._tip()
        instance = {
            "ref": it.ref,
            "analysis_key": ".github/workflows/scan.yml:scan",
            "environment": "{}",
            "category": f".github/workflows/scan.yml:{it.tool}",
            "state": it.state,
            "commit_sha": sha,
            "message": {"text": it.description},
            "location": {
                "path": it.path,
                "start_line": it.line,
                "end_line": it.line,
                "start_column": 1,
                "end_column": 2,
            },
            "classifications": [],
        }
        return {
            "number": it.number,
            "created_at": it.created,
            "updated_at": it.created,
            "url": own,
            "html_url": f"{WEB}/{self._name}/security/code-scanning/{it.number}",
            "state": it.state,
            "fixed_at": None,
            "dismissed_by": None,
            "dismissed_at": None,
            "dismissed_reason": None,
            "dismissed_comment": None,
            "rule": {**rule, "description": it.description},
            "tool": tool,
            "most_recent_instance": instance,
            "instances_url": f"{own}/instances",
        }

    def _tip(self) -> str:
        return self._history.sha_by_label[self._repo.branches[self._repo.default_branch]]

    def analysis(self, it: Analysis) -> Shape:
        """One code-scanning analysis."""
        return {
            "ref": it.ref,
            "commit_sha": self._history.sha_by_label[it.commit],
            "analysis_key": ".github/workflows/scan.yml:scan",
            "environment": "{}",
            "category": f".github/workflows/scan.yml:{it.tool}",
            "error": "",
            "created_at": it.created,
            "results_count": it.results,
            "rules_count": 80,
            "id": it.id,
            "url": f"{self._base}/code-scanning/analyses/{it.id}",
            "sarif_id": f"47177e22-5596-11eb-80a1-{it.id:012d}",
            "tool": {"name": it.tool, "guid": None, "version": "2.20.0"},
            "deletable": True,
            "warning": "",
        }

    def deployment(self, it: Deployment) -> Shape:
        """One deployment."""
        own = f"{self._base}/deployments/{it.id}"
        return {
            "url": own,
            "id": it.id,
            "node_id": render.node_id("Deployment", it.id),
            "task": "deploy",
            "original_environment": it.environment,
            "environment": it.environment,
            "description": None,
            "created_at": it.created,
            "updated_at": max([it.created, *(status.created for status in it.statuses)]),
            "statuses_url": f"{own}/statuses",
            "repository_url": self._base,
            "creator": render.person(self._to, self._estate.people[it.creator]),
            "sha": self._history.sha_by_label[it.commit],
            "ref": it.ref,
            "payload": {},
            "transient_environment": False,
            "production_environment": it.environment.startswith("prod"),
            "performed_via_github_app": None,
        }

    def deployment_statuses(self, it: Deployment) -> list[Shape]:
        """The states of a deployment, newest first."""
        own = f"{self._base}/deployments/{it.id}"
        shapes = [
            {
                "url": f"{own}/statuses/{it.id * 10 + index}",
                "id": it.id * 10 + index,
                "node_id": render.node_id("DeploymentStatus", it.id * 10 + index),
                "state": status.state,
                "creator": render.person(self._to, self._estate.people[status.actor]),
                "description": "",
                "environment": it.environment,
                "target_url": "",
                "log_url": "",
                "environment_url": "",
                "created_at": status.created,
                "updated_at": status.created,
                "deployment_url": own,
                "repository_url": self._base,
                "performed_via_github_app": None,
            }
            for index, status in enumerate(it.statuses)
        ]
        return shapes[::-1]


def _ended(run: Shape) -> str:
    return run["completed_at"] or "9999"


_WITH_URL = frozenset(
    {"required_status_checks", "required_pull_request_reviews", "enforce_admins", "required_signatures"}
)
