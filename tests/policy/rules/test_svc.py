"""Rules of approved services and their caveats: what the examples of the rules do not say."""

import re
from pathlib import Path
from typing import Any, Unpack

import pytest

from tests.policy.aws.service_lists import HEADINGS, listed
from tests.policy.judging import Given, findings
from tts_constructs.errors import SettingsError
from tts_constructs.policy.aws.approved_services import GSA, Service, Status, services_of
from tts_constructs.policy.examples import load_examples
from tts_constructs.policy.model.finding import Finding
from tts_constructs.policy.rules.svc import svc_002_review_caveats
from tts_constructs.policy.settings.model import ServiceSettings, Settings

CAVEATS = (svc_002_review_caveats.RULE,)

OF_GSA = [row for row in services_of(Settings()).rows if row.source == GSA]


def said_of(resource_type: str, properties: Any, **given: Unpack[Given]) -> tuple[Finding, ...]:
    """What the rules about services say of one resource."""
    return findings("SVC", {"Thing": {"Type": resource_type, "Properties": properties}}, **given)


def caveat(resource_type: str, properties: Any) -> list[tuple[str, str]]:
    """Locations and levels of what TTS-SVC-002 finds in a resource."""
    return [
        (finding.location.removeprefix("Properties/"), finding.level)
        for finding in said_of(resource_type, properties)
        if finding.rule_id == "TTS-SVC-002" and finding.verdict == "violation"
    ]


# What TTS-SVC-001 says


def test_a_list_that_is_not_there_ends_the_run(tmp_path: Path) -> None:
    settings = Settings(services=ServiceSettings(approved=tmp_path / "gone.csv"))
    with pytest.raises(SettingsError, match=r"gone\.csv: cannot be read"):
        said_of("AWS::SQS::Queue", {}, settings=settings)


@pytest.mark.parametrize(
    ("resource_type", "ids"),
    [
        ("AWS::Serverless::Function", []),
        ("AWS::Serverless::SimpleTable", ["TTS-SVC-001"]),
        ("AWS::CloudFormation::CustomResource", []),
        ("Vendor::Thing::Module::MODULE", []),
        ("AWS::RDS::OptionGroup", []),
        ("AWS::RDS::DBInstance", []),
        ("AWS::EKS::Cluster", ["TTS-SVC-001"]),
        ("nonsense", ["TTS-SVC-001"]),
    ],
)
def test_a_type_is_looked_up_as_the_service_that_it_is(resource_type: str, ids: list[str]) -> None:
    assert [finding.rule_id for finding in said_of(resource_type, {})] == ids


@pytest.mark.parametrize(
    ("resource_type", "region", "message"),
    [
        (
            "AWS::GuardDuty::Detector",
            "us-east-1",
            f'GuardDuty counts as not reviewed: "Not approved / Not reviewed" ({GSA}, 2026-04-14).',
        ),
        (
            "AWS::EKS::Cluster",
            "us-east-1",
            "Elastic Container Service for Kubernetes (EKS) counts as not reviewed: "
            '"Approved in AWS East/West, under JAB review in GovCloud (as of 2020/12/01)Not approved / '
            f'Not reviewed" ({GSA}, 2026-04-14).',
        ),
        (
            "AWS::Lambda::Function",
            "us-gov-west-1",
            'Lambda is approved in commercial regions only: "FedRAMP Approved East / West" '
            f"({GSA}, 2026-04-14).",
        ),
        (
            "AWS::Lambda::Function",
            None,
            'Lambda is approved in commercial regions only: "FedRAMP Approved East / West" '
            f"({GSA}, 2026-04-14). The region of the stack is not known: state it in the stack's env.",
        ),
    ],
)
def test_a_finding_quotes_what_gsa_says(resource_type: str, region: str | None, message: str) -> None:
    (found,) = [
        one for one in said_of(resource_type, {"Enable": True}, region=region) if one.rule_id == "TTS-SVC-001"
    ]
    assert found.message == message


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        ("not reviewed,,GSA IT,", "SQS is not reviewed (GSA IT)."),
        (",,,", "SQS has no status (the list of approved services)."),
        ("Denied,,GSA IT,2026-05-01", 'SQS is not approved: "Denied" (GSA IT, 2026-05-01).'),
        ("Not approved,,GSA IT,2026-05-01", "SQS is not approved (GSA IT, 2026-05-01)."),
    ],
)
def test_a_finding_says_what_a_team_list_says(cells: str, message: str, tmp_path: Path) -> None:
    path = listed(tmp_path, f"{HEADINGS}\nSQS,{cells}\n")
    (found,) = said_of("AWS::SQS::Queue", {}, settings=Settings(services=ServiceSettings(approved=path)))
    assert found.message == message


