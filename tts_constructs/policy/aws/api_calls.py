"""Calls of AWS APIs that a template makes AWS run: what they call, with which parameters.

Custom resources, state machines, schedules, automations, pipelines and API methods can call any API. Each
call is read as service, action, and parameters as far as they are stated.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from tts_constructs.policy.model.json_text import parse_json, parsed
from tts_constructs.policy.model.node import Node, UnknownValue
from tts_constructs.policy.model.stack import Resource
from tts_constructs.policy.model.values import ABSENT, Reference, Text, Unknown, Value, concatenate

DOCUMENT = "document"
"""The service, where an automation document is run; the action is the name of the document."""

_HANDED_IN = Unknown("what is handed in when it runs", "Write the value itself.")


Fill = Callable[[Value], Value]


def _as_it_is(value: Value) -> Value:
    return value


@dataclass(frozen=True)
class Call:
    """A call of an API.

    Args:
        service: In lower case without other characters, such as `ec2` or `logs`; None: not known.
        action: The same, such as `runinstances`; None: not known.
        name: How a message names it, such as `EC2 runInstances`.
        place: Where it is written; its results are about this place.
        stated: The place of the parameters.
        fill: What fills in the texts of the parameters.
    """

    service: str | None
    action: str | None
    name: str
    place: Node
    stated: Node
    fill: Fill = _as_it_is

    @property
    def parameters(self) -> Node:
        """The parameters as a map; what is known only when the call runs is unknown."""
        found = _filled(parsed(self.stated).plain(), self.fill)
        return self.place.holding({} if found is ABSENT else found)

    def at(self, path: str) -> list[Node]:
        """Return the parameters at a path such as `LaunchPermission/Add/*/Group`, in any case of its letters.

        Args:
            path: Keys; `*` means each item of a list.

        Raises:
            UnknownValue: A list on the way is not known.
        """
        nodes = [self.parameters]
        for key in path.split("/"):
            nodes = [item for node in nodes for item in (node.items() if key == "*" else [named(node, key)])]
        return [node for node in nodes if node.exists]

    def parameter(self, name: str) -> Node:
        """Return the parameter of a name, in any case of its letters."""
        return named(self.parameters, name)


def named(node: Node, key: str) -> Node:
    """Return the entry of a map whose key is equal but for the case of its letters."""
    held = node.value
    if isinstance(held, dict):
        return node[next((name for name in held if name.lower() == key.lower()), key)]
    return node[key]


def calls_of(resource: Resource) -> tuple[Call, ...]:
    """Return the calls that a resource makes; a call that is written for several events counts once."""
    return resource.properties.cached(_calls_at)


def _calls_at(properties: Node) -> tuple[Call, ...]:
    resource = properties.resource
    read = _READERS.get(resource.type) or _custom
    return tuple(_decided(read(resource), properties))


def _decided(calls: Iterator[Call], place: Node) -> Iterator[Call]:
    try:
        yield from calls
    except UnknownValue:
        yield _unknown(place)


def _unknown(place: Node) -> Call:
    return Call(None, None, "a call", place, place.holding(_HANDED_IN))


# Names


_ALIASES = {
    "cloudwatchlogs": "logs",
    "elasticloadbalancing": "elb",
    "elasticloadbalancingv2": "elbv2",
    "elasticmapreduce": "emr",
    "databasemigration": "dms",
    "databasemigrationservice": "dms",
    "efs": "elasticfilesystem",
    "eventbridge": "events",
    "cloudwatchevents": "events",
}
"""Names of services in one of the SDKs, with their names in the table."""

_OTHER_CHARACTERS = re.compile(r"[^a-z0-9*]+")
_OPEN = re.compile(r"\$\{|\{\{|\{%")
"""Begins what is known only later: a part of a text, an automation's parameter, an expression."""


def service_named(text: str) -> str | None:
    """Return a service as the table has it, whichever SDK spells it; None: it is not known.

    `@aws-sdk/client-ec2`, `EC2Client` and `Ec2` are `ec2`.
    """
    own = re.split(r"[/}]", text.strip())[-1].lower()  # what is not known ends with a brace
    own = _OTHER_CHARACTERS.sub("", own.removeprefix("client-").removesuffix("client"))
    return _ALIASES.get(own, own) or None


def action_named(text: str) -> str | None:
    """Return an action as the table has it; None: not known. `RunInstancesCommand` is `runinstances`."""
    if not text or _OPEN.search(text):
        return None
    return _OTHER_CHARACTERS.sub("", text.strip().lower()).removesuffix("command")


def _shown(value: Value) -> str:
    """Return a text with `${…}` for its parts that are not known; empty if it is not text."""
    return "${…}" if isinstance(value, Unknown) else str(value) if isinstance(value, str | Text) else ""


