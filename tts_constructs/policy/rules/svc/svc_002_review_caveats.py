"""TTS-SVC-002: Services must be configured as GSA's review asks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial

from tts_constructs.policy.aws.approved_services import Status, kinds_of, services_in_force
from tts_constructs.policy.model.checks import check_found, check_items, stop_at_unknown
from tts_constructs.policy.model.node import Node
from tts_constructs.policy.model.rule import Check, Rule
from tts_constructs.policy.model.stack import Resource
from tts_constructs.policy.result import Level, Result
from tts_constructs.system_metadata import METADATA_KEY, DataSensitivity

Demand = Callable[[Node], Iterator[Result]]
"""Judges the value at a place."""


def _on(caveat: str) -> Demand:
    """Require the value true; CloudFormation's default is false."""

    def demand(node: Node) -> Iterator[Result]:
        if node.boolean() is not True:
            yield node.violation(f"{node.key} is {node.shown}. {caveat}")

    return demand


def _not(unwanted: bool, caveat: str) -> Demand:
    """Require that the value is not this boolean; it may be missing."""

    def demand(node: Node) -> Iterator[Result]:
        if node.boolean() is unwanted:
            yield node.violation(f"{node.key} is {node.shown}. {caveat}")

    return demand


def _stated(caveat: str) -> Demand:
    """Require a value."""

    def demand(node: Node) -> Iterator[Result]:
        if not node.exists:
            yield node.violation(f"{node.key} is not set. {caveat}")
        elif node.is_unknown:
            node.reference()  # raises, as an unknown value may be missing

    return demand


def _one_of(*right: str, caveat: str, default: str = "", fix: str | None = None) -> Demand:
    """Require one of these texts, or the default."""

    def demand(node: Node) -> Iterator[Result]:
        if (node.text() or default) not in right:
            yield node.violation(f"{node.key} is {node.shown}. {caveat}", fix=fix)

    return demand


def _none_of(*wrong: str, caveat: str, at_most: Level | None = None) -> Demand:
    """Require that the text, or each item of a list, is none of these."""

    def demand(node: Node) -> Iterator[Result]:
        if node.text() in wrong:
            yield node.violation(f"{node.shown} is not allowed here. {caveat}", at_most=at_most)

    return demand


def _without(caveat: str) -> Demand:
    """Require that there is no value."""

    def demand(node: Node) -> Iterator[Result]:
        if node.exists:
            yield node.violation(f"{node.key} is used. {caveat}")

    return demand


def _family_not(*families: str, caveat: str) -> Demand:
    """Require an instance type of another family than these."""

    def demand(node: Node) -> Iterator[Result]:
        if (node.text() or "").lower().startswith(tuple(f"{family}." for family in families)):
            yield node.violation(f"{node.key} is {node.shown}. {caveat}")

    return demand


def _at(path: str, *demands: Demand) -> Check:
    """Return a check that requires something of each place at a path."""

    def check(resource: Resource) -> Iterator[Result]:
        for demand in demands:
            yield from check_found(resource.properties, path, demand)

    return check


def _all(*checks: Check) -> Check:
    """Return a check that makes all of these; each can be undecided by itself."""

    def check(resource: Resource) -> Iterator[Result]:
        for part in checks:
            yield from stop_at_unknown(part(resource))

    return check


def _only_warns(check: Check) -> Check:
    """Return the same check as a warning, for a caveat that only recommends, or that no template can meet."""

    def warning(resource: Resource) -> Iterator[Result]:
        for result in stop_at_unknown(check(resource)):
            yield replace(result, at_most="warn")

    return warning


def _stage_logs(stage: Resource) -> Iterator[Result]:
    """Yield a finding if a stage has neither access logs nor execution logs of any method."""
    if stage.properties.at("AccessLogSetting/DestinationArn").exists:
        return
    levels = [setting["LoggingLevel"].text() or "OFF" for setting in stage["MethodSettings"].items()]
    if all(level == "OFF" for level in levels):
        yield stage["AccessLogSetting"].violation(f"The stage logs nothing. {_API_LOGS}")


def _cache_is_encrypted(setting: Node) -> Iterator[Result]:
    if setting["CachingEnabled"].boolean() and not setting["CacheDataEncrypted"].boolean():
        yield setting["CacheDataEncrypted"].violation(f"Responses are kept unencrypted. {_API_DATA}")


def _is_validated_by_dns(certificate: Resource) -> Iterator[Result]:
    # A private authority validates nothing.
    if not certificate["CertificateAuthorityArn"].exists:
        yield from _one_of("DNS", caveat=_ACM)(certificate["ValidationMethod"])