AURORA_REFUSED = f"{HEADINGS}\nAurora,Not approved,,,\n"
AURORA_NOT_REVIEWED = f"{HEADINGS}\nAurora,Not reviewed,,,\n"


@pytest.mark.parametrize(
    ("rows", "engine", "found"),
    [
        (AURORA_REFUSED, "aurora-mysql", [("violation", "block")]),
        (AURORA_REFUSED, "mysql", []),
        (AURORA_REFUSED, {"Ref": "Engine"}, [("unknown", "block")]),
        (AURORA_NOT_REVIEWED, {"Ref": "Engine"}, [("unknown", "warn")]),
        (f"{HEADINGS}\n", {"Ref": "Engine"}, []),
    ],
)
def test_an_engine_counts_where_aurora_and_rds_differ(
    rows: str, engine: Any, found: list[tuple[str, str]], tmp_path: Path
) -> None:
    settings = Settings(services=ServiceSettings(approved=listed(tmp_path, rows)))
    judged = said_of("AWS::RDS::DBInstance", {"Engine": engine}, settings=settings)
    assert [(one.verdict, one.level) for one in judged if one.rule_id == "TTS-SVC-001"] == found


# What TTS-SVC-002 says


@pytest.mark.parametrize(
    ("resource_type", "bad", "good", "found"),
    [
        (
            "AWS::ApiGateway::Stage",
            {"MethodSettings": [{"LoggingLevel": "INFO", "CachingEnabled": True}]},
            {"MethodSettings": [{"LoggingLevel": "ERROR", "CachingEnabled": "false"}]},
            [("MethodSettings/0/CacheDataEncrypted", "block")],
        ),
        (
            "AWS::ApiGatewayV2::Stage",
            {},
            {"AccessLogSettings": {"DestinationArn": "arn:aws:logs:us-east-1:1:log-group:api"}},
            [("AccessLogSettings/DestinationArn", "block")],
        ),
        (
            "AWS::CertificateManager::Certificate",
            {},
            {"CertificateAuthorityArn": "arn:aws:acm-pca:us-east-1:1:certificate-authority/1"},
            [("ValidationMethod", "warn")],
        ),
        (
            "AWS::Cloud9::EnvironmentEC2",
            {"ConnectionType": "CONNECT_SSH"},
            {"ConnectionType": "CONNECT_SSM", "SubnetId": "s"},
            [("ConnectionType", "block"), ("SubnetId", "block")],
        ),
        (
            "AWS::CodeBuild::Project",
            {
                "Artifacts": {"EncryptionDisabled": "true"},
                "SecondaryArtifacts": [{}, {"EncryptionDisabled": True}],
            },
            {"Artifacts": {"EncryptionDisabled": False}},
            [("Artifacts/EncryptionDisabled", "block"), ("SecondaryArtifacts/1/EncryptionDisabled", "block")],
        ),
        (
            "AWS::CodePipeline::Pipeline",
            {"Stages": [{"Actions": [{"ActionTypeId": {"Provider": "ECS"}}]}]},
            {"Stages": [{"Actions": [{"ActionTypeId": {"Provider": "CloudFormation"}}]}]},
            [("Stages/0/Actions/0/ActionTypeId/Provider", "warn")],
        ),
        (
            "AWS::ECS::Service",
            {"VolumeConfigurations": [{"ManagedEBSVolume": {"Encrypted": False}}]},
            {"VolumeConfigurations": [{"ManagedEBSVolume": {"Encrypted": True}}]},
            [("VolumeConfigurations/0/ManagedEBSVolume/Encrypted", "block")],
        ),
        (
            "AWS::ECS::TaskDefinition",
            {"Volumes": [{"Name": "a"}, {"EFSVolumeConfiguration": {"FilesystemId": "fs"}}]},
            {"Volumes": [{"EFSVolumeConfiguration": {"TransitEncryption": "ENABLED"}}]},
            [("Volumes/1/EFSVolumeConfiguration/TransitEncryption", "block")],
        ),
        (
            "AWS::Elasticsearch::Domain",
            {"ElasticsearchClusterConfig": {"InstanceType": "t2.small.elasticsearch"}},
            {
                "ElasticsearchClusterConfig": {"InstanceType": "r5.large.elasticsearch"},
                "VPCOptions": {"SubnetIds": ["s"]},
                "DomainEndpointOptions": {"EnforceHTTPS": True},
            },
            [
                ("DomainEndpointOptions/EnforceHTTPS", "block"),
                ("ElasticsearchClusterConfig/InstanceType", "block"),
                ("VPCOptions/SubnetIds", "block"),
            ],
        ),
        (
            "AWS::OpenSearchService::Domain",
            {
                "ClusterConfig": {"DedicatedMasterType": "M3.medium.search"},
                "VPCOptions": {"SubnetIds": ["s"]},
                "DomainEndpointOptions": {"EnforceHTTPS": True},
            },
            {
                "ClusterConfig": {"DedicatedMasterType": "m30.medium.search"},
                "VPCOptions": {"SubnetIds": ["s"]},
                "DomainEndpointOptions": {"EnforceHTTPS": "true"},
            },
            [("ClusterConfig/DedicatedMasterType", "block")],
        ),
        (
            "AWS::IoT::TopicRule",
            {"TopicRulePayload": {"ErrorAction": {"Firehose": {}}}},
            {"TopicRulePayload": {"Actions": [{"Kinesis": {}}]}},
            [("TopicRulePayload/ErrorAction/Firehose", "block")],
        ),
        (
            "AWS::KinesisFirehose::DeliveryStream",
            {},
            {"DeliveryStreamType": "KinesisStreamAsSource"},
            [("DeliveryStreamEncryptionConfigurationInput", "block")],
        ),
        (
            "AWS::MSK::Cluster",
            {"EncryptionInfo": {"EncryptionInTransit": {"InCluster": "false"}}},
            {"EncryptionInfo": {"EncryptionInTransit": {"InCluster": True}}},
            [("EncryptionInfo/EncryptionInTransit/InCluster", "block")],
        ),
        ("AWS::RDS::DBCluster", {"Engine": "aurora"}, {"Engine": "mysql"}, [("StorageEncrypted", "block")]),
        ("AWS::SageMaker::EndpointConfig", {}, {"KmsKeyId": "k"}, [("KmsKeyId", "block")]),
        ("AWS::SageMaker::Model", {}, {"VpcConfig": {"Subnets": ["s"]}}, [("VpcConfig", "block")]),
        (
            "AWS::SageMaker::Domain",
            {"KmsKeyId": "k"},
            {"KmsKeyId": "k", "AppNetworkAccessType": "VpcOnly"},
            [("AppNetworkAccessType", "block")],
        ),
        (
            "AWS::SageMaker::NotebookInstance",
            {"SubnetId": "s"},
            {"SubnetId": "s", "KmsKeyId": "k"},
            [("KmsKeyId", "block")],
        ),
        (
            "AWS::SageMaker::ModelBiasJobDefinition",
            {"NetworkConfig": {}},
            {"NetworkConfig": {"EnableInterContainerTrafficEncryption": True}},
            [("NetworkConfig/EnableInterContainerTrafficEncryption", "block")],
        ),
    ],
)
def test_a_caveat_is_kept_or_broken_by_a_property(
    resource_type: str, bad: dict[str, Any], good: dict[str, Any], found: list[tuple[str, str]]
) -> None:
    assert caveat(resource_type, bad) == found
    assert caveat(resource_type, good) == []


