"""What CloudFormation would refuse gets a finding or a clear error: never a crash, a hang or silence."""

import contextlib
import copy
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tts_constructs.errors import InputError
from tts_constructs.policy.engine.judge import judge
from tts_constructs.policy.engine.judgment import Judgment
from tts_constructs.policy.examples import Example, load_examples
from tts_constructs.policy.loading.parser import parse
from tts_constructs.policy.loading.reader import add_stack, checked_template
from tts_constructs.policy.model.assembly import Assembly
from tts_constructs.policy.rules import catalog
from tts_constructs.policy.rules.builtin import ENGINE
from tts_constructs.policy.settings.model import Settings

RULES = catalog()
EXAMPLES = [
    example for rule in RULES for example in load_examples(rule.id) if example.data["template"]["Resources"]
]
TYPES = sorted({name for rule in RULES for name in rule.checks if "*" not in name})

SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(min_value=-(2**70), max_value=2**70),
    st.floats(),
    st.sampled_from(
        ["", "*", "true", "443", "0.0.0.0/0", "::/0", "{{resolve:ssm:/x}}", "${", "AWS::NoValue", "\x00"]
    ),
    st.text(max_size=4),
)
CALLS = st.one_of(
    st.sampled_from(["A", "B", "P", "AWS::Region", "AWS::NoValue", "None"]).map(lambda name: {"Ref": name}),
    st.sampled_from([["A", "Arn"], "B.Arn", ["A"], [], 7]).map(lambda call: {"Fn::GetAtt": call}),
    st.sampled_from(["${A}", "${P}-${AWS::Region}", "${A.Arn}/*", "${!x}", 3]).map(
        lambda call: {"Fn::Sub": call}
    ),
    SCALARS.map(lambda value: {"Fn::If": ["C", value, {"Ref": "A"}]}),
    SCALARS.map(lambda value: {"Fn::Join": ["", [value, {"Ref": "B"}]]}),
    SCALARS.map(lambda value: {"Fn::Select": [value, [1, {"Ref": "P"}]]}),
    SCALARS.map(lambda value: {"Fn::Transform": value}),
    SCALARS.map(lambda value: {"Fn::Split": [",", value]}),
)
VALUES = st.recursive(
    st.one_of(SCALARS, CALLS),
    lambda inner: st.one_of(
        st.lists(inner, max_size=2), st.dictionaries(st.text(max_size=3), inner, max_size=2)
    ),
    max_leaves=4,
)


def judged(body: Any) -> Judgment:
    assembly = Assembly(Settings())
    add_stack(assembly, checked_template(body, "t"), "t", region="us-east-1", account="111122223333")
    return judge(assembly, RULES)


def crashes(judgment: Judgment) -> list[str]:
    return [finding.message for finding in judgment.findings if finding.rule_id == ENGINE]


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    children = (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    )
    return [path, *(place for key, child in children for place in places(child, (*path, key)))]


def replaced(body: Any, path: tuple[Any, ...], value: Any) -> Any:
    changed = copy.deepcopy(body)
    holder = changed
    for key in path[:-1]:
        holder = holder[key]
    holder[path[-1]] = value
    return changed


@settings(max_examples=400, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_an_example_with_anything_in_any_place_never_crashes_a_rule(data: st.DataObject) -> None:
    example = data.draw(st.sampled_from(EXAMPLES))
    body = example.data["template"]
    place = data.draw(
        st.sampled_from([path for path in places(body) if path[:1] == ("Resources",) and len(path) > 2])
    )
    with contextlib.suppress(InputError):
        assert not crashes(judged(replaced(body, place, data.draw(VALUES)))), place


@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(st.sampled_from(TYPES), min_size=1, max_size=3),
    st.lists(
        st.dictionaries(st.sampled_from(["Tags", "Type", "Properties", "Policies"]), VALUES), max_size=3
    ),
)
def test_any_properties_of_any_type_never_crash_a_rule(
    types: list[str], properties: list[dict[str, Any]]
) -> None:
    resources = {
        logical_id: {"Type": name, "Properties": given_}
        for logical_id, name, given_ in zip("ABD", types, [*properties, {}, {}, {}], strict=False)
    }
    parameters = {"P": {"Type": "String"}}
    assert not crashes(judged({"Parameters": parameters, "Resources": resources}))


@pytest.mark.parametrize("properties", [None, [], "text", 3, True, {"Fn::Transform": {"Name": "X"}}])
def test_properties_of_another_shape_never_crash_a_rule(properties: object) -> None:
    resources = {f"R{i}": {"Type": name, "Properties": properties} for i, name in enumerate(TYPES)}
    assert not crashes(judged({"Resources": resources}))