def _aurora_is_encrypted(cluster: Resource) -> Iterator[Result]:
    if not (cluster["Engine"].text() or "").lower().startswith("aurora"):
        return
    encrypted = cluster["StorageEncrypted"]
    copied = next((key for key in _COPIES if cluster[key].exists), None)
    if encrypted.boolean():
        return
    if copied and not encrypted.exists:
        yield encrypted.unknown(
            f"The cluster is encrypted if {copied} is, which is not in the app. {_AURORA}"
        )
    else:
        yield encrypted.violation(f"StorageEncrypted is {encrypted.shown}. {_AURORA}")


def _records_are_encrypted(stream: Resource) -> Iterator[Result]:
    # If the source is a stream, the stream encrypts its records.
    if (stream["DeliveryStreamType"].text() or "DirectPut") == "DirectPut":
        yield from _stated(_FIREHOSE)(stream["DeliveryStreamEncryptionConfigurationInput"])


def _is_kept_from_sensitive_data(caveat: str, resource: Resource) -> Iterator[Result]:
    own = resource.attribute("Metadata")[METADATA_KEY]["data_sensitivity"].text()
    declared = own or resource.stack.system_metadata.get("data_sensitivity")
    if declared not in (
        DataSensitivity.PUBLIC,
        DataSensitivity.SYNTHETIC,
    ):  # any value may be there
        yield Result("violation", "", f"The data is not declared public or synthetic. {caveat}")


def _shares_what_is_approved(share: Resource) -> Iterator[Result]:
    yield from check_items(share["ResourceArns"], _is_of_an_approved_service)


def _is_of_an_approved_service(arn: Node) -> Iterator[Result]:
    shared = arn.target()
    if shared is None:
        return
    services = shared.stack.assembly.cached(services_in_force)
    rows = [services.of(kind) for kind in kinds_of(shared.type)]
    if not any(row and row.status is Status.APPROVED for row in rows):
        yield arn.violation(f"A resource of {shared.type} is shared. {_RAM}")


def _encrypts_its_volumes(nodes: Resource) -> Iterator[Result]:
    # Volumes of a launch template are judged with it.
    yield from _stated(f"Then volumes are made unencrypted. {_EKS}")(nodes["LaunchTemplate"])


def _policy_is_fips(policy: Node) -> Iterator[Result]:
    if "FIPS" not in (policy.text() or ""):
        yield policy.violation(f"SecurityPolicyName is {policy.shown}. {_TRANSFER_FIPS}")


def _volume_is_encrypted_on_its_way(volume: Node) -> Iterator[Result]:
    efs = volume["EFSVolumeConfiguration"]
    if efs.exists:
        yield from _one_of("ENABLED", caveat=_EFS)(efs["TransitEncryption"])


def _action_is_allowed(provider: Node) -> Iterator[Result]:
    yield from _none_of("ElasticBeanstalk", "OpsWorks", caveat=_PIPELINE)(provider)
    yield from _none_of("ECS", "CodeDeployToECS", caveat=_PIPELINE_ECS, at_most="warn")(provider)


def _says(service: str, caveat: str) -> str:
    return f'GSA\'s review of {service}: "{caveat}"'


_ACM = _says("ACM", "DNS based domain name validation is preferred and recommended to be used.")
_API_DATA = _says("API Gateway", "GSA requirements for security of data in transit and at rest")

_API_LOGS = _says(
    "API Gateway", "The use of this requires enablement of logging associated with this service."
)

_AURORA = _says("Aurora", "Encryption must be enabled for data in transit and data at rest.")

_CLOUD9 = _says(
    "Cloud9", "Create the environment in a private subnet … and use the No Ingress style deployme…"
)

_CODEBUILD = _says("CodeBuild", "CodeBuild Artifacts must be stored on an encrypted S3 bucket.")
_ECS = _says("ECS", "If using the EC2 cluster option, ensure to encrypt the EBS root and data volumes.")
_EFS = _says("EFS", "Encryption for both in transit and at rest must be enabled.")
_EKS = _says("EKS", "All worker nodes must use EBS encrypted volumes.")
_FIREHOSE = _says("Kinesis Data Firehose", "Records must be encrypted while at rest.")
_IOT = _says("Kinesis Data Firehose", "Cannot use … AWS IOT.")
_MSK = _says("MSK", "Only the default settings, “Only allow TLS encrypted data” can be used.")

_PIPELINE = _says(
    "CodePipeline", "Cannot use ECS, Elastic Beanstalk, or OpsWork as they are not approved services."
)

_PIPELINE_ECS = f"{_PIPELINE} GSA's review of ECS itself approves ECS, so this only warns."

_QUICKSIGHT_AWS = _says(
    "QuickSight", "approved with Direct Query of databases in AWS only; SPICE (which stores data in Q…"
)

_QUICKSIGHT_DATA = _says(
    "QuickSight", "NOT approved for connections to databases containing PII, PCI, or other sensitive info…"
)

