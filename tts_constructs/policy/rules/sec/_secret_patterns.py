"""Patterns of secrets, and the places where templates hold them."""

from __future__ import annotations

import base64
import binascii
import re

Paths = dict[str, tuple[str, ...]]

PASSWORDS: Paths = {
    "AWS::AmazonMQ::Broker": ("Users/*/Password", "LdapServerMetadata/ServiceAccountPassword"),
    "AWS::Amplify::App": ("AccessToken", "OauthToken", "BasicAuthConfig/Password"),
    "AWS::Amplify::Branch": ("BasicAuthConfig/Password",),
    "AWS::ApiGateway::ApiKey": ("Value",),
    "AWS::AppStream::DirectoryConfig": ("ServiceAccountCredentials/AccountPassword",),
    "AWS::BackupGateway::Hypervisor": ("Password",),
    "AWS::CodeBuild::SourceCredential": ("Token",),
    "AWS::CodePipeline::Pipeline": ("Stages/*/Actions/*/Configuration/OAuthToken",),
    "AWS::CodePipeline::Webhook": ("AuthenticationConfiguration/SecretToken",),
    "AWS::Cognito::UserPoolIdentityProvider": ("ProviderDetails/client_secret",),
    "AWS::Connect::User": ("Password",),
    "AWS::DMS::Endpoint": (
        "Password", "GcpMySQLSettings/Password", "KafkaSettings/SaslPassword",
        "KafkaSettings/SslClientKeyPassword", "MicrosoftSqlServerSettings/Password",
        "MongoDbSettings/Password", "OracleSettings/AsmPassword", "RedisSettings/AuthPassword",
    ),
    "AWS::CodeStar::GitHubRepository": ("RepositoryAccessToken",),
    "AWS::DataSync::LocationAzureBlob": ("AzureBlobSasConfiguration/AzureBlobSasToken",),
    "AWS::DataSync::LocationFSxONTAP": ("Protocol/SMB/Password",),
    "AWS::DataSync::LocationFSxWindows": ("Password",),
    "AWS::DataSync::LocationObjectStorage": ("SecretKey",),
    "AWS::DataSync::LocationSMB": ("Password",),
    "AWS::DirectoryService::MicrosoftAD": ("Password",),
    "AWS::DirectoryService::SimpleAD": ("Password",),
    "AWS::DocDB::DBCluster": ("MasterUserPassword",),
    "AWS::DocDBElastic::Cluster": ("AdminUserPassword",),
    "AWS::EC2::VPNConnection": ("VpnTunnelOptionsSpecifications/*/PreSharedKey",),
    "AWS::EC2::VerifiedAccessTrustProvider": (
        "NativeApplicationOidcOptions/ClientSecret", "OidcOptions/ClientSecret",
    ),
    "AWS::EMR::Cluster": (
        "KerberosAttributes/ADDomainJoinPassword", "KerberosAttributes/CrossRealmTrustPrincipalPassword",
        "KerberosAttributes/KdcAdminPassword",
    ),
    "AWS::ElastiCache::ReplicationGroup": ("AuthToken",),
    "AWS::ElastiCache::User": ("Passwords/*", "AuthenticationMode/Passwords/*"),
    "AWS::ElasticLoadBalancingV2::Listener": ("DefaultActions/*/AuthenticateOidcConfig/ClientSecret",),
    "AWS::ElasticLoadBalancingV2::ListenerRule": ("Actions/*/AuthenticateOidcConfig/ClientSecret",),
    "AWS::Elasticsearch::Domain": ("AdvancedSecurityOptions/MasterUserOptions/MasterUserPassword",),
    "AWS::Events::Connection": (
        "AuthParameters/ApiKeyAuthParameters/ApiKeyValue", "AuthParameters/BasicAuthParameters/Password",
        "AuthParameters/OAuthParameters/ClientParameters/ClientSecret",
    ),
    "AWS::FSx::FileSystem": (
        "OntapConfiguration/FsxAdminPassword",
        "WindowsConfiguration/SelfManagedActiveDirectoryConfiguration/Password",
    ),
    "AWS::FSx::StorageVirtualMachine": (
        "SvmAdminPassword", "ActiveDirectoryConfiguration/SelfManagedActiveDirectoryConfiguration/Password",
    ),
    "AWS::Glue::Connection": (
        "ConnectionInput/ConnectionProperties/PASSWORD",
        "ConnectionInput/AuthenticationConfiguration/BasicAuthenticationCredentials/Password",
        "ConnectionInput/AuthenticationConfiguration/OAuth2Properties/OAuth2Credentials/*",
    ),
    "AWS::IAM::ServerCertificate": ("PrivateKey",),
    "AWS::IAM::User": ("LoginProfile/Password",),
    "AWS::KinesisFirehose::DeliveryStream": (
        "HttpEndpointDestinationConfiguration/EndpointConfiguration/AccessKey",
        "RedshiftDestinationConfiguration/Password", "SnowflakeDestinationConfiguration/KeyPassphrase",
        "SnowflakeDestinationConfiguration/PrivateKey", "SplunkDestinationConfiguration/HECToken",
    ),
    "AWS::Lightsail::Database": ("MasterUserPassword",),
    "AWS::MemoryDB::User": ("AuthenticationMode/Passwords/*",),
    "AWS::OpenSearchService::Domain": ("AdvancedSecurityOptions/MasterUserOptions/MasterUserPassword",),
    "AWS::OpsWorks::App": ("AppSource/Password", "SslConfiguration/PrivateKey"),
    "AWS::Pinpoint::ADMChannel": ("ClientSecret",),
    "AWS::Pinpoint::APNSChannel": ("PrivateKey",),
    "AWS::Pinpoint::GCMChannel": ("ApiKey",),
    "AWS::QuickSight::DataSource": (
        "Credentials/CredentialPair/Password", "Credentials/KeyPairCredentials/PrivateKey",
        "Credentials/KeyPairCredentials/PrivateKeyPassphrase",
        "Credentials/OAuthClientCredentials/ClientSecret",
    ),
    "AWS::RDS::DBCluster": ("MasterUserPassword",),
    "AWS::RDS::DBInstance": ("MasterUserPassword", "TdeCredentialPassword"),
    "AWS::Redshift::Cluster": ("MasterUserPassword",),
    "AWS::RedshiftServerless::Namespace": ("AdminUserPassword",),
    "AWS::SES::EmailIdentity": ("DkimSigningAttributes/DomainSigningPrivateKey",),
    "AWS::SageMaker::Workforce": ("OidcConfig/ClientSecret",),
    "AWS::SecretsManager::Secret": ("SecretString",),
    "AWS::Timestream::InfluxDBCluster": ("Password",),
    "AWS::Timestream::InfluxDBInstance": ("Password",),
    "AWS::Transfer::Certificate": ("PrivateKey",),
}  # fmt: skip
"""Properties of each type that hold a password, a token, or a private key."""

