"""No back channel: nobody logs in to what runs, and nobody gets a way round the system."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from tts_constructs.policy.aws.iam_identity_policies import (
    IDENTITIES,
    IDENTITY_POLICY_TYPES,
    identity_policies,
)
from tts_constructs.policy.aws.iam_statements import Statement, statements
from tts_constructs.policy.model.checks import each, settled
from tts_constructs.policy.model.node import Node
from tts_constructs.policy.model.rule import Check, Rule
from tts_constructs.policy.model.stack import Resource
from tts_constructs.policy.model.values import Reference, Text, Unknown, Value
from tts_constructs.policy.paths import places
from tts_constructs.policy.result import Result

_HANDBOOK = (
    'TTS handbook, AWS, "Permissions": "There will be no "back channel" access to AWS resources for systems '
    'deployed into production."'
)

_ROLE = "AWS::IAM::Role"
_USER = "AWS::IAM::User"

_DOORS = {
    "AWS::EC2::KeyPair": ("A key pair lets whoever holds it log in to instances.", "the key pair"),
    "AWS::EC2::InstanceConnectEndpoint": (
        "An EC2 Instance Connect endpoint lets people log in to instances.", "the endpoint",
    ),
    "AWS::EC2::ClientVpnEndpoint": (
        "A Client VPN endpoint lets people into the network of the system.", "the endpoint",
    ),
}  # fmt: skip
"""What lets people in: why, and what to remove."""

_WITHOUT_LOGIN = (
    "Nobody needs to log in: send logs to CloudWatch, as TtsAsgService does, and make what is done regularly "
    "a function of the system."
)

_KEYS = {
    "AWS::AutoScaling::LaunchConfiguration": "KeyName",
    "AWS::Batch::ComputeEnvironment": "ComputeResources/Ec2KeyPair",
    "AWS::EC2::Instance": "KeyName",
    "AWS::EC2::LaunchTemplate": "LaunchTemplateData/KeyName",
    "AWS::EC2::SpotFleet": "SpotFleetRequestConfigData/LaunchSpecifications/*/KeyName",
    "AWS::EKS::Nodegroup": "RemoteAccess/Ec2SshKey",
    "AWS::EMR::Cluster": "Instances/Ec2KeyName",
    "AWS::ImageBuilder::InfrastructureConfiguration": "KeyPair",
    "AWS::Lightsail::Instance": "KeyPairName",
    "AWS::OpsWorks::Instance": "SshKeyName",
    "AWS::OpsWorks::Stack": "DefaultSshKeyName",
}
"""Where each type names the key by which people log in."""

_KEY_ARGUMENTS: dict[str, str] = dict.fromkeys(
    ("AWS::AutoScaling::LaunchConfiguration", "AWS::EC2::Instance", "AWS::EC2::LaunchTemplate"), "`key_pair=`"
)
"""What the CDK calls that key, where its constructs take one."""

_COMMANDS = {
    "AWS::ECS::Service": "EnableExecuteCommand",
    "AWS::Events::Rule": "Targets/*/EcsParameters/EnableExecuteCommand",
    "AWS::Pipes::Pipe": "TargetParameters/EcsTaskParameters/EnableExecuteCommand",
    "AWS::Scheduler::Schedule": "Target/EcsParameters/EnableExecuteCommand",
}
"""Where each type lets people run commands in a container."""

_SESSION_POLICIES = frozenset(
    {"AmazonSSMManagedInstanceCore", "AmazonSSMManagedEC2InstanceDefaultPolicy", "AmazonEC2RoleforSSM"}
)
_SESSIONS = "The role of instances may be used by Session Manager, with which people log in to them."
_SESSION_ACTIONS = ("ssmmessages:CreateDataChannel", "ssmmessages:OpenDataChannel")


# TTS-ACC-001


def _is_a_door(resource: Resource) -> Iterator[Result]:
    message, what = _DOORS[resource.type]
    yield Result("violation", "", message, f"Remove {what}. {_WITHOUT_LOGIN}")


def _names_no_key(resource: Resource) -> Iterator[Result]:
    yield from each(list(places(resource.properties, _KEYS[resource.type])), _is_no_key)


def _is_no_key(key: Node) -> Iterator[Result]:
    if isinstance(key.value, Reference | Text) or key.text():
        yield key.violation(
            f"{key.key} names the key {key.shown}, and whoever holds it can log in.",
            fix=f"Remove {_KEY_ARGUMENTS.get(key.resource.type, 'the key')}. {_WITHOUT_LOGIN}",
            template_fix=f"Remove {key.key}. {_WITHOUT_LOGIN}",
        )


def _beanstalk_names_no_key(resource: Resource) -> Iterator[Result]:
    yield from each(resource["OptionSettings"].items(), _option_is_no_key)


def _option_is_no_key(option: Node) -> Iterator[Result]:
    if option["OptionName"].text() == "EC2KeyName":
        yield from _is_no_key(option["Value"])


def _runs_no_commands(resource: Resource) -> Iterator[Result]:
    yield from each(list(places(resource.properties, _COMMANDS[resource.type])), _is_off)


def _is_off(flag: Node) -> Iterator[Result]:
    if flag.boolean():
        yield flag.violation(
            "EnableExecuteCommand is true, so people can run commands in the container.",
            fix=f"Remove `enable_execute_command=True`. {_WITHOUT_LOGIN}",
            template_fix=f"Remove EnableExecuteCommand. {_WITHOUT_LOGIN}",
        )


def _gives_no_sessions(resource: Resource) -> Iterator[Result]:
    """Warns only: a session is made with a person's own login, and its use is logged."""
    for result in settled(_sessions(resource)):
        yield replace(result, at_most="warn")


