"""Calls of APIs: what is read of them, in each kind of resource that makes them."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.policy.judging import RULES, app, findings
from tts_constructs.policy.aws.api_call_effects import effects_for
from tts_constructs.policy.aws.api_calls import CALLERS, Call, action_named, calls_of, service_named

RUN = "arn:aws:states:::aws-sdk:ec2:runInstances"


def calls(kind: str, given: dict[str, Any] | None = None, **properties: Any) -> tuple[Call, ...]:
    template = {
        "Resources": {"R": {"Type": kind, "Properties": properties}, "Topic": {"Type": "AWS::SNS::Topic"}},
        "Parameters": given or {},
    }
    return calls_of(app(template).stacks[0].resources["R"])


def names(kind: str, given: dict[str, Any] | None = None, **properties: Any) -> list[tuple[Any, Any]]:
    return [(call.service, call.action) for call in calls(kind, given, **properties)]


def machine(state: Any) -> dict[str, Any]:
    return {"StartAt": "Run", "States": {"Run": state}}


def task(resource: str, **more: Any) -> dict[str, Any]:
    return {"Type": "Task", "Resource": resource, "End": True, **more}


@pytest.mark.parametrize(
    ("text", "service"),
    [
        *(
            (text, "ec2")
            for text in ("EC2", "ec2", "Ec2Client", "@aws-sdk/client-ec2", "client-ec2", " ec2 ")
        ),
        ("CloudWatchLogs", "logs"),
        ("@aws-sdk/client-cloudwatch-logs", "logs"),
        ("elastic-load-balancing-v2", "elbv2"),
        ("ec2-instance-connect", "ec2instanceconnect"),
        ("${Prefix}EC2", "ec2"),
        ("EC2${Suffix}", None),
        ("${…}", None),
        ("{{ Service }}", None),
        ("", None),
    ],
)
def test_a_service_is_known_in_every_spelling(text: str, service: str | None) -> None:
    assert service_named(text) == service


@pytest.mark.parametrize(
    ("text", "action"),
    [
        ("runInstances", "runinstances"),
        ("RunInstancesCommand", "runinstances"),
        ("run_instances", "runinstances"),
        ("run${What}", None),
        ("{{ Api }}", None),
        ("", None),
    ],
)
def test_an_action_is_known_in_every_spelling(text: str, action: str | None) -> None:
    assert action_named(text) == action


@pytest.mark.parametrize(
    "state",
    [
        task(RUN),
        task("arn:aws-us-gov:states:us-gov-west-1:111111111111:aws-sdk:ec2:runInstances.waitForTaskToken"),
        {"Type": "Parallel", "Branches": [machine(task(RUN))]},
        {"Type": "Map", "Iterator": machine(task(RUN))},
        {"Type": "Map", "ItemProcessor": machine({"Type": "Parallel", "Branches": [machine(task(RUN))]})},
    ],
)
@pytest.mark.parametrize("kind", ["AWS::StepFunctions::StateMachine", "AWS::Serverless::StateMachine"])
def test_a_state_machine_calls_what_any_of_its_states_calls(kind: str, state: Any) -> None:
    assert names(kind, Definition=machine(state)) == [("ec2", "runinstances")]
    assert names(kind, DefinitionString=json.dumps(machine(state))) == [("ec2", "runinstances")]


def test_a_definition_is_filled_in_with_its_substitutions() -> None:
    definition = (
        '{"States": {"Run": {"Resource": "arn:aws:states:::aws-sdk:ec2:${Do}", "TimeoutSeconds": ${Wait}}}}'
    )
    found = names(
        "AWS::StepFunctions::StateMachine",
        DefinitionString=definition,
        DefinitionSubstitutions={"Do": "runInstances", "Wait": 5},
    )
    assert found == [("ec2", "runinstances")]


def test_all_states_of_a_machine_are_read_however_they_are_nested() -> None:
    def run(action: str) -> dict[str, Any]:
        return task(f"arn:aws:states:::aws-sdk:ec2:{action}")

    branches = [machine(run("runInstances")), machine(run("createFleet"))]
    states = {
        "First": run("createVpc"),
        "Both": {"Type": "Parallel", "Branches": branches},
        "Each": {"Type": "Map", "ItemProcessor": machine(run("deleteVpc"))},
        "Last": run("createKeyPair"),
    }
    actions = {
        action for _, action in names("AWS::StepFunctions::StateMachine", Definition={"States": states})
    }
    assert actions == {"runinstances", "createfleet", "createvpc", "deletevpc", "createkeypair"}


@pytest.mark.parametrize("key", ["Parameters", "Arguments"])
def test_parameters_of_a_state_are_filled_in_with_substitutions(key: str) -> None:
    stated = {"Known": "${Do}-x", "Word": "Do", "Open": "${Other}", "Number": 5}
    (call,) = calls(
        "AWS::StepFunctions::StateMachine",
        Definition=machine(task(RUN, **{key: stated})),
        DefinitionSubstitutions={"Do": "run"},
    )
    assert [call.parameter(name).text() for name in ("Known", "Word")] == ["run-x", "Do"]
    assert call.parameter("Open").is_unknown
    assert call.parameter("Number").number() == 5


def test_a_definition_with_a_part_that_deployment_makes_is_filled_in() -> None:
    state = task(
        "arn:aws:states:::aws-sdk:ec2:${!Do}",
        Parameters={"Topic": "${Topic}", "Open": "${!Other}", "Wait": "WAIT"},
    )
    (call,) = calls(
        "AWS::StepFunctions::StateMachine",
        DefinitionString={"Fn::Sub": json.dumps(machine(state)).replace('"WAIT"', "${!Wait}")},
        DefinitionSubstitutions={"Do": "runInstances", "Wait": 5},
    )
    assert (call.service, call.action) == ("ec2", "runinstances")
    assert call.parameter("Topic").reference()
    assert call.parameter("Open").is_unknown


def test_substitutions_that_are_not_known_hide_no_call_of_a_definition() -> None:
    given = {"Handed": {"Type": "String"}}
    found = names(
        "AWS::StepFunctions::StateMachine",
        given,
        Definition=machine(task(RUN)),
        DefinitionSubstitutions={"Ref": "Handed"},
    )
    assert found == [("ec2", "runinstances")]


@pytest.mark.parametrize(
    "resource", ["${Function}", {"Fn::GetAtt": ["Topic", "Arn"]}, "arn:aws:states:::lambda:invoke", 5]
)
def test_a_state_that_runs_a_function_calls_nothing_that_a_rule_judges(resource: Any) -> None:
    found = calls("AWS::StepFunctions::StateMachine", Definition=machine(task(resource)))
    assert [call for call in found if call.service != "lambda"] == []


def test_parameters_of_a_state_are_known_as_far_as_they_are_stated() -> None:
    stated = {
        "Stated": "x",
        "Later.$": "$.x",
        "Computed": "{% $x %}",
        "Held": {"Deep.$": "$.y", "Flag": True},
    }
    (call,) = calls("AWS::StepFunctions::StateMachine", Definition=machine(task(RUN, Parameters=stated)))
    assert call.parameter("stated").text() == "x"
    assert call.parameter("Later").is_unknown
    assert (call.parameter("Missing").exists, call.parameter("Missing").key) == (False, "Missing")
    assert call.parameter("Computed").is_unknown
    assert [node.is_unknown for node in call.at("held/deep")] == [True]
    assert [node.boolean() for node in call.at("held/flag")] == [True]


def test_a_custom_resource_calls_once_what_it_calls_on_create_and_update() -> None:
    text = '{"service": "EC2", "action": "runInstances", "parameters": {"EbsOptimized": "TRUE:BOOLEAN"}}'
    (call,) = calls("Custom::AWS", Create=text, Update=text)
    assert call.place.location == "Properties/Create"
    assert call.parameter("EbsOptimized").boolean() is True


@pytest.mark.parametrize("text", ["CREATE TABLE x", "{}", '{"action": "x"}', "[1]", 5, "", None])
def test_a_custom_resource_without_a_service_calls_nothing(text: Any) -> None:
    assert names("Custom::Thing", Create=text) == []


@pytest.mark.parametrize(
    "text", [{"Ref": "Call"}, '{"service": "EC2", "action": "runInstances"', {"Fn::Sub": "${Call}"}]
)
def test_a_call_that_cannot_be_read_is_one_that_is_not_known(text: Any) -> None:
    (call,) = calls("Custom::Thing", {"Call": {"Type": "String"}}, Create=text)
    assert (call.service, call.action, call.name) == (None, None, "a call")
    assert call.parameters.is_unknown


def test_a_schedule_calls_its_universal_target() -> None:
    target = {
        "Arn": "arn:aws:scheduler:::aws-sdk:rds:modifyDBSnapshotAttribute",
        "Input": '{"ValuesToAdd": ["all"]}',
    }
    (call,) = calls("AWS::Scheduler::Schedule", Target=target)
    assert (call.service, call.action) == ("rds", "modifydbsnapshotattribute")
    assert [node.text() for node in call.at("ValuesToAdd/*")] == ["all"]


STEPS = {
    "mainSteps": [
        {"name": "a", "action": "aws:runInstances", "inputs": {"ImageId": "{{ Image }}"}},
        {"name": "b", "action": "aws:executeAwsApi", "inputs": {"Service": "iam", "Api": "CreateUser"}},
        {
            "name": "c",
            "action": "aws:loop",
            "inputs": {"Steps": [{"action": "aws:createStack", "inputs": {"StackName": "x"}}]},
        },
        {"name": "d", "action": "aws:executeAutomation", "inputs": {"DocumentName": "AWS-UpdateLinuxAmi"}},
    ]
}
CALLED = {
    ("ec2", "runinstances"),
    ("iam", "createuser"),
    ("cloudformation", "createstack"),
    ("ssm", "startautomationexecution"),
    ("document", "awsupdatelinuxami"),
}
YAML = """
mainSteps:
- name: a
  action: aws:runInstances
  inputs: {ImageId: "{{ Image }}"}