@pytest.mark.parametrize("key", ["Parameters", "Conditions", "Mappings", "Outputs", "Metadata", "Transform"])
@pytest.mark.parametrize("value", [None, [], "text", 3, {"A": None}, {"A": []}, {"A": {"Default": {}}}])
def test_other_sections_of_another_shape_never_crash_a_rule(key: str, value: object) -> None:
    resources = {"A": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": {"Ref": "A"}}}}
    assert not crashes(judged({key: value, "Resources": resources}))


def test_resources_that_refer_to_each_other_in_a_circle_are_judged() -> None:
    resources = {
        "A": {"Type": "AWS::EC2::SecurityGroup", "Properties": {"VpcId": {"Fn::GetAtt": ["B", "VpcId"]}}},
        "B": {"Type": "AWS::EC2::SecurityGroup", "Properties": {"VpcId": {"Fn::GetAtt": ["A", "VpcId"]}}},
    }
    judgment = judged({"Resources": resources})
    assert judgment.findings
    assert not crashes(judgment)


def test_ten_thousand_levels_are_refused_or_block() -> None:
    """Python 3.14 reads what older ones refuse: there the C stack is the limit, not a count."""
    text = (
        '{"Resources": {"A": {"Type": "AWS::S3::Bucket", "Properties": '
        + '{"a":' * 10_000
        + "1"
        + "}" * 10_003
    )
    with contextlib.suppress(InputError):
        assert judged(parse(text, "t.json")).blocks


def test_levels_that_can_be_read_but_not_followed_block() -> None:
    value: Any = "x"
    for _ in range(900):
        value = {"Fn::Join": ["", [value]]}
    body = {"Resources": {"A": {"Type": "AWS::S3::Bucket", "Properties": {"Tags": value}}}}
    assert judged(body).blocks


@pytest.mark.parametrize(
    "example", EXAMPLES[:: max(1, len(EXAMPLES) // 40)], ids=lambda e: f"{e.rule_id}: {e.title}"
)
def test_the_same_template_is_always_judged_alike(example: Example) -> None:
    assert example.judge(RULES).findings == example.judge(RULES).findings


def test_exports_that_double_each_other_come_to_an_end() -> None:
    doubled = [
        {"Value": {"Fn::Join": ["", [{"Fn::ImportValue": f"E{n + 1}"}] * 2]}, "Export": {"Name": f"E{n}"}}
        for n in range(40)
    ]
    queue = {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": {"Fn::ImportValue": "E0"}}}
    outputs = {f"O{n}": output for n, output in enumerate(doubled)}
    last = {"Last": {"Value": "x", "Export": {"Name": "E40"}}}
    assert not crashes(judged({"Resources": {"Q": queue}, "Outputs": outputs | last}))


def test_a_text_that_is_put_together_from_itself_is_not_known() -> None:
    parameters = {"P": {"Type": "String", "Default": "x" * 100_000}}
    listener = {
        "Type": "AWS::ElasticLoadBalancingV2::Listener",
        "Properties": {"Protocol": {"Fn::Join": ["", [{"Ref": "P"}] * 1_000]}},
    }
    judgment = judged({"Parameters": parameters, "Resources": {"L": listener}})
    assert any("longer than any" in finding.message for finding in judgment.findings)


def test_a_long_value_in_a_message_is_read_in_no_time() -> None:
    listener = {
        "Type": "AWS::ElasticLoadBalancingV2::Listener",
        "Properties": {"Protocol": "HTTPS", "SslPolicy": "0" * 300_000},
    }
    assert judged({"Resources": {"L": listener}}).blocks


def test_user_data_of_blank_lines_is_read_in_no_time() -> None:
    template = {
        "Type": "AWS::EC2::LaunchTemplate",
        "Properties": {"LaunchTemplateData": {"UserData": "\n" * 300_000 + "pass"}},
    }
    assert judged({"Resources": {"T": template}}).blocks


def test_groups_of_subnets_that_name_each_other_come_to_an_end() -> None:
    def group(number: int) -> dict[str, Any]:
        others = [{"Ref": f"G{other}"} for other in range(15) if other != number]
        return {"Type": "AWS::RDS::DBSubnetGroup", "Properties": {"SubnetIds": others}}

    assert not crashes(judged({"Resources": {f"G{number}": group(number) for number in range(15)}}))


def test_ports_of_a_thousand_ranges_are_added_up_in_no_time() -> None:
    rules = [
        {"IpProtocol": "tcp", "FromPort": port, "ToPort": 65535, "CidrIpv6": f"2{port:03x}::/16"}
        for port in range(1000)
    ]
    group = {"Type": "AWS::EC2::SecurityGroup", "Properties": {"SecurityGroupIngress": rules}}
    assert judged({"Resources": {"G": group}}).blocks
