"""TTS-CFN-001: Templates must show everything that they deploy."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tts_constructs.policy.aws.api_call_effects import with_calls
from tts_constructs.policy.aws.api_calls import Call
from tts_constructs.policy.model.rule import Rule
from tts_constructs.policy.model.serverless import MADE_FROM, SERVERLESS
from tts_constructs.policy.model.stack import NESTED_STACK, STACK_SET, Resource, Stack
from tts_constructs.policy.model.transforms import LANGUAGE_EXTENSIONS, TRANSFORM, makes_entries, names_of
from tts_constructs.policy.result import Result

_MAKE = "Define the resources directly, with CDK constructs"
_WRITE_OUT = "Write the resources directly into the template"


def _nested_stack(stack: Resource) -> Iterator[Result]:
    if stack.logical_id not in stack.stack.nested:
        yield _unseen_template(
            stack,
            fix="Make the resources in a `cdk.NestedStack`.",
            template_fix="Put the template beside this one, and name it by its path in `TemplateURL`.",
        )


def _stack_set(stacks: Resource) -> Iterator[Result]:
    if stacks.logical_id not in stacks.stack.nested:
        yield _unseen_template(
            stacks,
            fix="Give the template as a text: `template_body=`.",
            template_fix="Give the template as a text, in `TemplateBody`.",
        )


def _unseen_template(resource: Resource, *, fix: str, template_fix: str) -> Result:
    why = "is not at hand"
    if unread := resource.stack.unread.get(resource.logical_id):
        why, fix = unread, "Check the stacks that hold it one by one, or use fewer nested stacks."
        template_fix = fix
    message = f"The template that {resource.logical_id} deploys {why}, so it cannot be judged."
    return resource["TemplateURL"].unknown(message, fix=fix, template_fix=template_fix)


def _serverless(resource: Resource) -> Iterator[Result]:
    yield resource.properties.unknown(
        f"{resource.logical_id} is written out by the transform {SERVERLESS}; "
        "it is judged for what it states, but not for what the transform makes of it.",
        fix=f"{_MAKE}, such as `lambda_.Function` instead of AWS::Serverless::Function.",
        template_fix=f"{_WRITE_OUT}, such as AWS::Lambda::Function instead of AWS::Serverless::Function.",
    )


def _made_by_serverless(resource: Resource) -> Iterator[Result]:
    if MADE_FROM in resource.body:
        yield from _serverless(resource)


def _module(resource: Resource) -> Iterator[Result]:
    yield _hidden("Properties", f"{resource.logical_id} is a module, whose resources are defined elsewhere.")


def _product(resource: Resource) -> Iterator[Result]:
    yield _hidden(
        "Properties",
        f"{resource.logical_id} is a product of a Service Catalog, whose template is elsewhere.",
    )


def _deployed_by_a_pipeline(call: Call, parameter: str) -> Iterator[Result]:
    """Yield a result for the stack that an action of a pipeline deploys, unless it is one of the app."""
    if call.parameter("ActionMode").text() in _WITHOUT_A_TEMPLATE:
        return
    assembly = call.place.stack.assembly
    name = call.parameter(parameter).value
    if not any(stack.stack_name == name for stack in assembly.stacks if stack.parent is None):
        yield call.place.unknown(
            "The pipeline deploys a stack that is not one of the app, so it cannot be judged.",
            fix="Judge the stack that the pipeline deploys with this one.",
        )


_WITHOUT_A_TEMPLATE = frozenset({"CHANGE_SET_EXECUTE", "DELETE_ONLY"})


def _script(call: Call, _: str) -> Iterator[Result]:
    yield call.place.unknown(
        "The script of the automation is not read here. Have it reviewed, and use steps such as "
        "aws:executeAwsApi if they are enough.",
        fix="Use steps such as aws:executeAwsApi, whose calls are judged.",
        at_most="warn",
    )


def _transforms(stack: Stack) -> Iterator[Result]:
    for name in names_of(stack.body.get("Transform")):
        if name not in {LANGUAGE_EXTENSIONS, SERVERLESS}:
            yield _hidden("Transform", f"The macro {name} rewrites the template at deployment.")
    if TRANSFORM in stack.body:
        yield _hidden(TRANSFORM, f"{TRANSFORM} adds to the template at deployment.")
    for name in stack.hidden:
        yield _hidden(f"Resources/{name}", f"{name} creates resources that are not known here.")
    if stack.may_transform:
        for path, name in _places_of_transforms(stack.body):
            yield _hidden(path, f"{name} puts something here at deployment.")


def _hidden(location: str, message: str) -> Result:
    return Result("unknown", location, message, fix=f"{_MAKE}.", template_fix=f"{_WRITE_OUT}.")


def _places_of_transforms(body: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the places of transforms and loops that do not replace resources; without recursion."""
    pending: list[tuple[str, Any]] = [
        (f"Resources/{logical_id}", resource) for logical_id, resource in body.get("Resources", {}).items()
    ]
    while pending:
        path, value = pending.pop()
        if isinstance(value, list):
            pending.extend((f"{path}/{position}", item) for position, item in enumerate(value))
        elif isinstance(value, dict):
            yield from ((path, str(key)) for key in value if makes_entries(str(key)))
            pending.extend((f"{path}/{key}", item) for key, item in value.items())


RULE = Rule(
    id="TTS-CFN-001",
    title="Templates must show everything that they deploy",
    why=(
        "Nobody can check a resource that isn't in the template. It can turn out to be anything when you "
        "deploy it."
    ),
    source='Handbook, "All configuration of your production environment must be performed using '
    'Terraform scripts checked into version control"',
    section="Permissions",
    fix=f"{_MAKE}, in the stack or in a `cdk.NestedStack`.",
    template_fix=f"{_WRITE_OUT}.",
    decides=(
        "The rule can't decide about a nested stack or StackSet whose template isn't available or depends "
        "on a condition, a macro or transform that this library doesn't expand, AWS::Include, a module, or "
        "a product of a Service Catalog. The TemplateURL, never the Metadata, says which template a nested "
        "stack deploys. Loops of AWS::LanguageExtensions are expanded if each list that they can have is in "
        "the template: literal, in a mapping, or the values of a parameter. AWS::Serverless resources are "
        "judged by what they state; the rest is undecided. The rule also can't decide about calls of APIs "
        "that deploy a stack, and calls with an unknown service and action, in custom resources, state "
        "machines, schedules, automations, and pipelines. A pipeline may deploy the stacks of the app. The "
        "script of an automation warns."
    ),
    controls=("CM-2", "CM-3", "CM-6"),
    force="M",
    production="block",
    sandbox="warn",
    checks=with_calls(
        "TTS-CFN-001",
        {
            NESTED_STACK: _nested_stack,
            STACK_SET: _stack_set,
            "AWS::Serverless::*": _serverless,
            "AWS::DynamoDB::Table": _made_by_serverless,
            "AWS::StepFunctions::StateMachine": _made_by_serverless,
            "AWS::ServiceCatalog::CloudFormationProvisionedProduct": _product,
            "*::MODULE": _module,
        },
        {"pipeline": _deployed_by_a_pipeline, "script": _script},
    ),
    stack_check=_transforms,
)