- name: b
  action: aws:executeAwsApi
  inputs: {Service: iam, Api: CreateUser}
- action: aws:loop
  inputs:
    Steps:
    - action: aws:createStack
      inputs: {StackName: x}
- action: aws:executeAutomation
  inputs: {DocumentName: AWS-UpdateLinuxAmi}
"""


@pytest.mark.parametrize("content", [STEPS, json.dumps(STEPS), YAML, {"Fn::Sub": YAML + "# ${AWS::Region}"}])
@pytest.mark.parametrize("kind", ["Automation", "Automation.ChangeTemplate"])
def test_an_automation_calls_what_its_steps_call(kind: str, content: Any) -> None:
    assert set(names("AWS::SSM::Document", DocumentType=kind, Content=content)) == CALLED


def test_the_parameters_of_a_call_are_the_inputs_of_its_step() -> None:
    inputs = {"service": "rds", "API": "ModifyDBInstance", "PubliclyAccessible": True}
    steps = {"mainSteps": [{"action": "aws:executeAwsApi", "inputs": inputs}]}
    (call,) = calls("AWS::SSM::Document", DocumentType="Automation", Content=steps)
    assert (call.service, call.action, call.place.location) == (
        "rds",
        "modifydbinstance",
        "Properties/Content",
    )
    assert call.parameter("PubliclyAccessible").boolean() is True


def test_what_looks_like_a_step_in_the_inputs_of_another_calls_nothing() -> None:
    inputs = {"Handler": "run", "InputPayload": {"step": {"action": "aws:runInstances", "inputs": {}}}}
    steps = {"mainSteps": [{"action": "aws:executeScript", "inputs": inputs}]}
    found = names("AWS::SSM::Document", DocumentType="Automation", Content=steps)
    assert found == [("ssm", "executescript")]


def test_a_document_of_commands_calls_nothing() -> None:
    assert names("AWS::SSM::Document", DocumentType="Command", Content=STEPS) == []


@pytest.mark.parametrize(
    "content", ["a: *b", "a: &b c\nd: *b", "--- a\n--- b", "{", "a: 1\na: 2", "[" * 500, ""]
)
def test_an_automation_that_is_neither_json_nor_yaml_is_not_known(content: str) -> None:
    assert names("AWS::SSM::Document", DocumentType="Automation", Content=content) == [(None, None)]


def test_a_function_in_yaml_is_not_one_of_the_template() -> None:
    content = "mainSteps: [{action: aws:executeAwsApi, inputs: {Service: ec2, Api: {Ref: Topic}}}]"
    assert names("AWS::SSM::Document", DocumentType="Automation", Content=content) == [("ec2", None)]


LAUNCH = "AWS-CreateManagedLinuxInstance"
ARN = f"arn:aws:ssm:us-east-1:111111111111:automation-definition/{LAUNCH}:$DEFAULT"


@pytest.mark.parametrize(
    ("kind", "properties", "place"),
    [
        ("AWS::SSM::Association", {"Name": LAUNCH}, "Name"),
        ("AWS::SSM::Association", {"Name": f"arn:aws:ssm:us-east-1::document/{LAUNCH}"}, "Name"),
        ("AWS::SSM::MaintenanceWindowTask", {"TaskType": "AUTOMATION", "TaskArn": LAUNCH}, "TaskArn"),
        (
            "AWS::Config::RemediationConfiguration",
            {"TargetType": "SSM_DOCUMENT", "TargetId": LAUNCH},
            "TargetId",
        ),
        ("AWS::Events::Rule", {"Targets": [{"Id": "a", "Arn": ARN}]}, "Targets/0"),
        (
            "AWS::SSMIncidents::ResponsePlan",
            {"Actions": [{"SsmAutomation": {"DocumentName": LAUNCH}}]},
            "Actions/0/SsmAutomation/DocumentName",
        ),
    ],
)
def test_whatever_runs_a_document_of_aws_that_launches_is_found(
    kind: str, properties: dict[str, Any], place: str
) -> None:
    resources = {"R": {"Type": kind, "Properties": properties}}
    (found,) = findings("TTS-EC2-001", resources)
    assert (found.verdict, found.location) == ("violation", f"Properties/{place}")
    assert LAUNCH in found.message


@pytest.mark.parametrize(
    "name", ["AWS-${AWS::StackName}", "document/${AWS::StackName}", "${Own}/${AWS::Region}"]
)
def test_a_document_whose_name_deployment_makes_is_not_known(name: str) -> None:
    found = calls("AWS::SSM::Association", {"Own": {"Type": "String"}}, Name={"Fn::Sub": name})
    assert [(call.service, call.action) for call in found] == [("document", None)]
    assert all(call.parameters.is_unknown for call in found)


@pytest.mark.parametrize("name", ["AWS-UpdateSSMAgent", {"Ref": "Own"}, "AWS-StopEC2Instance"])
def test_a_document_that_launches_nothing_passes(name: Any) -> None:
    own = {"Type": "AWS::SSM::Document", "Properties": {"DocumentType": "Command", "Content": {}}}
    association = {"Type": "AWS::SSM::Association", "Properties": {"Name": name}}
    assert findings("TTS-EC2-001", {"R": association, "Own": own}) == ()


def test_a_pipeline_calls_what_deploys_in_it() -> None:
    def action(category: str, provider: Any) -> dict[str, Any]:
        kind = {"Category": category, "Provider": provider}
        return {"ActionTypeId": kind, "Configuration": {"StackName": "web"}}

    actions = [
        action("Source", "CodeCommit"),
        action("Deploy", "CloudFormation"),
        action("Deploy", {"Ref": "Topic"}),
    ]
    (call,) = calls("AWS::CodePipeline::Pipeline", Stages=[{"Actions": actions}])
    assert (call.service, call.action) == ("codepipeline", "cloudformation")
    assert call.name == "codepipeline CloudFormation"
    assert call.place.location == "Properties/Stages/0/Actions/1"
    assert call.parameter("stackname").text() == "web"


def test_a_method_may_name_a_part_of_a_service() -> None:
    uri = "arn:aws:apigateway:us-east-1:data.mediastore:action/PutObject"
    assert names("AWS::ApiGateway::Method", Integration={"Uri": uri}) == [("mediastore", "putobject")]


def test_a_method_calls_the_service_that_it_integrates() -> None:
    uri = {"Fn::Sub": "arn:${AWS::Partition}:apigateway:${AWS::Region}:ec2:action/RunInstances"}
    (call,) = calls("AWS::ApiGateway::Method", Integration={"Type": "AWS", "Uri": uri})
    assert (call.service, call.action) == ("ec2", "runinstances")
    assert call.parameter("ImageId").is_unknown


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda held: st.lists(held) | st.dictionaries(st.text(), held),
)


@given(st.sampled_from([kind for kind in CALLERS if "*" not in kind]), VALUES)
def test_nothing_that_stands_in_a_template_makes_the_reader_fail(kind: str, value: Any) -> None:
    keys = (
        "Create", "Definition", "DefinitionString", "Target", "Targets", "Content", "Name", "Stages",
        "Actions", "Integration",
    )  # fmt: skip
    for call in calls(kind, DocumentType="Automation", **dict.fromkeys(keys, value)):
        assert call.parameters


@pytest.mark.parametrize("rule_id", sorted({rule_id for rule_id in RULES if effects_for(rule_id)}))
def test_each_row_of_the_table_names_a_verdict_or_a_check_of_its_rule(rule_id: str) -> None:
    rows = effects_for(rule_id)
    assert rows
    for (service, action), effect in rows.items():
        call = {"service": service, "action": action, "parameters": {}}
        if effect.verdict in {"violation", "unknown"} and service not in {"*", "document", "codepipeline"}:
            found = findings(rule_id, {"R": {"Type": "Custom::AWS", "Properties": {"Create": call}}})
            assert [one.verdict for one in found] == [effect.verdict], call
            assert effect.effect in found[0].message


def test_a_check_that_the_table_names_is_one_of_its_rule() -> None:
    for rule_id in RULES:
        for (service, action), effect in effects_for(rule_id).items():
            if effect.verdict not in {"violation", "unknown"}:
                call = {"service": service, "action": action, "parameters": {"Ref": "AWS::NoValue"}}
                resource = {"R": {"Type": "Custom::AWS", "Properties": {"Create": call}}}
                assert {one.rule_id for one in findings(rule_id, resource)} <= {rule_id}