def test_a_key_that_is_not_known_may_be_none() -> None:
    found = said_of("AWS::SageMaker::EndpointConfig", {"KmsKeyId": {"Ref": "Nothing"}})
    assert [(finding.rule_id, finding.verdict) for finding in found] == [("TTS-SVC-002", "unknown")]


@pytest.mark.parametrize(
    ("sensitivity", "kept"), [("public", True), ("synthetic", True), ("sensitive", False)]
)
@pytest.mark.parametrize("resource_type", ["AWS::QuickSight::DataSource", "AWS::StorageGateway::TapePool"])
def test_a_resource_can_declare_its_own_data(resource_type: str, sensitivity: str, kept: bool) -> None:
    thing = {"Type": resource_type, "Metadata": {"TTS": {"data_sensitivity": sensitivity}}}
    assert (findings(CAVEATS, {"Thing": thing}) == ()) is kept


@pytest.mark.parametrize(
    ("shared", "levels"),
    [
        ("AWS::EC2::Subnet", []),
        ("AWS::RDS::DBCluster", []),
        ("AWS::DynamoDB::Table", ["warn"]),
        ("AWS::ECR::Repository", ["warn"]),
        ("Custom::Thing", ["warn"]),
    ],
)
def test_what_is_shared_is_of_an_approved_service(shared: str, levels: list[str]) -> None:
    share = {"Type": "AWS::RAM::ResourceShare", "Properties": {"ResourceArns": ["arn:x", {"Ref": "Shared"}]}}
    found = findings(CAVEATS, {"Share": share, "Shared": {"Type": shared}})
    assert [finding.level for finding in found] == levels


@pytest.mark.parametrize(
    ("resource_type", "named"), [("AWS::NoSuch::Thing", "AWS::NoSuch"), ("Nothing", "Nothing")]
)
def test_what_is_on_no_list_is_named_by_its_namespace(resource_type: str, named: str) -> None:
    (finding,) = said_of(resource_type, {})
    assert finding.message == f"{named} is on no list of services."


