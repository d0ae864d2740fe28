"""TTS-ACC-001: People must not be able to log in to instances."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from tts_constructs.policy.aws.iam_identity_policies import identity_policies
from tts_constructs.policy.aws.iam_statements import (
    ROLE,
    Statement,
    is_all,
    may_speak_of,
    name_in,
    statement_list,
    statements,
)
from tts_constructs.policy.aws.property_tables import KEY_PAIRS, property_table
from tts_constructs.policy.model.checks import check_found, check_items, stop_at_unknown
from tts_constructs.policy.model.node import Node
from tts_constructs.policy.model.rule import Check, Rule
from tts_constructs.policy.model.stack import Resource
from tts_constructs.policy.model.values import Parameter, Reference, SsmParameter, Text, Unknown
from tts_constructs.policy.result import Result
from tts_constructs.policy.rules._handbook import NO_BACK_CHANNEL
from tts_constructs.policy.rules.acc._authorized_keys import USER_DATA_TYPES, lets_nobody_in
from tts_constructs.policy.rules.acc._clusters import CLUSTER_TYPES, keeps_people_out

_DOORS = {
    **dict.fromkeys(
        ("AWS::EC2::KeyPair", "AWS::Lightsail::KeyPair"),
        ("A key pair lets whoever holds it log in to instances.", "the key pair"),
    ),
    "AWS::EC2::InstanceConnectEndpoint": (
        "An EC2 Instance Connect endpoint lets people log in to instances.", "the endpoint",
    ),
    "AWS::EC2::ClientVpnEndpoint": (
        "A Client VPN endpoint lets people into the network of the system.", "the endpoint",
    ),
}  # fmt: skip
"""Properties that let people log in: why, and what to remove."""

_WITHOUT_LOGIN = (
    "You don't need to log in: send logs to CloudWatch, as TtsAsgService does, and turn regular tasks into "
    "functions of the system."
)

_KEYS = property_table(KEY_PAIRS)
"""The properties of each type that name the key for logins."""

_LONGEST_NAME = 80

_KEY_ARGUMENTS: dict[str, str] = dict.fromkeys(
    ("AWS::AutoScaling::LaunchConfiguration", "AWS::EC2::Instance", "AWS::EC2::LaunchTemplate"), "`key_pair=`"
)
"""The name of that key in CDK constructs."""

_COMMANDS = {
    "AWS::ECS::Service": "EnableExecuteCommand",
    "AWS::Events::Rule": "Targets/*/EcsParameters/EnableExecuteCommand",
    "AWS::Pipes::Pipe": "TargetParameters/EcsTaskParameters/EnableExecuteCommand",
    "AWS::Scheduler::Schedule": "Target/EcsParameters/EnableExecuteCommand",
}
"""The property of each type that lets people run commands in a container."""

_SESSION_POLICIES = frozenset(
    {"AmazonSSMManagedInstanceCore", "AmazonSSMManagedEC2InstanceDefaultPolicy", "AmazonEC2RoleforSSM"}
)

_SESSIONS = "The role of instances may be used by Session Manager, with which people log in to them."
_SESSION_ACTIONS = ("ssmmessages:CreateDataChannel", "ssmmessages:OpenDataChannel")


def _is_a_door(resource: Resource) -> Iterator[Result]:
    message, what = _DOORS[resource.type]
    yield Result("violation", "", message, f"Remove {what}. {_WITHOUT_LOGIN}")


def _lets_nobody_in(resource: Resource) -> Iterator[Result]:
    if resource.type in _KEYS:
        yield from _names_no_key(resource)
    yield from lets_nobody_in(resource, _WITHOUT_LOGIN)


def _names_no_key(resource: Resource) -> Iterator[Result]:
    for path in _KEYS[resource.type]:
        yield from stop_at_unknown(_names_none_at(resource, path))


def _names_none_at(resource: Resource, path: str) -> Iterator[Result]:
    yield from check_found(resource.properties, path, _is_no_key)


def _is_no_key(key: Node) -> Iterator[Result]:
    if isinstance(key.value, Parameter | SsmParameter):
        named = f"the key that {key.value.reason.partition(',')[0]} names"
    elif isinstance(key.value, Reference | Text) or key.text():
        named = f"the key {key.shown}" if len(key.shown) <= _LONGEST_NAME else "a key"
    else:
        return
    yield key.violation(
        f"{key.key} is {named}, and whoever holds it can log in.",
        fix=f"Remove {_KEY_ARGUMENTS.get(key.resource.type, 'the key')}. {_WITHOUT_LOGIN}",
        template_fix=f"Remove {key.key}. {_WITHOUT_LOGIN}",
    )


def _beanstalk_names_no_key(resource: Resource) -> Iterator[Result]:
    yield from check_items(resource["OptionSettings"], _option_is_no_key)


def _option_is_no_key(option: Node) -> Iterator[Result]:
    if option["OptionName"].text() == "EC2KeyName":
        yield from _is_no_key(option["Value"])


def _runs_no_commands(resource: Resource) -> Iterator[Result]:
    yield from check_found(resource.properties, _COMMANDS[resource.type], _is_off)


def _is_off(flag: Node) -> Iterator[Result]:
    if flag.boolean():
        yield flag.violation(
            "EnableExecuteCommand is true, so people can run commands in the container.",
            fix=f"Remove `enable_execute_command=True`. {_WITHOUT_LOGIN}",
            template_fix=f"Remove EnableExecuteCommand. {_WITHOUT_LOGIN}",
        )


def _gives_no_sessions(resource: Resource) -> Iterator[Result]:
    """Yield warnings only: a session needs a person's own login, and its use is logged."""
    for result in stop_at_unknown(_sessions(resource)):
        yield replace(result, at_most="warn")