def _sessions(resource: Resource) -> Iterator[Result]:
    for document in identity_policies(resource):
        yield from each(statements(document), _allows_no_sessions)
    if resource.type == _ROLE:
        yield from each(resource["ManagedPolicyArns"].items(), _is_no_session_policy)


def _allows_no_sessions(node: Node) -> Iterator[Result]:
    if _may_speak_of(node.value, "ssmmessages") and _is_for_instances(node.resource):
        statement = Statement.read(node)
        if (
            statement.allows
            and any(map(statement.covers, _SESSION_ACTIONS))
            and _speaks_of_sessions(statement)
        ):
            yield node.violation(_SESSIONS, fix=f"Remove the actions of ssmmessages. {_WITHOUT_LOGIN}")


def _speaks_of_sessions(statement: Statement) -> bool:
    """Whether a statement is about more than what other services have, such as the objects of a bucket."""
    return not statement.resources or any(
        isinstance(value, Unknown) or _is_all(value, roles=False) or ":ssmmessages:" in str(value)
        for value in statement.resources
    )


def _is_no_session_policy(arn: Node) -> Iterator[Result]:
    suspect = arn.is_unknown or _name_in(arn.value) in _SESSION_POLICIES
    if suspect and _is_for_instances(arn.resource) and arn.reference() is None:
        yield arn.violation(_SESSIONS, fix=f"Remove the policy from the role. {_WITHOUT_LOGIN}")


def _is_for_instances(resource: Resource) -> bool:
    return any(_is_of_instances(role) for role in _roles_of(resource))


def _roles_of(resource: Resource) -> list[Resource]:
    """The roles that get the permissions which a role or policy holds."""
    if resource.type == _ROLE:
        return [resource]
    name = "RoleName" if resource.type == "AWS::IAM::RolePolicy" else "Roles"
    named = [item.target(_ROLE, name="RoleName") for item in resource[name].items()]
    attached = resource.stack.assembly.index(_policies_of, _ROLE)[resource]
    return [role for role in named if role] + attached


def _policies_of(role: Resource) -> Iterator[Resource]:
    for item in role["ManagedPolicyArns"].items():
        policy = item.target()
        if policy:
            yield policy


def _is_of_instances(role: Resource) -> bool:
    if role in role.stack.assembly.index(_roles_in, "AWS::IAM::InstanceProfile"):
        return True
    trusts = [Statement.read(node) for node in statements(role["AssumeRolePolicyDocument"])]
    return any(
        kind == "Service" and str(value).startswith("ec2.")
        for trust in trusts
        for kind, value in trust.principals
    )


def _roles_in(profile: Resource) -> Iterator[Resource]:
    for item in profile["Roles"].items():
        role = item.target(_ROLE, name="RoleName")
        if role:
            yield role


# TTS-IAM-001