@pytest.mark.parametrize(
    ("provider", "level"),
    [("ElasticBeanstalk", "block"), ("OpsWorks", "block"), ("ECS", "warn"), ("CodeDeployToECS", "warn")],
)
def test_a_pipeline_deploys_to_no_service_that_its_caveat_names(provider: str, level: str) -> None:
    stages = [{"Actions": [{"ActionTypeId": {"Provider": provider}}]}]
    found = said_of("AWS::CodePipeline::Pipeline", {"Stages": stages})
    (finding,) = [one for one in found if one.location.endswith("Provider")]
    assert (finding.rule_id, finding.level) == ("TTS-SVC-002", level)
    assert "GSA's review of CodePipeline" in finding.message


@pytest.mark.parametrize("type_", ["String", "StringList", {"Ref": "Nothing"}])
def test_a_parameter_of_ssm_warns_as_cloudformation_cannot_make_secure_strings(type_: Any) -> None:
    found = said_of("AWS::SSM::Parameter", {"Type": type_, "Value": "on"})
    (finding,) = [one for one in found if one.rule_id == "TTS-SVC-002"]
    assert finding.level == "warn"


def test_a_plain_parameter_of_ssm_is_told_what_to_do_with_its_value() -> None:
    (finding,) = said_of("AWS::SSM::Parameter", {"Type": "String", "Value": "on"})
    assert finding.fix.startswith("CloudFormation cannot make secure strings")
    assert "secretsmanager.Secret" in finding.fix


@pytest.mark.parametrize(
    ("resource_type", "properties"),
    [
        ("AWS::CertificateManager::Certificate", {"ValidationMethod": {"Ref": "Nothing"}}),
        ("AWS::RAM::ResourceShare", {"ResourceArns": {"Ref": "Nothing"}}),
    ],
)
def test_what_only_warns_warns_where_it_is_undecided_too(
    resource_type: str, properties: dict[str, Any]
) -> None:
    found = [one for one in said_of(resource_type, properties) if one.rule_id == "TTS-SVC-002"]
    assert [(one.verdict, one.level) for one in found] == [("unknown", "warn")]


def test_an_item_of_a_list_is_not_named_by_its_number() -> None:
    found = said_of("AWS::Transfer::Server", {"Protocols": ["SFTP", "FTP"]})
    (finding,) = [one for one in found if one.location == "Properties/Protocols/1"]
    assert finding.message.startswith("FTP is not allowed here.")


QUOTES = re.findall(
    r"GSA's review of ([\w ]+): \"([^\"]+)\"", "\n".join(map(str, vars(svc_002_review_caveats).values()))
)


def test_each_broken_caveat_is_quoted_from_its_review() -> None:
    found = [
        finding
        for example in load_examples("TTS-SVC-002")
        if example.verdict == "violation"
        for finding in example.judge(CAVEATS).findings
    ]
    assert found
    assert all("GSA's review of" in finding.message for finding in found)


@pytest.mark.parametrize(("service", "quote"), sorted(set(QUOTES)))
def test_a_quote_stands_word_for_word_in_the_published_review(service: str, quote: str) -> None:
    names = Service(service, Status.NONE).namespaces
    (row,) = [row for row in OF_GSA if set(names) & set(row.namespaces)]
    for part in quote.split("…"):
        assert part.strip().rstrip(".") in row.caveats


def test_every_caveat_of_the_rule_is_quoted() -> None:
    assert len(set(QUOTES)) >= 25


@pytest.mark.parametrize("setting", [{}, {"LoggingLevel": "OFF"}])
def test_a_stage_whose_methods_set_no_level_logs_nothing(setting: dict[str, str]) -> None:
    found = caveat("AWS::ApiGateway::Stage", {"MethodSettings": [setting]})
    assert ("AccessLogSetting", "block") in found


@pytest.mark.parametrize(
    ("resource_type", "properties", "service"),
    [
        ("AWS::KinesisFirehose::DeliveryStream", {}, "Kinesis Data Firehose"),
        (
            "AWS::ECS::TaskDefinition",
            {"Volumes": [{"EFSVolumeConfiguration": {"FilesystemId": "fs"}}]},
            "EFS",
        ),
    ],
)
def test_a_caveat_that_is_broken_by_silence_is_quoted(
    resource_type: str, properties: dict[str, Any], service: str
) -> None:
    found = [one for one in said_of(resource_type, properties) if one.rule_id == "TTS-SVC-002"]
    assert found
    assert all(f"GSA's review of {service}" in finding.message for finding in found)