ENVIRONMENTS: Paths = {
    "AWS::AppRunner::Service": (
        "SourceConfiguration/ImageRepository/ImageConfiguration/RuntimeEnvironmentVariables",
        "SourceConfiguration/CodeRepository/CodeConfiguration/CodeConfigurationValues/"
        "RuntimeEnvironmentVariables",
    ),
    "AWS::Amplify::App": ("EnvironmentVariables", "AutoBranchCreationConfig/EnvironmentVariables"),
    "AWS::Amplify::Branch": ("EnvironmentVariables",),
    "AWS::AppSync::GraphQLApi": ("EnvironmentVariables",),
    "AWS::Batch::JobDefinition": (
        "ContainerProperties/Environment",
        "EcsProperties/TaskProperties/*/Containers/*/Environment",
        "EksProperties/PodProperties/Containers/*/Env",
        "NodeProperties/NodeRangeProperties/*/Container/Environment",
    ),
    "AWS::BedrockAgentCore::Runtime": ("EnvironmentVariables",),
    "AWS::CloudFormation::Stack": ("Parameters",),
    "AWS::CloudFormation::StackSet": ("Parameters", "StackInstancesGroup/*/ParameterOverrides"),
    "AWS::CodeBuild::Project": ("Environment/EnvironmentVariables",),
    "AWS::CodePipeline::Pipeline": ("Stages/*/Actions/*/EnvironmentVariables",),
    "AWS::ECS::DaemonTaskDefinition": ("ContainerDefinitions/*/Environment",),
    "AWS::ECS::ExpressGatewayService": ("PrimaryContainer/Environment",),
    "AWS::ECS::TaskDefinition": ("ContainerDefinitions/*/Environment",),
    "AWS::ElasticBeanstalk::Environment": ("OptionSettings",),
    "AWS::Glue::Job": ("DefaultArguments", "NonOverridableArguments"),
    "AWS::Lambda::Function": ("Environment/Variables",),
    "AWS::Lightsail::Container": ("ContainerServiceDeployment/Containers/*/Environment",),
    "AWS::Pipes::Pipe": (
        "TargetParameters/BatchJobParameters/ContainerOverrides/Environment",
        "TargetParameters/EcsTaskParameters/Overrides/ContainerOverrides/*/Environment",
    ),
    "AWS::SageMaker::Model": ("PrimaryContainer/Environment", "Containers/*/Environment"),
    "AWS::SageMaker::ProcessingJob": ("Environment",),
    "AWS::Serverless::Function": ("Environment/Variables",),
    "AWS::Synthetics::Canary": ("RunConfig/EnvironmentVariables",),
}
"""Environment variables of each type, and parameters of nested stacks: a map, or names and values."""

