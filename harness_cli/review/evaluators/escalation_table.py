"""Our own table of action combinations that lead to more rights, pinned here (IAM-08).

Sources: the published research on IAM privilege escalation; each row is a fact of the API. A row that takes no
`iam:PassRole` uses a role that something already has.
"""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Way:
    """One combination; `passes_to` is the service that a passed role must be trusted by."""

    name: str
    actions: tuple[str, ...]
    passes_to: str = ""


PASS: Final = "iam:passrole"  # noqa: S105 - an action, not a password

WAYS: Final = (
    Way("writes a new version of a policy", ("iam:createpolicyversion",)),
    Way("takes back an older version of a policy", ("iam:setdefaultpolicyversion",)),
    Way("attaches a policy to a user", ("iam:attachuserpolicy",)),
    Way("attaches a policy to a group", ("iam:attachgrouppolicy",)),
    Way("attaches a policy to a role", ("iam:attachrolepolicy",)),
    Way("writes a user's own policy", ("iam:putuserpolicy",)),
    Way("writes a group's own policy", ("iam:putgrouppolicy",)),
    Way("writes a role's own policy", ("iam:putrolepolicy",)),
    Way("joins a group", ("iam:addusertogroup",)),
    Way("makes keys for another user", ("iam:createaccesskey",)),
    Way("gives another user a password", ("iam:createloginprofile",)),
    Way("changes another user's password", ("iam:updateloginprofile",)),
    Way("lets itself into a role", ("iam:updateassumerolepolicy",)),  # a trust that names it needs no more
    Way("assumes any role", ("sts:assumerole",)),
    Way("starts a machine with any role", (PASS, "ec2:runinstances"), "ec2.amazonaws.com"),
    Way(
        "runs a function with any role",
        (PASS, "lambda:createfunction", "lambda:invokefunction"),
        "lambda.amazonaws.com",
    ),
    Way(
        "feeds a function with any role",
        (PASS, "lambda:createfunction", "lambda:createeventsourcemapping"),
        "lambda.amazonaws.com",
    ),
    Way(
        "opens a function with any role",
        (PASS, "lambda:createfunction", "lambda:addpermission"),
        "lambda.amazonaws.com",
    ),
    Way("changes a function's code", ("lambda:updatefunctioncode",)),
    Way("changes a function's layers", ("lambda:updatefunctionconfiguration",)),
    Way("creates a stack with any role", (PASS, "cloudformation:createstack"), "cloudformation.amazonaws.com"),
    Way("builds with any role", (PASS, "codebuild:createproject", "codebuild:startbuild"), "codebuild.amazonaws.com"),
    Way("opens a Glue endpoint with any role", (PASS, "glue:createdevendpoint"), "glue.amazonaws.com"),
    Way("takes over a Glue endpoint", ("glue:updatedevendpoint",)),
    Way("runs a Glue job with any role", (PASS, "glue:createjob", "glue:startjobrun"), "glue.amazonaws.com"),
    Way(
        "runs a pipeline with any role",
        (PASS, "datapipeline:createpipeline", "datapipeline:putpipelinedefinition"),
        "datapipeline.amazonaws.com",
    ),
    Way("runs a task with any role", (PASS, "ecs:registertaskdefinition", "ecs:runtask"), "ecs-tasks.amazonaws.com"),
    Way(
        "opens a notebook with any role",
        (PASS, "sagemaker:createnotebookinstance", "sagemaker:createpresignednotebookinstanceurl"),
        "sagemaker.amazonaws.com",
    ),
    Way(
        "runs a state machine with any role",
        (PASS, "states:createstatemachine", "states:startexecution"),
        "states.amazonaws.com",
    ),
    Way("runs commands on any machine", ("ssm:sendcommand",)),
    Way("opens a session on any machine", ("ssm:startsession",)),
    Way(
        "opens a function's URL with any role",
        (PASS, "lambda:createfunction", "lambda:createfunctionurlconfig"),
        "lambda.amazonaws.com",
    ),
    Way("bids for a machine with any role", (PASS, "ec2:requestspotinstances"), "ec2.amazonaws.com"),
    Way("gives a machine any role", (PASS, "ec2:associateiaminstanceprofile"), "ec2.amazonaws.com"),
    Way("changes a machine's role", (PASS, "ec2:replaceiaminstanceprofileassociation"), "ec2.amazonaws.com"),
    *(
        Way(
            "scales machines with any role",
            (PASS, template, f"autoscaling:{verb}autoscalinggroup"),
            "ec2.amazonaws.com",
        )
        for template in ("autoscaling:createlaunchconfiguration", "ec2:createlaunchtemplate")
        for verb in ("create", "update")
    ),
    *(
        Way("runs a task with any role", (PASS, f"ecs:{verb}"), "ecs-tasks.amazonaws.com")
        for verb in ("runtask", "starttask")  # their overrides name the role and the command
    ),
    *(
        Way(
            "serves a task with any role",
            (PASS, "ecs:registertaskdefinition", f"ecs:{verb}"),
            "ecs-tasks.amazonaws.com",
        )
        for verb in ("createservice", "updateservice")
    ),
    Way(
        "runs a batch job with any role",
        (PASS, "batch:registerjobdefinition", "batch:submitjob"),
        "ecs-tasks.amazonaws.com",
    ),
    Way("runs a cluster with any role", (PASS, "elasticmapreduce:runjobflow"), "ec2.amazonaws.com"),
    Way("serves an app with any role", (PASS, "apprunner:createservice"), "tasks.apprunner.amazonaws.com"),
    Way("creates a project with any role", (PASS, "codestar:createproject"), "codestar.amazonaws.com"),
    Way("creates a project from a template", ("codestar:createprojectfromtemplate",)),
    Way("owns a project of its own", ("codestar:createproject", "codestar:associateteammember")),
    Way("releases with any role", (PASS, "codepipeline:createpipeline"), "codepipeline.amazonaws.com"),
    Way(
        "builds with any role",
        (PASS, "codebuild:createproject", "codebuild:startbuildbatch"),
        "codebuild.amazonaws.com",
    ),
    Way(
        "builds with another role", (PASS, "codebuild:updateproject", "codebuild:startbuild"), "codebuild.amazonaws.com"
    ),
    Way("changes a stack", ("cloudformation:updatestack",)),
    Way("changes a stack by a change set", ("cloudformation:createchangeset", "cloudformation:executechangeset")),
    Way(
        "creates stacks with any role",
        (PASS, "cloudformation:createstackset", "cloudformation:createstackinstances"),
        "cloudformation.amazonaws.com",
    ),
    *(
        Way("runs a Glue job with any role", (PASS, f"glue:{verb}job", f"glue:{start}"), "glue.amazonaws.com")
        for verb, start in (("create", "createtrigger"), ("update", "startjobrun"), ("update", "createtrigger"))
    ),
    Way("opens a Glue session with any role", (PASS, "glue:createsession", "glue:runstatement"), "glue.amazonaws.com"),
    Way("trains with any role", (PASS, "sagemaker:createtrainingjob"), "sagemaker.amazonaws.com"),
    Way("processes with any role", (PASS, "sagemaker:createprocessingjob"), "sagemaker.amazonaws.com"),
    Way("enters a notebook", ("sagemaker:createpresignednotebookinstanceurl",)),
    Way(
        "opens a notebook with any role by a script of its own",
        (PASS, "sagemaker:createnotebookinstance", "sagemaker:createnotebookinstancelifecycleconfig"),
        "sagemaker.amazonaws.com",
    ),
    Way(
        "changes a state machine with any role",
        (PASS, "states:updatestatemachine", "states:startexecution"),
        "states.amazonaws.com",
    ),
    Way("schedules calls with any role", (PASS, "scheduler:createschedule"), "scheduler.amazonaws.com"),
    Way("runs an automation with any role", (PASS, "ssm:startautomationexecution"), "ssm.amazonaws.com"),
    Way(
        "interprets code with any role",
        (PASS, "bedrock-agentcore:createcodeinterpreter", "bedrock-agentcore:invokecodeinterpreter"),
        "bedrock-agentcore.amazonaws.com",
    ),
    Way("keeps commands on any machine", ("ssm:createassociation",)),
    Way("signs in to any machine", ("ec2-instance-connect:sendsshpublickey",)),
    Way("takes away a boundary from a user", ("iam:deleteuserpermissionsboundary",)),
    Way("takes away a boundary from a role", ("iam:deleterolepermissionsboundary",)),
)

