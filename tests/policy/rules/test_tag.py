"""Tags: what the examples of the rules do not say."""

from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scripts.make_taggable import rendered
from tests.policy.judging import app, findings
from tts_constructs.policy.aws.tags import PROJECT, TABLE, carriers, plain_tag, tag
from tts_constructs.policy.model.finding import Finding
from tts_constructs.policy.settings.model import Settings
from tts_constructs.system_metadata import names_a_project, project_faults


def resource(resource_type: str, properties: Any) -> dict[str, Any]:
    return {"Resources": {"Thing": {"Type": resource_type, "Properties": properties}}}


def verdicts(found: Iterable[Finding]) -> list[str]:
    return [finding.verdict for finding in found]


def test_the_table_is_what_the_schemas_of_cfn_lint_say() -> None:
    assert TABLE.read_text(encoding="utf-8") == rendered(), "run python scripts/make_taggable.py"


@pytest.mark.parametrize(
    ("resource_type", "path", "is_map"),
    [
        ("AWS::S3::Bucket", "Tags", False),
        ("AWS::SSM::Parameter", "Tags", True),
        ("AWS::Backup::BackupVault", "BackupVaultTags", True),
        ("AWS::Route53::HostedZone", "HostedZoneTags", False),
        ("AWS::Budgets::Budget", "ResourceTags", False),
        ("AWS::CloudFront::AnycastIpList", "Tags/Items", False),
        ("AWS::AutoScaling::AutoScalingGroup", "Tags", False),
        ("AWS::EC2::LaunchTemplate", "TagSpecifications/*/Tags", False),
    ],
)
def test_a_type_carries_its_tags_where_its_schema_says(resource_type: str, path: str, is_map: bool) -> None:
    assert carriers()[resource_type] == (path, is_map)


@pytest.mark.parametrize("resource_type", ["AWS::EC2::Route", "AWS::S3::BucketPolicy", "AWS::CDK::Metadata"])
def test_a_type_that_takes_no_tags_is_not_in_the_table(resource_type: str) -> None:
    assert resource_type not in carriers()


def tagged(resource_type: str, project: str) -> dict[str, Any]:
    path, is_map = carriers()[resource_type]
    tags: Any = {PROJECT: project} if is_map else [{"Key": PROJECT, "Value": project}]
    for key in reversed(path.split("/")):
        tags = [tags] if key == "*" else {key: tags}
    return resource(resource_type, tags)


def every_type(project: str) -> dict[str, Any]:
    """A template with a resource of each type of the table, by its type without colons."""
    bodies = {name: tagged(name, project)["Resources"]["Thing"] for name in carriers()}
    return {"Resources": {name.replace("::", ""): body for name, body in bodies.items()}}


def test_every_type_of_the_table_can_keep_the_rule() -> None:
    assert findings("TTS-TAG-001", every_type("benefits")) == ()


def test_every_type_of_the_table_can_break_the_rule() -> None:
    found = findings("TTS-TAG-001", every_type("todo"))
    assert {finding.resource_type for finding in found} == set(carriers())
    assert set(verdicts(found)) == {"violation"}


PLACEHOLDERS = [
    "<project>", "<your team>", "${Project}", "{{ project }}", "forms-<stage>", "forms-{stage}",
    "todo", "TODO", "ToDo", "todo-name", "TODO: name", "tbd", "TBD later", "fixme", "FIXME (team)",
    "changeme", "change-me", "CHANGE_ME", "ChangeMe", "change me please", "replace-me", "REPLACE_ME",
    "replaceMe",
    "replace-with-project", "REPLACE WITH NAME", "insert-here", "Insert here", "your-project", "yourProject",
    "your_project_name", "your-name", "Your Name",
    "test", "Testing", "TEST", "example", "sample", "demo", "foo", "project", "none", "n/a", "N/A", "na",
    "Test Project", "testProject", "sample-project", "example_project", "demo/test", "(none)", "none, n/a",
    "", "   ", "---", "unknown", "my-project",
]  # fmt: skip

PROJECTS = [
    "change-of-address", "Change Medicare", "todolist", "to-doctors", "replacement-parts",
    "replace-water-meters",
    "insert-herefordshire", "your-benefits", "yourprojects", "testing-locator", "covid-test-kits",
    "test kits",
    "Demography", "project-manager-tools", "examples", "foobar", "nonesuch", "national archives",
    "n-acetyl", "18F",
    "10x", "data.gov", "login.gov: sandbox", "métrage", "x > y", "tbdata", "a project of forms",
]  # fmt: skip