WRITTEN_OUT: Paths = {
    "AWS::CodePipeline::Pipeline": (
        "Stages/*/Actions/*/Configuration/EnvironmentVariables",
        "Stages/*/Actions/*/Configuration/ParameterOverrides",
    ),
}
"""The same as JSON text: what an action passes to a build, or to the stack that it deploys."""

USER_DATA: Paths = {
    "AWS::AutoScaling::LaunchConfiguration": ("UserData",),
    "AWS::EC2::Instance": ("UserData",),
    "AWS::EC2::LaunchTemplate": ("LaunchTemplateData/UserData",),
    "AWS::EC2::SpotFleet": ("SpotFleetRequestConfigData/LaunchSpecifications/*/UserData",),
}
"""User data of instances."""

PROGRAMS: Paths = {
    "AWS::ImageBuilder::Component": ("Data",),
    "AWS::Lambda::Function": ("Code/ZipFile",),
    "AWS::SSM::Document": ("Content",),
}
"""Programs and texts that a template contains for them."""

_KEY = re.compile(
    r"(?<![A-Z0-9])(?:AKIA|ASIA)[A-Z2-7]{16}(?![A-Z0-9])"
    r"|-----BEGIN (?:[A-Z0-9]+ ){0,2}PRIVATE KEY(?: BLOCK)?-----"
    r"|(?i:aws_?secret_?access_?key)[\"']?\s*[=:]\s*[\"']?[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+=])"
)
_PASSWORD_NAME = re.compile(
    r"(?:password|passwd|passphrase|secret_?access_?key|client_?secret|auth_?token|access_?token|api_?key"
    r"|private_?key)\d*$",
    re.IGNORECASE,
)
_PASSWORD_SET = re.compile(
    r"(?im)^[ \t]*(?:export[ \t]+)?\w*(?:password|passwd|passphrase)(?:=|:[ \t]+)"
    r"(?P<bare>[^\s\"'$`;]+)\s*(?:[;&|]|$)"
    r"|(?:password|passwd|passphrase)[\"']?\s*[=:]\s*(?P<mark>[\"'])(?P<quoted>[^\"'$`{}\n]+)(?P=mark)"
)
_NO_SECRET = re.compile(r"(?i)true|false|yes|no|null|none|arn:.*|/.*|https?://[^@]*|\d{1,5}")
_DYNAMIC_SECRETS = ("{{resolve:secretsmanager:", "{{resolve:ssm-secure:")


def names_a_secret(name: str) -> bool:
    """Return whether the name of a variable or parameter says that its value is a secret."""
    return _PASSWORD_NAME.search(name) is not None


def can_be_secret(value: str) -> bool:
    """Return whether a literal can be a secret: not a switch, number, path, ARN, or reference to a secret."""
    value = value.strip()
    return bool(value) and not _NO_SECRET.fullmatch(value) and not refers_to_secret(value)


def refers_to_secret(text: str) -> bool:
    """Return whether a text refers to Secrets Manager or to a secure string of SSM."""
    return any(reference in text for reference in _DYNAMIC_SECRETS)


def holds_key(text: str) -> bool:
    """Return whether a text contains an AWS access key or a private key, plain or in base64."""
    return any(
        # Most texts have none of these, and this test is much faster than the pattern.
        ("AKIA" in reading or "ASIA" in reading or "PRIVATE KEY" in reading or "access" in reading.lower())
        and _KEY.search(reading)
        for reading in _readings(text)
    )


def holds_password(text: str) -> bool:
    """Return whether a script or configuration sets a password to a literal."""
    return any(
        can_be_secret(match["bare"] or match["quoted"])
        for reading in _readings(text)
        if "pass" in reading.lower()
        for match in _PASSWORD_SET.finditer(reading)
    )


def _readings(text: str) -> list[str]:
    """Return a text and, if it is base64, its decoded content."""
    try:
        return [text, base64.b64decode(text, validate=True).decode()]
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return [text]
