"""The CloudWatch agent on an instance: how it gets there, and the logs and metrics that it sends.

Ubuntu's package sources use plain HTTP, and outbound port 80 is closed. So the package comes over HTTPS from
the region's own S3 address, or is in the image. What is installed has the digest that the settings name, or
Amazon's signature. If it has neither, the instance boots without an agent, and the boot's log says why.
"""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam

from tts_constructs.policy.configuration import load_settings

SYSTEM_LOGS = (
    "/var/log/syslog",
    "/var/log/*.log",
    "/var/log/apt/*.log",
    "/var/log/audit/audit.log",
    "/var/log/nginx/*.log",
    "/var/log/unattended-upgrades/*.log",
)
"""Files of the image that are always sent: who did what, what was installed, and the boot (AU-2, AU-12).

`/var/log/*.log` has auth.log, kern.log, dpkg.log, cloud-init.log and cloud-init-output.log. The FISMA Ready
image has nginx, by its public sources. The agent skips what isn't there.
"""

SIGNING_KEY = "937616F3450B7D806CBD9725D58167303B789C72"
"""Fingerprint of the key that Amazon signs the agent's packages with.

Source: docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/verify-CloudWatch-Agent-Package-Signature.html
"""

_HOME = "/opt/aws/amazon-cloudwatch-agent"
_PACKAGE = "amazon-cloudwatch-agent.deb"
_PACKAGES = {ec2.InstanceArchitecture.X86_64: "amd64", ec2.InstanceArchitecture.ARM_64: "arm64"}
_DIGESTS = {ec2.InstanceArchitecture.X86_64: "x86_64", ec2.InstanceArchitecture.ARM_64: "arm64"}

_NAMESPACE = "CWAgent"
_SERVICE = "Service"
_NO_DISKS = ("devtmpfs", "iso9660", "overlay", "squashfs", "sysfs", "tmpfs")
"""File systems that are full by nature, or no disk."""


class Agent(ABC):
    """Chooses how instances get the CloudWatch agent, which sends their logs and metrics.

    Write nothing, and instances install Amazon's package at boot: the version of `[agent]` in the settings,
    else the latest. They check it against the settings' digest, else against Amazon's signature. Write
    `Agent.from_image()` if the image has the agent.
    """

    @abstractmethod
    def faults(self, architecture: ec2.InstanceArchitecture) -> Iterator[str]:
        """Yields one sentence for each reason why instances can't get the agent so."""

    @abstractmethod
    def commands(self, region: str, architecture: ec2.InstanceArchitecture) -> list[str]:
        """Returns the shell commands that install the agent.

        Args:
            region: Region whose S3 address serves the package.
            architecture: Architecture of the instance.
        """

    @staticmethod
    def from_image() -> Agent:
        """Uses the agent that the image has, so that nothing is downloaded."""
        return ImageAgent()


@dataclass(frozen=True)
class ImageAgent(Agent):
    """The choice that `Agent.from_image()` makes."""

    def faults(self, architecture: ec2.InstanceArchitecture) -> Iterator[str]:  # noqa: ARG002
        """Yields nothing: nobody but the image knows."""
        yield from ()

    def commands(self, region: str, architecture: ec2.InstanceArchitecture) -> list[str]:  # noqa: ARG002
        """Returns none."""
        return []


@dataclass(frozen=True)
class PackageAgent(Agent):
    """The default: Amazon's package, checked before it is installed.

    Args:
        version: Its version. None: the latest.
        sha256: Its SHA-256 in hexadecimal digits, by architecture (`x86_64`, `arm64`). Empty: instances check
            its signature instead.
    """

    version: str | None
    sha256: Mapping[str, str]

    @classmethod
    def of_settings(cls) -> PackageAgent:
        """Returns the package that `[agent]` in `tts.toml` names."""
        settings = load_settings().agent
        return cls(settings.version, settings.sha256)

    def faults(self, architecture: ec2.InstanceArchitecture) -> Iterator[str]:
        """Yields a sentence if the settings pin the package for another architecture only."""
        name = _DIGESTS[architecture]
        if self.sha256 and name not in self.sha256:
            yield (
                f"instance_type= is {name}, and the settings pin the agent for {', '.join(self.sha256)} "
                f'alone; write {name} = "<SHA-256>" below [agent.sha256] in tts.toml'
            )

    def commands(self, region: str, architecture: ec2.InstanceArchitecture) -> list[str]:
        """Returns commands that load the package, check it, and install it only if the check succeeds."""
        # Both partitions of the United States use this domain.
        bucket = f"https://amazoncloudwatch-agent-{region}.s3.{region}.amazonaws.com"
        package = f"{bucket}/ubuntu/{_PACKAGES[architecture]}/{self.version or 'latest'}/{_PACKAGE}"
        digest = self.sha256.get(_DIGESTS[architecture])
        check = _digest_check(digest) if digest else _signature_check(bucket, package)
        return [
            # In /var/cache, as hardened images keep /tmp small.
            "loaded=$(mktemp --directory --tmpdir=/var/cache)",
            _function(
                "load", 'curl --proto =https --tlsv1.2 --fail --silent --show-error --retry 5 --output "$@"'
            ),
            _function("check", *check),
            f'(cd "$loaded" && load {_PACKAGE} {package} && check && dpkg --install {_PACKAGE}) ||',
            " echo 'The CloudWatch agent is not installed: its package could not be loaded, or is not the one"
            " that the settings or its signature vouch for.' >&2",
            'rm --force --recursive "$loaded"',
        ]


