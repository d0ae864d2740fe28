"""The benefits system: a public web service, an internal API that only it may call, and a bucket of both."""

from dataclasses import dataclass

import aws_cdk as cdk
from aws_cdk import aws_certificatemanager as acm
from aws_cdk import aws_ssm as ssm
from constructs import Construct

from tts_constructs import (
    Access,
    Alarms,
    DataSensitivity,
    Environment,
    Flow,
    InboundFlow,
    NetworkPolicy,
    Release,
    Secret,
    TtsAsgService,
    TtsBucket,
    TtsSystem,
)

OFFICE = "192.0.2.0/24"
API_PORT = 8443
WEB_SHA256 = "3b7c1a5e0d9f48260b6e1d7a52c8f3940e6d5b1f7a28c493d05e6f1b8a79c234"
API_SHA256 = "c04e9d2f61b87a35f8d0c1e67b24a9530d7f6e1c82b59a4431f0e8d7c6b5a491"


@dataclass(frozen=True, kw_only=True)
class Deployment:
    """Where the system runs, and what differs there."""

    account: str
    region: str
    environment: Environment
    data_sensitivity: DataSensitivity
    access: Access
    inbound: InboundFlow


PRODUCTION = Deployment(
    account="222233334444",
    region="us-gov-west-1",
    environment=Environment.PRODUCTION,
    data_sensitivity=DataSensitivity.SENSITIVE,
    access=Access.public(),
    inbound=Flow.https_from_internet(),
)

SANDBOX = Deployment(
    account="444455556666",
    region="us-east-1",
    environment=Environment.SANDBOX,
    data_sensitivity=DataSensitivity.SYNTHETIC,
    access=Access.restricted([OFFICE]),
    inbound=Flow.https_from(OFFICE),
)


class BenefitsStack(cdk.Stack):
    """One deployment of the system."""

    def __init__(self, scope: Construct, name: str, deployment: Deployment) -> None:
        super().__init__(
            scope, name, env=cdk.Environment(account=deployment.account, region=deployment.region)
        )
        system = TtsSystem(
            self,
            "System",
            project="benefits",
            environment=deployment.environment,
            owner="benefits@example.gov",
            data_sensitivity=deployment.data_sensitivity,
            network=NetworkPolicy(
                inbound=[deployment.inbound],
                between=[Flow.service("Web", "Api", API_PORT)],
                outbound=[Flow.https_anywhere()],
            ),
        )
        # Each account keeps the names of its own certificate and bucket, so that no account id is here.
        certificate = acm.Certificate.from_certificate_arn(
            self,
            "Certificate",
            ssm.StringParameter.value_for_string_parameter(self, "/benefits/certificate-arn"),
        )
        releases = TtsBucket.from_bucket_name(
            self,
            "Releases",
            ssm.StringParameter.value_for_string_parameter(self, "/benefits/release-bucket"),
        )
        alarms = Alarms.to_email("benefits-on-call@example.gov")
        uploads = TtsBucket(system, "Uploads")
        web = TtsAsgService(
            system,
            "Web",
            access=deployment.access,
            certificate=certificate,
            port=8080,
            health_check_path="/healthz",
            alarms=alarms,
            release=Release.from_bucket(releases, "web-1.4.0.tar.gz", sha256=WEB_SHA256),
            secrets=[Secret.from_ssm("/benefits/session-key", env="SESSION_KEY")],
            user_data=[_installation(uploads)],
        )
        api = TtsAsgService(
            system,
            "Api",
            access=Access.internal(),
            certificate=certificate,
            port=8080,
            health_check_path="/healthz",
            alarms=alarms,
            release=Release.from_bucket(releases, "api-1.4.0.tar.gz", sha256=API_SHA256),
            user_data=[_installation(uploads)],
        )
        uploads.grant_read_write(web)
        uploads.grant_read(api)


def _installation(uploads: TtsBucket) -> str:
    """The command by which an instance installs its release and starts it."""
    return f"{Release.FOLDER}/install --uploads {uploads.bucket_name}"