def _sessions(resource: Resource) -> Iterator[Result]:
    for document in identity_policies(resource):
        yield from check_items(statement_list(document), _allows_no_sessions)
    if resource.type == ROLE:
        yield from check_items(resource["ManagedPolicyArns"], _is_no_session_policy)


def _allows_no_sessions(node: Node) -> Iterator[Result]:
    if may_speak_of(node.value, "ssmmessages") and _is_for_instances(node.resource):
        statement = Statement.read(node)
        if (
            statement.allows
            and any(map(statement.covers, _SESSION_ACTIONS))
            and _speaks_of_sessions(statement)
        ):
            yield node.violation(_SESSIONS, fix=f"Remove the actions of ssmmessages. {_WITHOUT_LOGIN}")


def _speaks_of_sessions(statement: Statement) -> bool:
    """Return whether a statement can be about sessions, not only about objects of other services."""
    return not statement.resources or any(
        isinstance(value, Unknown) or is_all(value) or ":ssmmessages:" in str(value)
        for value in statement.resources
    )


def _is_no_session_policy(arn: Node) -> Iterator[Result]:
    suspect = arn.is_unknown or name_in(arn.value) in _SESSION_POLICIES
    if suspect and _is_for_instances(arn.resource) and arn.reference() is None:
        yield arn.violation(_SESSIONS, fix=f"Remove the policy from the role. {_WITHOUT_LOGIN}")


def _is_for_instances(resource: Resource) -> bool:
    return any(_is_of_instances(role) for role in _roles_of(resource))


def _roles_of(resource: Resource) -> list[Resource]:
    """Return the roles that get the permissions of a role or policy."""
    if resource.type == ROLE:
        return [resource]
    name = "RoleName" if resource.type == "AWS::IAM::RolePolicy" else "Roles"
    named = [item.target(ROLE, name="RoleName") for item in resource[name].items()]
    attached = resource.stack.assembly.index(_policies_of, ROLE)[resource]
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
        role = item.target(ROLE, name="RoleName")
        if role:
            yield role


_ACCESS_CHECKS: dict[str, Check] = {
    **dict.fromkeys(_DOORS, _is_a_door),
    **dict.fromkeys(_KEYS, _names_no_key),
    **dict.fromkeys(USER_DATA_TYPES, _lets_nobody_in),
    **dict.fromkeys(CLUSTER_TYPES, keeps_people_out),
    "AWS::ElasticBeanstalk::Environment": _beanstalk_names_no_key,
    "AWS::ElasticBeanstalk::ConfigurationTemplate": _beanstalk_names_no_key,
    **dict.fromkeys(_COMMANDS, _runs_no_commands),
    ROLE: _gives_no_sessions,
    "AWS::IAM::Policy": _gives_no_sessions,
    "AWS::IAM::ManagedPolicy": _gives_no_sessions,
    "AWS::IAM::RolePolicy": _gives_no_sessions,
}

RULE = Rule(
    id="TTS-ACC-001",
    title="People must not be able to log in to instances",
    why=(
        "If a person changes a running instance, nobody reviews the change, no script repeats it, and it is "
        "lost with the instance. The person can also read other people's information without leaving a "
        "record."
    ),
    source=NO_BACK_CHANNEL,
    section="Permissions",
    fix=(
        "Use TtsAsgService, which has no key. Remove the key, the endpoint, the access entry, the "
        f"permissions of Session Manager, or EnableExecuteCommand. {_WITHOUT_LOGIN}"
    ),
    decides=(
        "No resource may name an SSH key, not even by a parameter, or be a key pair, an EC2 Instance "
        "Connect endpoint, or a Client VPN endpoint. No ECS service or task may have EnableExecuteCommand: "
        "true. User data must not add people's SSH keys. An EKS cluster must not have a public endpoint, "
        "and its access entries must be for nodes or for roles that services assume. Permissions of Session "
        "Manager on a role of instances warn."
    ),
    controls=("AC-17", "AC-17(1)", "AC-6", "CM-5", "CM-7"),
    force="M",
    production="block",
    sandbox=None,
    checks=_ACCESS_CHECKS,
)