def _makes_a_person(resource: Resource) -> Iterator[Result]:
    what = resource.type.rpartition("::")[2]
    yield Result("violation", "", f"An IAM {what} belongs to a person or to a key that nobody changes.")
    if resource.type == _USER and resource["LoginProfile"].exists:
        yield resource["LoginProfile"].violation("LoginProfile gives the user a password for the console.")


# TTS-IAM-002


def _grants_the_least(resource: Resource) -> Iterator[Result]:
    yield from settled(_grants_least_by_policies(resource))
    if resource.type in IDENTITIES:
        yield from settled(_is_no_administrator(resource["ManagedPolicyArns"]))
    if resource.type == "AWS::SSO::PermissionSet":
        yield from settled(_is_no_administrator(resource["ManagedPolicies"]))
    if resource.type == _ROLE:
        yield from settled(_trusts_somebody(resource))


def _grants_least_by_policies(resource: Resource) -> Iterator[Result]:
    for document in identity_policies(resource):
        yield from settled(_grants_least_by_document(document))


def _grants_least_by_document(document: Node) -> Iterator[Result]:
    yield from each(statements(document), _is_limited)


def _is_limited(node: Node) -> Iterator[Result]:
    if not _may_speak_of(node.value, "iam"):
        return
    statement = Statement.read(node)
    everything = bool(statement.not_actions) or any(not a.strip("*:") for a in statement.actions)
    if not statement.allows or not (everything or statement.covers("iam:PassRole")):
        return
    what = "every action" if everything else "iam:PassRole"
    if statement.not_resources or any(_is_all(value, roles=not everything) for value in statement.resources):
        yield node.violation(
            f"The statement allows {what} on every resource.",
            fix=None if everything else "Name the role that is passed: `role.grant_pass_role(…)` does.",
            template_fix=None if everything else "Name the role that is passed in `Resource`.",
        )
    elif any(isinstance(value, Unknown) for value in statement.resources):
        yield node["Resource"].unknown(f"The statement allows {what} on a resource that is not known.")


def _is_all(resource: Value, *, roles: bool) -> bool:
    """Whether a resource of a statement is every resource or, where roles are meant, every role."""
    text = str(resource)
    stated = text.rstrip("*?")
    if roles and ":iam:" in text and stated != text and ":role/".startswith(f":{stated.rpartition(':')[2]}"):
        return True
    service = text.split(":")[2:] if text.startswith("arn:") else [text]
    return "".join(service).strip("*?:") == ""


def _is_no_administrator(arns: Node) -> Iterator[Result]:
    yield from each(arns.items(), _does_not_administer)


def _does_not_administer(arn: Node) -> Iterator[Result]:
    if arn.reference() is not None:
        return
    if _name_in(arn.value) == "AdministratorAccess":
        yield arn.violation(
            "AdministratorAccess allows every action on every resource.",
            fix="Remove the policy, and use the grants of the CDK, such as `bucket.grant_read_write(role)`.",
            template_fix="Remove the policy, and write one with the actions and resources that are needed.",
        )
    elif isinstance(arn.value, Text) and isinstance(arn.value.parts[-1], Unknown):
        arn.text()


def _trusts_somebody(role: Resource) -> Iterator[Result]:
    yield from each(statements(role["AssumeRolePolicyDocument"]), _trusts_not_everybody)


def _trusts_not_everybody(node: Node) -> Iterator[Result]:
    principal = node["Principal"]
    if type(principal.value) is dict and principal.value.keys() <= {"Service", "Federated"}:
        return
    statement = Statement.read(node)
    if statement.allows and statement.to_anyone:
        yield node.violation(
            "The trust policy lets everybody in every account take the role.",
            fix="Name who may take the role, such as `assumed_by=iam.ServicePrincipal(…)`.",
            template_fix="Name who may take the role in `Principal`.",
        )
    elif statement.allows and any(isinstance(value, Unknown) for _, value in statement.principals):
        yield principal.unknown("The trust policy lets somebody take the role who is not known.")


# What both read


def _may_speak_of(statement: Any, service: str) -> bool:
    """Whether a statement, as the template writes it, may have an action of a service; False is certain.

    Most statements have literal actions of other services, and need not be read to the end.
    """
    actions = statement.get("Action") if type(statement) is dict else None
    if type(actions) is str:
        actions = [actions]
    if type(actions) is not list:
        return True
    prefixes = {
        action.partition(":")[0].strip().lower() if type(action) is str else "*" for action in actions
    }
    return any(prefix == service or "*" in prefix or "?" in prefix for prefix in prefixes)


