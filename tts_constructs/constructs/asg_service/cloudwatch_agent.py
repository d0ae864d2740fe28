"""The CloudWatch agent on an instance: what it sends, and how it comes there.

Ubuntu's package sources are plain HTTP, and port 80 out is closed: so the package comes over HTTPS from the
region's own S3 address, or is in the image. Its failure does not fail the boot.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_logs as logs

SYSTEM_LOGS = (
    "/var/log/syslog",
    "/var/log/auth.log",
    "/var/log/audit/audit.log",
    "/var/log/cloud-init-output.log",
)
"""Files of Ubuntu that are always sent: who did what on the instance, and how it booted (AU-2, AU-12)."""

_HOME = "/opt/aws/amazon-cloudwatch-agent"
_PACKAGE = "/var/cache/amazon-cloudwatch-agent.deb"
_ARCHITECTURES = {ec2.InstanceArchitecture.X86_64: "amd64", ec2.InstanceArchitecture.ARM_64: "arm64"}


def agent_commands(
    *,
    region: str,
    architecture: ec2.InstanceArchitecture,
    log_group: logs.ILogGroup,
    log_files: Sequence[str],
    in_image: bool,
) -> list[str]:
    """Shell commands that start the agent at boot.

    Args:
        region: Region whose S3 address the package comes from.
        architecture: Architecture of the instance.
        log_group: Where the logs go, one stream for each file of an instance.
        log_files: Files that are sent beside the system's own; `*` is a wildcard.
        in_image: Whether the agent is in the image, so that nothing is downloaded.
    """
    install = [] if in_image else _install(region, architecture)
    return ["(", "set +e", *install, *_start(log_group, log_files), ") || true"]


def _install(region: str, architecture: ec2.InstanceArchitecture) -> list[str]:
    # Both partitions of the United States use this domain.
    host = f"amazoncloudwatch-agent-{region}.s3.{region}.amazonaws.com"
    url = f"https://{host}/ubuntu/{_ARCHITECTURES[architecture]}/latest/amazon-cloudwatch-agent.deb"
    return [
        f"curl --proto =https --tlsv1.2 --fail --silent --show-error --retry 5 --output {_PACKAGE} {url}",
        f"dpkg --install {_PACKAGE}",
        f"rm --force {_PACKAGE}",
    ]


def _start(log_group: logs.ILogGroup, log_files: Sequence[str]) -> list[str]:
    configuration = f"{_HOME}/etc/tts.json"
    log_group_name = log_group.log_group_name
    collected = [
        {
            "file_path": path,
            "log_group_name": log_group_name,
            "log_stream_name": "{instance_id}" + path.replace("*", "_"),
        }
        for path in (*SYSTEM_LOGS, *log_files)
    ]
    sent = {"logs": {"logs_collected": {"files": {"collect_list": collected}}}}
    return [
        f"cat > {configuration} <<'TTS'\n{json.dumps(sent, indent=1)}\nTTS",
        f"{_HOME}/bin/amazon-cloudwatch-agent-ctl -a fetch-config -m ec2 -s -c file:{configuration}",
    ]