_QUICKSIGHT_TLS = _says("QuickSight", "All transmission connections must be encrypted.")

_RAM = _says(
    "Resource Access Manager",
    "sharing capabilities should be limited to AWS Services that have already been previou…",
)

_SAGEMAKER_KMS = _says("SageMaker", "Ensure all data and models at rest are encrypted with KMS.")
_SAGEMAKER_TLS = _says("SageMaker", "Ensure inter-container traffic encryption is enabled for containers.")

_SAGEMAKER_VPC = (
    _says("SageMaker", "For use in GSA, please implement t…")
    + " It links to AWS's page on training in a VPC."
)

_SEARCH_DISKS = _says("ElasticSearch", "T2, M3, and R3 instances do not support encryption for data at re…")
_SEARCH_TLS = _says("ElasticSearch", "All streaming data options must have HTTPS enforced…")

_SEARCH_VPC = _says(
    "ElasticSearch",
    "Ensure VPC, IAM, and Security Group access is least privileged when provisioning a domain.",
)

_SSM = _says(
    "Parameter Store",
    "EC2 Systems Manager (SSM) Parameter Store approval is limited to Secure Strings only with KMS encr…",
)

_STORAGE_GATEWAY = _says(
    "Storage Gateway",
    "Service is NOT approved for use cases involving pci/pii until service acquires FedRAMP ATO.",
)

_TRANSFER_FIPS = _says("Transfer Family", "FIPS Mode is required to be enabled.")
_TRANSFER_FTP = _says("Transfer Family", "The standard FTP protocol is not permitted to be enabled or used.")

_NO_SECURE_STRINGS = (
    "CloudFormation cannot make secure strings, so no AWS::SSM::Parameter keeps this caveat, and this only "
    "warns. Never put a secret in one: use secretsmanager.Secret. Put any other value in the code or in an "
    "environment variable, or keep the parameter and the warning."
)

_COPIES = ("SnapshotIdentifier", "SourceDBClusterIdentifier", "ReplicationSourceIdentifier")

_OUTSIDE_AWS = (
    "ADOBE_ANALYTICS", "BIGQUERY", "CONFLUENCE", "DATABRICKS", "GITHUB", "GOOGLE_DRIVE", "GOOGLESHEETS",
    "JIRA", "ONE_DRIVE", "SALESFORCE", "SERVICENOW", "SHAREPOINT", "SNOWFLAKE", "STARBURST", "TERADATA",
    "TRINO", "TWITTER",
)  # fmt: skip
"""Kinds of QuickSight data sources that are services of other companies."""

_JOBS = "NetworkConfig/EnableInterContainerTrafficEncryption"
_OLD_DISKS = _family_not("t2", "m3", "r3", caveat=_SEARCH_DISKS)


def _search(configuration: str) -> Check:
    return _all(
        _at(f"{configuration}/InstanceType", _OLD_DISKS),
        _at(f"{configuration}/DedicatedMasterType", _OLD_DISKS),
        _at("VPCOptions/SubnetIds", _stated(_SEARCH_VPC)),
        _at("DomainEndpointOptions/EnforceHTTPS", _on(_SEARCH_TLS)),
    )