def _name_in(arn: Value) -> str:
    """The name of the policy that an ARN ends with."""
    return str(arn).strip().rpartition("/")[2]


_ACCESS_CHECKS: dict[str, Check] = {
    **dict.fromkeys(_DOORS, _is_a_door),
    **dict.fromkeys(_KEYS, _names_no_key),
    "AWS::ElasticBeanstalk::Environment": _beanstalk_names_no_key,
    "AWS::ElasticBeanstalk::ConfigurationTemplate": _beanstalk_names_no_key,
    **dict.fromkeys(_COMMANDS, _runs_no_commands),
    _ROLE: _gives_no_sessions,
    "AWS::IAM::Policy": _gives_no_sessions,
    "AWS::IAM::ManagedPolicy": _gives_no_sessions,
    "AWS::IAM::RolePolicy": _gives_no_sessions,
}

RULES = (
    Rule(
        id="TTS-ACC-001",
        title="Nobody logs in to an instance",
        why=(
            "What a person changes on a running instance is in no script and no review, is lost with the "
            "instance, and reaches other people's information without the system knowing."
        ),
        source=_HANDBOOK,
        fix=(
            "Use TtsAsgService, which has no key. Remove the key, the endpoint, the permissions of Session "
            f"Manager, or EnableExecuteCommand. {_WITHOUT_LOGIN}"
        ),
        decides=(
            "No resource names an SSH key, is a key pair, an EC2 Instance Connect endpoint or a Client VPN "
            "endpoint, and no ECS service or task has EnableExecuteCommand: true. Permissions of Session "
            "Manager on a role of instances warn."
        ),
        controls=("AC-17", "AC-17(1)", "AC-6", "CM-5", "CM-7"),
        force="M",
        production="block",
        sandbox=None,
        checks=_ACCESS_CHECKS,
    ),
    Rule(
        id="TTS-IAM-001",
        title="No people or long-lived keys are created by a system",
        why=(
            "People get their access from the TTS infrastructure team, who can take it back. A user or an "
            "access key that a stack makes is a door that nobody watches, and a key is valid until it leaks."
        ),
        source=(
            'TTS handbook, AWS, "Permissions": "only the TTS infrastructure team has login credentials to '
            'our production TTS account".'
        ),
        fix=(
            "Remove the user and its keys. Use a role, whose credentials are short-lived: TtsAsgService and "
            "functions have one; for others write `iam.Role(…, assumed_by=…)`. Grants such as "
            "`bucket.grant_read(role)` give it what it needs."
        ),
        template_fix=(
            "Remove the user and its keys. Use an `AWS::IAM::Role`, whose credentials are short-lived, with "
            "the permissions that the user had."
        ),
        decides=(
            "No template makes an AWS::IAM::User, AWS::IAM::AccessKey or AWS::IAM::UserToGroupAddition, or "
            "gives a user a LoginProfile."
        ),
        controls=("AC-2", "IA-2"),
        force="M",
        production="block",
        sandbox="block",
        checks=dict.fromkeys(
            (_USER, "AWS::IAM::AccessKey", "AWS::IAM::UserToGroupAddition"), _makes_a_person
        ),
        never_unknown="It asks what a template makes, and a type is always literal.",
    ),
    Rule(
        id="TTS-IAM-002",
        title="Permissions are least",
        why=(
            "Whoever takes over a part of a system gets what its role may do: with every permission that is "
            "the whole account, and by passing any role to a service of their choice it is too."
        ),
        source=f"NIST SP 800-53 AC-6, least privilege. {_HANDBOOK}",
        fix=(
            "Use the grants of the CDK, such as `bucket.grant_read_write(role)`, also with a TtsBucket. Or "
            "name the actions and the resources that are needed."
        ),
        template_fix="Name the actions and the resources that are needed in `Action` and `Resource`.",
        decides=(
            "No identity policy allows every action on every resource, or iam:PassRole on every role; no "
            "role trusts everybody; AdministratorAccess is not attached. A managed policy that is used as a "
            "permissions boundary alone grants nothing and is not judged."
        ),
        controls=("AC-6",),
        force="P",
        production="block",
        sandbox="warn",
        checks=dict.fromkeys(IDENTITY_POLICY_TYPES, _grants_the_least),
    ),
)