def _call(service: str, action: str, place: Node, stated: Node, fill: Fill = _as_it_is) -> Iterator[Call]:
    name = f"{service} {action}".strip()
    call = Call(service_named(service), action_named(action), name, place, stated, fill)
    yield call
    if call.service == "ssm" and call.action in _RUNS_A_DOCUMENT:
        yield from _document_run(call.parameter("DocumentName"), place)


_RUNS_A_DOCUMENT = frozenset({"startautomationexecution", "startchangerequestexecution", "createassociation"})


def _document_run(name: Node, place: Node) -> Iterator[Call]:
    """Yield the run of a document; one that the app makes is judged where it is made.

    What the document does is known by its name alone, so its parameters are not read.
    """
    if not isinstance(name.value, Reference) and (shown := _shown(name.value)):
        own = re.split(r"[:/]", shown)[-1] if not _OPEN.search(shown) else shown
        yield Call(DOCUMENT, action_named(own), own, place, place.holding(_HANDED_IN))


# Values that are known only when a call runs


def _filled(value: Value, fill: Fill) -> Value:
    """Return parameters in which what is known only later is unknown, without the marks of that."""
    try:
        return _fill(value, fill)
    except RecursionError:
        return Unknown("parameters that are nested too deeply")


def _fill(value: Value, fill: Fill) -> Value:
    if isinstance(value, dict):
        return {
            key.removesuffix(".$"): _HANDED_IN if key.endswith(".$") else _fill(held, fill)
            for key, held in value.items()
        }
    if isinstance(value, list):
        return [_fill(held, fill) for held in value]
    value = fill(value)
    if isinstance(value, str):
        if value in _BOOLEANS:
            return _BOOLEANS[value]
        return _HANDED_IN if _OPEN.search(value) else value
    return value


_BOOLEANS = {"TRUE:BOOLEAN": True, "FALSE:BOOLEAN": False}
"""How older versions of the CDK write booleans into a call."""


# Readers, one for each kind of resource


_EVENTS = ("Create", "Update", "Delete")


def _custom(resource: Resource) -> Iterator[Call]:
    places = [resource[event] for event in _EVENTS]
    for number, place in enumerate(places):
        if any(place.value == other.value for other in places[:number]):
            continue
        content = parsed(place)
        if isinstance(content.value, dict):
            if content["service"].exists:
                service, action = (_shown(content[key].value) for key in ("service", "action"))
                yield from _call(service, action, place, content["parameters"])
        elif isinstance(place.value, Unknown | Reference) or _names_a_call(place.value):
            yield _unknown(place)


def _names_a_call(value: Value) -> bool:
    return isinstance(value, str | Text) and all(f'"{key}"' in str(value) for key in ("service", "action"))


_INTEGRATION = re.compile(
    r":states:[^:]*:[^:]*:(?:aws-sdk:)?([^:]+):([^:]+?)(?:\.sync(?::2)?|\.waitForTaskToken)?$"
)
_NOT_STATES = frozenset(
    {"Parameters", "Arguments", "ResultSelector", "Result", "Output", "Assign", "Choices"}
)


def _state_machine(machine: Resource) -> Iterator[Call]:
    given = machine["DefinitionSubstitutions"]
    substitutions = dict(given.entries()) if isinstance(given.value, dict) else {}

    def fill(value: Value) -> Value:
        return _substituted(value, substitutions)

    for key in ("DefinitionString", "Definition"):
        place = machine[key]
        definition = place
        if isinstance(place.value, str | Text):
            definition = place.holding(parse_json(fill(place.value)))
        if isinstance(definition.value, Unknown):
            yield _unknown(place)
        pending = [definition]
        while pending:
            node = pending.pop()
            if isinstance(node.value, list):
                pending += node.items()
            elif isinstance(node.value, dict):
                yield from _task(node, place if definition is not place else node, fill)
                pending += [held for key, held in node.entries() if key not in _NOT_STATES]


def _task(state: Node, place: Node, fill: Fill) -> Iterator[Call]:
    called = fill(state["Resource"].value)
    if match := _INTEGRATION.search(_shown(called)):
        stated = state["Arguments" if state["Arguments"].exists else "Parameters"]
        yield from _call(match[1], match[2], place, stated, fill)


_SUBSTITUTION = re.compile(r"\$\{([A-Za-z0-9_-]+)\}")


def _substituted(value: Value, substitutions: Mapping[str, Node]) -> Value:
    """Return a text of a definition with its `DefinitionSubstitutions` in place."""
    pieces: list[Value] = []
    for part in value.parts if isinstance(value, Text) else (value,):
        if isinstance(part, str):
            for at, piece in enumerate(_SUBSTITUTION.split(part)):
                is_name = at % 2 == 1
                known = is_name and piece in substitutions
                pieces.append(substitutions[piece].value if known else f"${{{piece}}}" if is_name else piece)
        else:
            pieces.append(part)
    return concatenate(pieces)