def _digest_check(digest: str) -> list[str]:
    return [f"echo '{digest}  {_PACKAGE}' | sha256sum --check --status"]


def _signature_check(bucket: str, package: str) -> list[str]:
    # The key comes from where the package comes from. Its fingerprint comes from here: gpg names the key that
    # made a good signature, and any other key has another fingerprint.
    return [
        f"load key.gpg {bucket}/assets/amazon-cloudwatch-agent.gpg &&",
        f" load {_PACKAGE}.sig {package}.sig &&",
        " mkdir --mode=700 keys &&",
        " gpg --homedir keys --batch --quiet --import key.gpg &&",
        f" gpg --homedir keys --batch --quiet --status-file status --verify {_PACKAGE}.sig {_PACKAGE} &&",
        f" grep --quiet '^\\[GNUPG:\\] VALIDSIG .* {SIGNING_KEY}$' status",
    ]


def _function(name: str, *lines: str) -> str:
    return "\n".join([f"{name}() {{", *(f" {line}" for line in lines), "}"])


def agent_commands(
    agent: Agent,
    *,
    region: str,
    architecture: ec2.InstanceArchitecture,
    log_group_name: str,
    log_files: Sequence[str],
    service_name: str,
) -> list[str]:
    """Returns the shell commands that install and start the agent at boot.

    Args:
        agent: How the instance gets it.
        region: Region of the instance.
        architecture: Architecture of the instance.
        log_group_name: Log group that gets the logs, in one stream for each file of an instance.
        log_files: Files to send besides the system's own; a pattern means all files that match.
        service_name: What the metrics are named by.
    """
    configuration = f"{_HOME}/etc/tts.json"
    sent = {"logs": _logs(log_group_name, log_files), "metrics": _metrics(service_name)}
    return [
        "(",
        "set +e",
        *agent.commands(region, architecture),
        f"cat > {configuration} <<'TTS'\n{_lines(sent)}\nTTS",
        f"{_HOME}/bin/amazon-cloudwatch-agent-ctl -a fetch-config -m ec2 -s -c file:{configuration}",
        ") || true",
    ]


def _logs(log_group_name: str, log_files: Sequence[str]) -> dict[str, Any]:
    own = [path for path in dict.fromkeys(log_files) if not any(_covers(log, path) for log in SYSTEM_LOGS)]
    collected = [_log(path, log_group_name) for path in (*SYSTEM_LOGS, *own)]
    return {"logs_collected": {"files": {"collect_list": collected}}}


def _log(path: str, log_group_name: str) -> dict[str, Any]:
    log: dict[str, Any] = {"file_path": path, "log_group_name": log_group_name}
    if any(sign in path for sign in "*?[{"):
        # Else the agent sends only the file that was changed last. It adds each file's path to the stream.
        return log | {"log_stream_name": "{instance_id}", "publish_multi_logs": True}
    return log | {"log_stream_name": "{instance_id}" + path}


def _covers(pattern: str, path: str) -> bool:
    """Returns whether each file of `path` is one of `pattern` too, which would be sent twice."""
    return pattern.count("/") == path.count("/") and fnmatchcase(path, pattern)


def _metrics(service_name: str) -> dict[str, Any]:
    named = {"append_dimensions": {_SERVICE: service_name}}
    return {
        "namespace": _NAMESPACE,
        # Not AutoScalingGroupName: to know it, the agent needs ec2:DescribeTags for all resources.
        "append_dimensions": {"InstanceId": "${aws:InstanceId}"},
        "aggregation_dimensions": [[_SERVICE]],
        "metrics_collected": {
            "mem": {"measurement": ["mem_used_percent"], **named},
            "disk": {
                "measurement": ["disk_used_percent"],
                "resources": ["*"],
                "ignore_file_system_types": list(_NO_DISKS),
                "drop_device": True,
                **named,
            },
        },
    }


def _lines(configuration: Mapping[str, Any]) -> str:
    """Writes JSON with few line breaks, as user data is limited to 16 KiB."""
    return json.dumps(configuration, separators=(",", ":")).replace('{"file_path"', '\n{"file_path"')


def metrics_statement() -> iam.PolicyStatement:
    """Returns what the role needs so that the agent can send metrics. CloudWatch names them by no ARN."""
    return iam.PolicyStatement(
        actions=["cloudwatch:PutMetricData"],
        resources=["*"],
        conditions={"StringEquals": {"cloudwatch:namespace": _NAMESPACE}},
    )


def fullest_disk(service_name: str) -> cloudwatch.Metric:
    """Returns how full the fullest file system of any instance of a service is, in percent."""
    return cloudwatch.Metric(
        namespace=_NAMESPACE,
        metric_name="disk_used_percent",
        dimensions_map={_SERVICE: service_name},
        statistic="Maximum",
        period=Duration.minutes(5),
    )
