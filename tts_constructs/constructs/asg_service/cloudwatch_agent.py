"""The CloudWatch agent on an instance: the files that it sends, and its installation.

Ubuntu's package sources use plain HTTP, and outbound port 80 is closed. So the package comes over HTTPS from
the region's own S3 address, or is in the image. If the agent fails, the instance boots all the same.
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
"""Files of Ubuntu that are always sent. They record who did what, and the boot (AU-2, AU-12)."""

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
    """Returns the shell commands that start the agent at boot.

    Args:
        region: Region whose S3 address serves the package.
        architecture: Architecture of the instance.
        log_group: Log group that gets the logs, in one stream for each file of an instance.
        log_files: Files to send besides the system's own; `*` is a wildcard.
        in_image: True if the image has the agent, so that nothing is downloaded.
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