_KINDS: Final = {
    "sts": ("role/",),
    "lambda": ("function:",),
    "ec2": ("instance/", "spot-instances-request/"),
    "ec2-instance-connect": ("instance/",),
    "ssm": ("instance/", "managed-instance/", "automation-definition/"),
    "glue": ("devEndpoint/", "job/", "trigger/", "session/"),
    "ecs": ("task-definition/", "service/", "cluster/"),
    "batch": ("job-definition/", "job-queue/"),
    "autoscaling": ("autoScalingGroup:", "launchConfiguration:"),
    "cloudformation": ("stack/", "stackset/"),
    "codebuild": ("project/",),
    "sagemaker": ("notebook-instance/", "training-job/", "processing-job/"),
    "states": ("stateMachine:",),
    "scheduler": ("schedule/",),
    "apprunner": ("service/",),
    "codestar": ("project/",),
}
_IAM_KINDS: Final = (  # the first word in the action's name decides
    ("policyversion", "policy/"),
    ("group", "group/"),
    ("role", "role/"),
    ("user", "user/"),
    ("accesskey", "user/"),
    ("loginprofile", "user/"),
)
_STRENGTHEN: Final = frozenset(  # a change to the holder's own identity, group or policy is a change to its rights
    [
        "iam:createpolicyversion",
        "iam:setdefaultpolicyversion",
        "iam:attachuserpolicy",
        "iam:attachgrouppolicy",
        "iam:attachrolepolicy",
        "iam:putuserpolicy",
        "iam:putgrouppolicy",
        "iam:putrolepolicy",
        "iam:deleteuserpermissionsboundary",
        "iam:deleterolepermissionsboundary",
    ]
)
_BECOME: Final = frozenset(  # not sts:AssumeRole: a named role that may be assumed is the design, not a gap in it
    [
        PASS,
        "iam:addusertogroup",
        "iam:createaccesskey",
        "iam:createloginprofile",
        "iam:updateassumerolepolicy",
        "iam:updateloginprofile",
    ]
)


def kinds_of(action: str) -> tuple[str, ...]:
    """The kinds of resource that an action is about, as their ARNs begin."""
    service, _, verb = action.partition(":")
    if service == "iam":
        return next(((kind,) for word, kind in _IAM_KINDS if word in verb), ())
    return _KINDS.get(service, ())


def strengthens(action: str, arn: str) -> bool:
    """Whether an action on something of the holder's own (identity, group, policy) gives the holder more rights."""
    return action in _STRENGTHEN and arn.split(":", 5)[-1].startswith(kinds_of(action))


def becomes(action: str, arn: str) -> bool:
    """Whether an action on an administrator (user, role, group) puts its rights into the holder's hands."""
    return action in _BECOME and arn.split(":", 5)[-1].startswith(kinds_of(action))