@pytest.mark.parametrize("project", PLACEHOLDERS)
def test_a_placeholder_names_no_project(project: str) -> None:
    assert not names_a_project(project)
    (finding,) = findings("TTS-TAG-001", tagged("AWS::SNS::Topic", project))
    assert finding.verdict == "violation"


@pytest.mark.parametrize("project", PROJECTS)
def test_a_name_that_looks_like_a_placeholder_is_a_project(project: str) -> None:
    assert names_a_project(project)


@pytest.mark.parametrize("project", ["todo-app", "Test", "demo project", "None"])
def test_a_registered_project_passes_whatever_its_name(project: str) -> None:
    settings = Settings(projects=("forms", project))
    assert findings("TTS-TAG-001", tagged("AWS::SNS::Topic", project), settings=settings) == ()
    assert list(project_faults(project, settings.projects)) == []
    assert list(project_faults(project)) != []


@given(st.text(max_size=20) | st.sampled_from(PLACEHOLDERS + PROJECTS))
def test_any_value_is_judged_as_the_baseline_judges_it(project: str) -> None:
    found = findings("TTS-TAG-001", tagged("AWS::SNS::Topic", project))
    if "{{resolve:" not in project:
        assert bool(found) is not names_a_project(project)


literals = st.text(max_size=4) | st.integers() | st.booleans() | st.none()
values = literals | st.just({"Ref": "AWS::Region"}) | st.just("{{resolve:ssm:p}}")
items = st.fixed_dictionaries({"Key": st.sampled_from([PROJECT, "Name"]), "Value": values}) | literals


@given(st.lists(items, max_size=3))
def test_the_fast_way_to_read_a_tag_says_what_the_slow_way_says(tags: list[Any]) -> None:
    assembly = app(resource("AWS::SNS::Topic", {"Tags": tags}))
    topic = assembly.stacks[0].resources["Thing"]
    plain = plain_tag(topic, PROJECT)
    if plain is not None and all(isinstance(item, dict) for item in tags):
        place = tag(topic, PROJECT)
        assert place is not None
        assert place.text() == plain.strip()


@pytest.mark.parametrize(
    "properties",
    [
        None,
        [],
        "Tags",
        {"Tags": None},
        {"Tags": 7},
        {"Tags": "Project"},
        {"Tags": [None]},
        {"Tags": [["Project"]]},
        {"Tags": {"Project": "benefits"}},
        {"Tags": [{"Key": "Project"}]},
        {"Tags": [{"Key": ["Project"], "Value": "benefits"}]},
        {"Tags": [{"Key": "Project", "Value": None}]},
        {"Tags": [{"Key": "Project", "Value": {"a": 1}}]},
        {"Fn::Transform": {"Name": "Tagger"}},
        {"Tags": {"Fn::Transform": {"Name": "Tagger"}}},
    ],
)
@pytest.mark.parametrize("resource_type", ["AWS::SNS::Topic", "AWS::EC2::LaunchTemplate"])
def test_a_shape_that_cloudformation_would_refuse_is_no_pass(resource_type: str, properties: Any) -> None:
    found = findings("TTS-TAG-001", resource(resource_type, properties))
    assert found
    assert {finding.rule_id for finding in found} == {"TTS-TAG-001"}


def test_a_dynamic_reference_names_no_project_before_deployment() -> None:
    found = findings("TTS-TAG-001", tagged("AWS::SNS::Topic", "{{resolve:ssm:/project}}"))
    assert verdicts(found) == ["unknown"]


def test_a_number_can_name_a_project() -> None:
    assert (
        findings("TTS-TAG-001", resource("AWS::SNS::Topic", {"Tags": [{"Key": PROJECT, "Value": 18}]})) == ()
    )


def test_a_key_that_is_not_known_hides_no_project_beside_it() -> None:
    tags = [{"Key": {"Ref": "Nothing"}, "Value": "x"}, {"Key": PROJECT, "Value": {"Ref": "AWS::Region"}}]
    assert findings("TTS-TAG-001", resource("AWS::SNS::Topic", {"Tags": tags})) == ()