_UNIVERSAL = re.compile(r":scheduler:[^:]*:[^:]*:aws-sdk:([^:]+):([^:]+)")


def _schedule(schedule: Resource) -> Iterator[Call]:
    target = schedule["Target"]
    if match := _UNIVERSAL.search(_shown(target["Arn"].value)):
        yield from _call(match[1], match[2], target, target["Input"])


_AUTOMATION = re.compile(r":automation-definition/([^:]+)")


def _event_rule(rule: Resource) -> Iterator[Call]:
    for target in rule["Targets"].items():
        arn = target["Arn"]
        if match := _AUTOMATION.search(_shown(arn.value)):
            yield from _document_run(arn.holding(match[1]), target)


_API_STEPS = frozenset(
    {"aws:executeAwsApi", "aws:waitForAwsResourceProperty", "aws:assertAwsResourceProperty"}
)
_STEPS = {
    "aws:runInstances": ("ec2", "RunInstances"),
    "aws:createStack": ("cloudformation", "CreateStack"),
    "aws:executeAutomation": ("ssm", "StartAutomationExecution"),
    "aws:executeScript": ("ssm", "executeScript"),
}
"""Steps of automations that call an API of their own."""


def _automation(document: Resource) -> Iterator[Call]:
    if document["DocumentType"].value not in ("Automation", "Automation.ChangeTemplate"):
        return
    place = document["Content"]
    content = parsed(place)
    if isinstance(content.value, str | Text):
        from tts_constructs.policy.aws.yaml_text import parse_yaml_text  # few templates need PyYAML

        content = place.holding(parse_yaml_text(_shown(content.value)))
    if isinstance(content.value, Unknown):
        yield _unknown(place)
    pending = [content]
    while pending:
        node = pending.pop()
        if isinstance(node.value, list):
            pending += node.items()
        elif isinstance(node.value, dict):
            yield from _step(node, place)
            pending += [held for key, held in node.entries() if key != "inputs"]
            if isinstance(node["inputs"].value, dict):
                pending.append(node["inputs"]["Steps"])  # of a loop


def _step(step: Node, place: Node) -> Iterator[Call]:
    action = step["action"].value
    if not isinstance(action, str):
        return
    inputs = step["inputs"]
    if action in _API_STEPS:
        service, api = (_shown(named(inputs, key).value) for key in ("Service", "Api"))
        yield from _call(service, api, place, inputs)
    elif action in _STEPS:
        yield from _call(*_STEPS[action], place, inputs)


def _association(association: Resource) -> Iterator[Call]:
    yield from _document_run(association["Name"], association["Name"])


def _window_task(task: Resource) -> Iterator[Call]:
    if task["TaskType"].value == "AUTOMATION":
        yield from _document_run(task["TaskArn"], task["TaskArn"])


def _remediation(remediation: Resource) -> Iterator[Call]:
    yield from _document_run(remediation["TargetId"], remediation["TargetId"])


def _response_plan(plan: Resource) -> Iterator[Call]:
    for action in plan["Actions"].items():
        name = action.at("SsmAutomation/DocumentName")
        yield from _document_run(name, name)


def _pipeline(pipeline: Resource) -> Iterator[Call]:
    for stage in pipeline["Stages"].items():
        for action in stage["Actions"].items():
            kind = action["ActionTypeId"]
            if kind["Category"].value == "Deploy" and isinstance(provider := kind["Provider"].value, str):
                yield from _call("codepipeline", provider, action, action["Configuration"])


_SERVICE_URI = re.compile(r":apigateway:[^:]*:([^:]+):action/([^&?]+)")


def _method(method: Resource) -> Iterator[Call]:
    uri = method.properties.at("Integration/Uri")
    if match := _SERVICE_URI.search(_shown(uri.value)):
        yield from _call(match[1].rpartition(".")[2], match[2], uri, uri.holding(_HANDED_IN))


_READERS: Mapping[str, Callable[[Resource], Iterator[Call]]] = {
    "AWS::ApiGateway::Method": _method,
    "AWS::CodePipeline::Pipeline": _pipeline,
    "AWS::Config::RemediationConfiguration": _remediation,
    "AWS::Events::Rule": _event_rule,
    "AWS::SSM::Association": _association,
    "AWS::SSM::Document": _automation,
    "AWS::SSM::MaintenanceWindowTask": _window_task,
    "AWS::SSMIncidents::ResponsePlan": _response_plan,
    "AWS::Scheduler::Schedule": _schedule,
    "AWS::Serverless::StateMachine": _state_machine,
    "AWS::StepFunctions::StateMachine": _state_machine,
}

CALLERS = (*_READERS, "AWS::CloudFormation::CustomResource", "Custom::*")
"""Types whose resources can call APIs."""
