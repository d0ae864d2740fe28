"""Regions: what the examples of the rule do not say."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.policy.judging import Deployed, findings, rules_of
from tts_constructs.policy.engine.judge import judge
from tts_constructs.policy.loading.reader import read_assembly
from tts_constructs.policy.model.assembly import Lookups
from tts_constructs.policy.rules.reg._regions import (
    lies_in_the_us,
    may_name_a_model,
    may_name_abroad,
    regions_abroad,
)
from tts_constructs.standards import REGIONS

ABROAD = [
    "af-south-1",
    "ap-east-2",
    "ap-northeast-3",
    "ap-southeast-7",
    "ca-west-1",
    "cn-northwest-1",
    "eu-central-2",
    "eu-isoe-west-1",
    "eusc-de-east-1",
    "il-central-1",
    "me-south-1",
    "mx-central-1",
    "sa-east-1",
    "us-iso-west-1",
    "us-isob-east-1",
    "us-isof-south-1",
]


def template(properties: Any, kind: str = "AWS::EC2::Subnet") -> dict[str, Any]:
    return {"Resources": {"Thing": {"Type": kind, "Properties": properties}}}


@pytest.mark.parametrize("region", REGIONS)
def test_every_region_of_the_library_and_its_zones_are_right(region: str) -> None:
    assert lies_in_the_us(region)
    assert lies_in_the_us(f"{region}a")
    assert not list(regions_abroad(f"arn:aws:sns:{region}:111111111111:topic and {region}f"))
    assert not findings("REG", template({}), region=region)


@pytest.mark.parametrize("region", ABROAD)
def test_every_other_region_is_found_as_zone_in_an_arn_and_as_place_of_the_stack(region: str) -> None:
    assert not lies_in_the_us(f"{region}a")
    assert list(regions_abroad(f"arn:aws:sns:{region}:111111111111:topic")) == [region]
    assert len(findings("REG", template({}), region=region)) == 1


def test_a_stack_without_a_region_can_run_anywhere() -> None:
    (finding,) = findings("REG", Deployed(template({}), region=None, termination_protection=True))
    assert (finding.rule_id, finding.verdict, finding.location) == ("TTS-REG-001", "unknown", "")
    assert "has no region" in finding.message


@pytest.mark.parametrize(
    "zone",
    [
        "use1-az6",
        "usgw1-az1",
        "us-west-2-lax-1b",
        "us-east-1-wl1-bos-wlz-1",
        "use1-bos1-az1",
        "use1-wl1-bos-wlz1",
    ],
)
def test_zones_of_the_us_are_known_by_id_and_as_local_zones(zone: str) -> None:
    assert lies_in_the_us(zone)


@pytest.mark.parametrize(
    "zone", ["euw1-az1", "us-east-1-lim-1a", "use1-scl1-az1", "us-east-3a", "here", "us-east"]
)
def test_zones_abroad_and_other_words_are_no_zones_of_the_us(zone: str) -> None:
    assert not lies_in_the_us(zone)


@pytest.mark.parametrize("text", ["prime-east-1", "far-west-2", "somesa-east-1", "eu-west-", "north-1"])
def test_a_word_that_only_looks_like_a_region_is_none(text: str) -> None:
    assert not list(regions_abroad(text))


@given(st.text(alphabet="abeusw-123 :/", max_size=20), st.sampled_from(ABROAD))
def test_a_region_abroad_is_found_wherever_it_stands_in_a_text(before: str, region: str) -> None:
    assert region in list(regions_abroad(f"{before} {region}:x"))


@pytest.mark.parametrize(
    "text", ["central", "eu-south", "_west_", "US-east", "us-east-12", "us-gov-west-2", "us-east-1west"]
)
def test_a_word_that_regions_are_made_of_makes_a_template_worth_a_search(text: str) -> None:
    assert may_name_abroad(text)


@pytest.mark.parametrize(
    "text", ["at least the newest", "arn:aws:sns:us-gov-west-1:x", "us-east-1,us-east-2"]
)
def test_other_words_and_the_regions_of_the_us_need_no_search(text: str) -> None:
    assert not may_name_abroad(text)


@pytest.mark.parametrize(
    "properties",
    [
        {"Destination": "logs go to logs-eu-west-1"},
        {"Create": '{"service":"S3","region":"eu-west-1"}'},
        {
            "UserData": {
                "Fn::Base64": {"Fn::Sub": "curl https://s3.eu-west-1.amazonaws.com/${AWS::StackName}"}
            }
        },
        {
            "Deep": [
                {
                    "Er": [
                        {"Arn": {"Fn::Join": [":", ["arn:aws:kms", "eu-west-1", {"Ref": "AWS::AccountId"}]]}}
                    ]
                }
            ]
        },
    ],
)
def test_any_text_of_a_resource_is_searched(properties: dict[str, Any]) -> None:
    (finding,) = findings("REG", template(properties, "Custom::Thing"))
    assert finding.message == "It names the region eu-west-1."


def test_many_conditions_of_one_resource_do_not_multiply() -> None:
    items = {f"Item{n}": {"Fn::If": [f"C{n}", f"eu-west-{n + 1}", "us-east-1"]} for n in range(9)}
    found = findings("REG", template(items, "Custom::Thing"))
    assert [finding.location for finding in found] == [f"Properties/{item}" for item in items]


def test_a_region_that_an_escape_hides_in_the_file_is_found(tmp_path: Path) -> None:
    path = tmp_path / "hidden.template.json"
    path.write_text(json.dumps(template({"Topic": "eu-west-1"}, "Custom::Thing")).replace("eu-", "eu\\u002d"))
    (finding,) = judge(read_assembly([path]), rules_of("REG")).findings
    assert finding.location == "Properties/Topic"


def test_a_region_that_another_stack_hands_over_is_found() -> None:
    parent = template({"Parameters": {"Where": "eu-west-1"}}, "AWS::CloudFormation::Stack")
    child = {
        "Parameters": {"Where": {"Type": "String"}},
        **template({"Name": {"Ref": "Where"}}, "Custom::Thing"),
    }
    found = findings("REG", Deployed(parent, nested={"Thing": child}))
    assert {finding.stack for finding in found} == {"Stack0", "Stack0/Thing"}


def test_a_nested_stack_is_where_its_parent_is_and_not_judged_again() -> None:
    parent = template({}, "AWS::CloudFormation::Stack")
    found = findings("REG", Deployed(parent, region="eu-west-1", nested={"Thing": template({})}))
    assert [(f.stack, f.logical_id) for f in found] == [("Stack0", "")]


def test_the_template_of_a_stack_set_is_judged_once() -> None:
    body = template({"Topic": "arn:aws:sns:eu-west-1:111111111111:t"}, "Custom::Thing")
    found = findings(
        "REG",
        template(
            {"TemplateBody": body, "StackInstancesGroup": [{"Regions": ["us-east-1"]}]},
            "AWS::CloudFormation::StackSet",
        ),
    )
    assert [finding.stack for finding in found] == ["Stack0/Thing"]


@pytest.mark.parametrize(
    "props",
    [
        {"account": "222222222222", "region": "us-east-1"},
        {"account": "111111111111", "region": "us-west-2"},
        None,
        [],
    ],
)
def test_a_look_up_of_another_place_makes_no_zone_pending(props: Any) -> None:
    missing = Lookups({}, [{"provider": "availability-zones", "props": props}])
    (finding,) = findings("REG", template({"AvailabilityZone": "dummy1a"}), lookups=missing)
    assert finding.verdict == "violation"


@pytest.mark.parametrize("more", [{}, {"lookupRoleArn": "arn"}])
def test_a_look_up_of_this_place_makes_its_zones_pending(more: dict[str, str]) -> None:
    place = {"account": "111111111111", "region": "us-east-1"}
    missing = Lookups({}, [{"provider": "availability-zones", "props": place | more}])
    (finding,) = findings("REG", template({"AvailabilityZone": "dummy1a"}), lookups=missing)
    assert finding.verdict == "unknown"
    assert finding.fix == "Run `cdk synth` once with credentials and commit cdk.context.json."


def test_a_zone_abroad_in_one_branch_is_found_once() -> None:
    (finding,) = findings(
        "REG", template({"AvailabilityZone": {"Fn::If": ["Here", "eu-west-1a", "us-east-1a"]}})
    )
    assert finding.message == "eu-west-1a is not in a region of the United States that TTS uses."


def test_a_zone_that_begins_with_a_region_lies_there() -> None:
    zones = {"us-east-1": [], "eu-west-1": ["unknown"]}
    for region, told in zones.items():
        zone = {"Fn::Join": ["", [region, {"Ref": "Topic"}]]}
        body = template({"AvailabilityZone": zone})
        body["Resources"]["Topic"] = {"Type": "AWS::SNS::Topic"}
        verdicts = [f.verdict for f in findings("REG", body) if f.location == "Properties/AvailabilityZone"]
        assert (verdicts == []) is (told == [])


def test_what_a_stack_set_says_beside_its_template_is_searched() -> None:
    stack_set = template(
        {"Parameters": [{"ParameterValue": "eu-west-1"}], "TemplateBody": "{}"},
        "AWS::CloudFormation::StackSet",
    )
    found = [finding.location for finding in findings("REG", stack_set)]
    assert found == ["Properties/Parameters/0/ParameterValue"]


def test_a_text_of_too_many_conditions_is_not_searched_for_regions() -> None:
    names = [f"Part{number}" for number in range(12)]
    text = {"Fn::Join": ["", [{"Fn::If": [name, "eu-west-1", "b"]} for name in names]]}
    body = template({"Description": text}, "AWS::KMS::Key")
    body["Conditions"] = {name: {"Fn::Equals": [{"Ref": f"Of{name}"}, "b"]} for name in names}
    (finding,) = findings("REG", body)
    assert (finding.rule_id, finding.verdict) == ("TTS-REG-001", "unknown")
    assert finding.location == "Properties/Description"
    assert finding.message.startswith("It depends on too many conditions")


DENIAL = {"Effect": "Deny", "Action": "*", "Resource": "arn:aws:s3:::x-eu-west-1"}
ALLOWANCE = {"Effect": "Allow", "Action": "*", "Resource": "arn:aws:sns:eu-west-1:111111111111:x"}


@pytest.mark.parametrize("as_text", [False, True])
@pytest.mark.parametrize(
    ("statements", "told"),
    [(DENIAL, False), ([DENIAL, DENIAL], False), (ALLOWANCE, True), ([DENIAL, ALLOWANCE], True)],
)
def test_a_policy_may_name_another_region_to_deny_it(statements: Any, *, told: bool, as_text: bool) -> None:
    policy: Any = {"Version": "2012-10-17", "Statement": statements}
    properties = {"Content": json.dumps(policy) if as_text else policy}
    assert bool(findings("REG", template(properties, "AWS::Organizations::Policy"))) is told


@pytest.mark.parametrize(
    ("name", "verdicts"),
    [
        ("global.anthropic.claude-sonnet-4-20250514-v1:0", ["violation"]),
        ("eu.amazon.nova-lite-v1:0", ["violation"]),
        ("apac.meta.llama3-2-3b-instruct-v1:0", ["violation"]),
        ("arn:aws:bedrock:us-east-1:111111111111:inference-profile/jp.anthropic.claude-x-1", ["violation"]),
        ({"Fn::Join": [".", ["global", "anthropic", "claude-x-1"]]}, ["violation"]),
        ({"Fn::Sub": "${Nothing}.anthropic.claude-x-1"}, ["unknown"]),
        ("us.anthropic.claude-sonnet-4-20250514-v1:0", []),
        ("us-gov.anthropic.claude-3-5-sonnet-20240620-v1:0", []),
        ("amazon.nova-lite-v1:0", []),
        ("arn:aws:bedrock:us-east-1::foundation-model/anthropic.claude-3-haiku-20240307-v1:0", []),
        ("https://eu.amazon.com", []),
        ("ask.eu.amazon.nova-lite", []),
    ],
)
def test_a_model_answers_within_the_united_states(name: Any, verdicts: list[str]) -> None:
    body = template({"FoundationModel": name}, "AWS::Bedrock::Agent")
    found = findings("REG", body, Parameters={"Nothing": {"Type": "String"}})
    assert [one.verdict for one in found] == verdicts


@pytest.mark.parametrize(
    "key", ["Description", "AlarmDescription", "Comment", "Tags", "UserPoolTags", "Title"]
)
def test_what_is_for_people_is_not_searched(key: str) -> None:
    body = template({key: "eu-west-1", "Deep": [{key: {"of": ["eu-west-1"]}}]}, "Custom::Thing")
    assert not findings("REG", body)


@pytest.mark.parametrize(
    ("key", "text", "is_found"),
    [
        ("BucketName", "logs-eu-west-1", False),
        ("LogGroupName", "/app/eu-west-1", False),
        ("BucketName", "eu-west-1", True),
        ("FunctionName", "arn:aws:lambda:eu-west-1:111111111111:function:f", True),
        ("DomainName", "x.s3.eu-west-1.example.gov", True),
        ("ServiceName", "x-eu-west-1", True),
        ("RepositoryName", "x.dkr.ecr.eu-west-1.amazonaws.com/a", True),
        ("TITLE", "eu-west-1", True),
        ("Named", "x-eu-west-1", True),
    ],
)
def test_a_name_is_no_use_of_a_region_and_an_address_is_one(key: str, text: str, is_found: bool) -> None:
    assert bool(findings("REG", template({key: text}, "Custom::Thing"))) is is_found


def test_a_region_that_one_resource_names_often_is_one_finding() -> None:
    properties = {f"Key{number}": "eu-west-1" for number in range(6)} | {"Other": "ap-south-1"}
    one, other = findings("REG", template(properties, "Custom::Thing"))
    assert one.message == (
        "It names the region eu-west-1. 5 other places name it too: "
        "Properties/Key1, Properties/Key2, Properties/Key3, …."
    )
    assert other.message == "It names the region ap-south-1."
    (two,) = findings("REG", template({"A": "eu-west-1", "B": "eu-west-1"}, "Custom::Thing"))
    assert two.message.endswith(" 1 other place names it too: Properties/B.")


@pytest.mark.parametrize(
    ("text", "is_found"),
    [
        ('{"a": "eu-west-1", "b": ["x"]}', True),
        ('{"a": "eu-west-1", "b": {"c": "x"}}', True),
        ('{"a": ["x", {"b": "eu-west-1"}], "c": ["y"]}', True),
        (' [{"Effect": "Deny", "Action": "*", "Resource": "arn:aws:s3:eu-west-1:1:x"}]', False),
        ('["x", {"description": "once in eu-west-1"}]', False),
        (' {"description": "once in eu-west-1"}', False),
    ],
)
def test_json_in_a_text_is_read_as_what_it_says(text: str, is_found: bool) -> None:
    thing = {"Type": "AWS::SSM::Parameter", "Properties": {"Value": text}}
    found = findings("TTS-REG-001", {"Thing": thing})
    assert [one.location for one in found] == ["Properties/Value"] * is_found


def group_in(*zones: Any, **parts: Any) -> list[tuple[str, str]]:
    group = {"Type": "AWS::AutoScaling::AutoScalingGroup", "Properties": {"AvailabilityZones": list(zones)}}
    return [(one.verdict, one.location) for one in findings("TTS-REG-001", {"Group": group}, **parts)]


def test_each_zone_that_is_not_known_is_told_and_a_word_that_is_none_once() -> None:
    unknown = [{"Fn::ImportValue": name} for name in ("one", "other")]
    places = [f"Properties/AvailabilityZones/{number}" for number in range(2)]
    assert group_in(*unknown) == [("unknown", place) for place in places]
    assert group_in("mars", "mars") == [("violation", places[0])]
    assert group_in("mars", "venus") == [("violation", place) for place in places]


@pytest.mark.parametrize(("count", "more"), [(2, False), (4, False), (5, True)])
def test_other_places_of_a_region_are_listed_up_to_three(count: int, more: bool) -> None:
    group = {
        "Type": "AWS::AutoScaling::AutoScalingGroup",
        "Properties": {"AvailabilityZones": [f"eu-west-1{letter}" for letter in "abcde"[:count]]},
    }
    (finding,) = findings("TTS-REG-001", {"Group": group})
    assert ("…" in finding.message) is more


@pytest.mark.parametrize(
    ("text", "is_named"), [("eu.anthropic.claude-3", True), ("amazon.nova-lite-v1:0", True), ("forms", False)]
)
def test_a_provider_of_models_makes_a_template_worth_a_search(text: str, is_named: bool) -> None:
    assert may_name_a_model(text) is is_named


def test_a_region_that_an_escape_in_json_hides_is_found_beside_another() -> None:
    text = json.dumps({"Principal": {"AWS": "arn:aws:sns:eu-west-1:111122223333:x"}}).replace("w", "\\u0077")
    found = findings("REG", template({"A": "ap-south-1", "B": text}, "Custom::Thing"))
    assert [finding.location for finding in found] == ["Properties/A", "Properties/B"]


@pytest.mark.parametrize("attribute", [["Child", "Outputs.Where"], "Child.Outputs.Where"])
def test_a_region_that_a_nested_stack_answers_is_found(attribute: Any) -> None:
    parent = {
        "Resources": {
            "Child": {"Type": "AWS::CloudFormation::Stack", "Properties": {}},
            "Thing": {"Type": "Custom::Thing", "Properties": {"Deep": [{"At": {"Fn::GetAtt": attribute}}]}},
        }
    }
    child = {"Resources": {}, "Outputs": {"Where": {"Value": "eu-west-1"}}}
    found = findings("REG", Deployed(parent, nested={"Child": child}))
    assert [finding.location for finding in found] == ["Properties/Deep/0/At"]