def test_a_key_that_is_not_known_may_be_the_project() -> None:
    tags = [{"Key": {"Ref": "Nothing"}, "Value": "benefits"}]
    assert verdicts(findings("TTS-TAG-001", resource("AWS::SNS::Topic", {"Tags": tags}))) == ["unknown"]


@pytest.mark.parametrize("spelling", ["project", "PROJECT"])
def test_a_key_in_another_case_is_named(spelling: str) -> None:
    found = findings("TTS-TAG-001", resource("AWS::SSM::Parameter", {"Tags": {spelling: "benefits"}}))
    assert f"is {spelling};" in found[0].message


@pytest.mark.parametrize("missing", ["instance", "volume"])
def test_the_kind_that_a_launch_template_leaves_untagged_is_named(missing: str) -> None:
    kinds = [kind for kind in ("instance", "volume") if kind != missing]
    specifications = [
        {"ResourceType": kind, "Tags": [{"Key": PROJECT, "Value": "benefits"}]} for kind in kinds
    ]
    body = resource("AWS::EC2::LaunchTemplate", {"LaunchTemplateData": {"TagSpecifications": specifications}})
    (found,) = findings("TTS-TAG-002", body)
    assert f"each {missing} " in found.message


def topics(*projects: str) -> dict[str, Any]:
    return {
        "Resources": {
            f"Topic{number}": {
                "Type": "AWS::SNS::Topic",
                "Properties": {"Tags": [{"Key": PROJECT, "Value": project}]},
            }
            for number, project in enumerate(projects)
        }
    }


def test_stacks_without_a_record_are_systems_of_their_own() -> None:
    assert findings("TTS-TAG-003", topics("benefits", "benefits"), topics("forms")) == ()


def test_the_record_outweighs_what_most_resources_say() -> None:
    record = {"system": "System", "project": "forms"}
    found = findings("TTS-TAG-003", {"Metadata": {"TTS": record}, **topics("benefits", "benefits", "forms")})
    assert [finding.logical_id for finding in found] == ["Topic0", "Topic1"]


@pytest.mark.parametrize(
    "record", [{"system": 7, "project": ["benefits"]}, {"project": None}, [], "benefits"]
)
def test_a_malformed_record_leaves_it_to_the_resources(record: Any) -> None:
    found = findings("TTS-TAG-003", {"Metadata": {"TTS": record}, **topics("benefits", "benefits", "forms")})
    assert [finding.logical_id for finding in found] == ["Topic2"]


def test_a_project_that_is_not_known_differs_from_no_other() -> None:
    tags = [{"Key": PROJECT, "Value": {"Ref": "Nothing"}}]
    assert findings("TTS-TAG-003", resource("AWS::SNS::Topic", {"Tags": tags})) == ()


def test_a_stack_without_resources_says_nothing() -> None:
    assert findings("TAG", {}) == ()


def test_an_empty_project_where_nobody_says_one_is_no_other_project() -> None:
    tags = [{"Key": PROJECT, "Value": ""}]
    assert findings("TTS-TAG-003", resource("AWS::SNS::Topic", {"Tags": tags})) == ()


def helper(path: str) -> dict[str, Any]:
    body = resource("AWS::Lambda::Function", {})
    body["Resources"]["Thing"]["Metadata"] = {"aws:cdk:path": path}
    return body


def test_a_helper_that_tags_of_the_cdk_do_not_reach_says_how_it_gets_one() -> None:
    provider = "Custom::VpcRestrictDefaultSGCustomResourceProvider"
    (finding,) = findings("TTS-TAG-001", helper(f"Forms/{provider}/Handler"))
    assert f"find_child('{provider}').node.find_child('Handler').add_property_override('Tags'" in finding.fix


def test_a_helper_that_the_cdk_makes_last_is_to_be_done_without() -> None:
    path = "Forms/Custom::CrossRegionExportReaderCustomResourceProvider/Role"
    (finding,) = findings("TTS-TAG-001", helper(path))
    assert "cross_region_references" in finding.fix


@pytest.mark.parametrize("path", ["Forms/Handler", "Forms/Custom::ThingCustomResourceProvider/Handler/Log"])
def test_what_is_no_helper_is_tagged_as_all_else(path: str) -> None:
    (finding,) = findings("TTS-TAG-001", helper(path))
    assert "Tags.of(stack)" in finding.fix