_CHECKS: dict[str, Check] = {
    "AWS::ApiGateway::Stage": _all(_stage_logs, _at("MethodSettings/*", _cache_is_encrypted)),
    "AWS::ApiGatewayV2::Stage": _at("AccessLogSettings/DestinationArn", _stated(_API_LOGS)),
    "AWS::CertificateManager::Certificate": _only_warns(_is_validated_by_dns),
    "AWS::Cloud9::EnvironmentEC2": _all(
        _at("ConnectionType", _one_of("CONNECT_SSM", caveat=_CLOUD9)), _at("SubnetId", _stated(_CLOUD9))
    ),
    "AWS::CodeBuild::Project": _all(
        _at("Artifacts/EncryptionDisabled", _not(True, _CODEBUILD)),
        _at("SecondaryArtifacts/*/EncryptionDisabled", _not(True, _CODEBUILD)),
    ),
    "AWS::CodePipeline::Pipeline": _at("Stages/*/Actions/*/ActionTypeId/Provider", _action_is_allowed),
    "AWS::ECS::Service": _at("VolumeConfigurations/*/ManagedEBSVolume/Encrypted", _not(False, _ECS)),
    "AWS::ECS::TaskDefinition": _at("Volumes/*", _volume_is_encrypted_on_its_way),
    "AWS::EFS::FileSystem": _at("Encrypted", _on(_EFS)),
    "AWS::EKS::Nodegroup": _encrypts_its_volumes,
    "AWS::Elasticsearch::Domain": _search("ElasticsearchClusterConfig"),
    "AWS::IoT::TopicRule": _all(
        _at("TopicRulePayload/Actions/*/Firehose", _without(_IOT)),
        _at("TopicRulePayload/ErrorAction/Firehose", _without(_IOT)),
    ),
    "AWS::KinesisFirehose::DeliveryStream": _records_are_encrypted,
    "AWS::MSK::Cluster": _all(
        _at("EncryptionInfo/EncryptionInTransit/ClientBroker", _one_of("TLS", caveat=_MSK, default="TLS")),
        _at("EncryptionInfo/EncryptionInTransit/InCluster", _not(False, _MSK)),
    ),
    "AWS::OpenSearchService::Domain": _search("ClusterConfig"),
    "AWS::QuickSight::DataSet": _all(
        _at("ImportMode", _none_of("SPICE", caveat=_QUICKSIGHT_AWS)),
        partial(_is_kept_from_sensitive_data, _QUICKSIGHT_DATA),
    ),
    "AWS::QuickSight::DataSource": _all(
        _at("Type", _none_of(*_OUTSIDE_AWS, caveat=_QUICKSIGHT_AWS)),
        _at("SslProperties/DisableSsl", _not(True, _QUICKSIGHT_TLS)),
        partial(_is_kept_from_sensitive_data, _QUICKSIGHT_DATA),
    ),
    "AWS::RAM::ResourceShare": _only_warns(_shares_what_is_approved),
    "AWS::RDS::DBCluster": _aurora_is_encrypted,
    "AWS::SSM::Parameter": _only_warns(
        _at("Type", _one_of("SecureString", caveat=_SSM, fix=_NO_SECURE_STRINGS))
    ),
    "AWS::SageMaker::DataQualityJobDefinition": _at(_JOBS, _on(_SAGEMAKER_TLS)),
    "AWS::SageMaker::Domain": _all(
        _at("AppNetworkAccessType", _one_of("VpcOnly", caveat=_SAGEMAKER_VPC)),
        _at("KmsKeyId", _stated(_SAGEMAKER_KMS)),
    ),
    "AWS::SageMaker::EndpointConfig": _at("KmsKeyId", _stated(_SAGEMAKER_KMS)),
    "AWS::SageMaker::Model": _at("VpcConfig", _stated(_SAGEMAKER_VPC)),
    "AWS::SageMaker::ModelBiasJobDefinition": _at(_JOBS, _on(_SAGEMAKER_TLS)),
    "AWS::SageMaker::ModelExplainabilityJobDefinition": _at(_JOBS, _on(_SAGEMAKER_TLS)),
    "AWS::SageMaker::ModelQualityJobDefinition": _at(_JOBS, _on(_SAGEMAKER_TLS)),
    "AWS::SageMaker::NotebookInstance": _all(
        _at("SubnetId", _stated(_SAGEMAKER_VPC)), _at("KmsKeyId", _stated(_SAGEMAKER_KMS))
    ),
    "AWS::StorageGateway::*": partial(_is_kept_from_sensitive_data, _STORAGE_GATEWAY),
    "AWS::Transfer::Server": _all(
        _at("Protocols/*", _none_of("FTP", caveat=_TRANSFER_FTP)),
        _at("SecurityPolicyName", _policy_is_fips),
    ),
}

RULE = Rule(
    id="TTS-SVC-002",
    title="Services must be configured as GSA's review asks",
    why=(
        "GSA's reviews require certain settings for many services. Nobody has reviewed what happens to the "
        "public's information under other settings."
    ),
    source=(
        'TTS handbook, AWS: "see the GSA approval status and caveats for using different AWS services"; '
        "GSA's published service reviews (GSA-TTS/cloud-sandbox, docs/aws)."
    ),
    section="Approved services for production use",
    fix=(
        "Write the property as the caveat asks. `tts services` shows all caveats of a service. TtsSystem, "
        "TtsAsgService, and TtsBucket meet them."
    ),
    decides=(
        "The rule checks the caveats that a template can show, for API Gateway, Aurora, Certificate "
        "Manager, Cloud9, CodeBuild, CodePipeline, ECS, EFS, EKS, ElasticSearch and OpenSearch, Firehose, "
        "MSK, Parameter Store, QuickSight, Resource Access Manager, SageMaker, Storage Gateway, and "
        "Transfer Family. They apply whichever list gives the status of the service. A caveat that says "
        "'should' or 'preferred' warns. So does one that another review contradicts (ECS in CodePipeline). "
        "Each plain AWS::SSM::Parameter warns, because GSA asks for secure strings, which CloudFormation "
        "can't make."
    ),
    controls=("SA-4", "SA-9", "CM-7(5)"),
    force="M",
    production="block",
    sandbox="warn",
    checks=_CHECKS,
)
