"""moto's server, in its own process."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sample_app.benefits import PRODUCTION
from tests.checkout import commit_all

ROOT = Path(__file__).parents[2]
OWNER = "777788889999"
"""Owner of the baseline image in the sample app's settings."""

_PATIENCE_SECONDS = 60
_CREDENTIALS = {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing"}  # moto takes any


@dataclass(frozen=True)
class Image:
    """An image of the name of the baseline, made some days ago."""

    id: str
    days_old: int
    owner: str = OWNER
    architecture: str = "x86_64"

    @property
    def name(self) -> str:
        return f"FISMA Ready Baseline Ubuntu ({int(self._made.timestamp())} - Packer)"

    @property
    def _made(self) -> datetime:
        # At midnight, so that it gets no day older while the tests run.
        midnight = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        return midnight - timedelta(days=self.days_old)

    @property
    def definition(self) -> dict[str, object]:
        """The image as moto takes it."""
        return {
            "ami_id": self.id,
            "name": self.name,
            "owner_id": self.owner,
            "architecture": self.architecture,
            "creation_date": self._made.strftime("%Y-%m-%dT%H:%M:%S.000Z"),
            "root_device_name": "/dev/sda1",
            "root_device_type": "ebs",
            "virtualization_type": "hvm",
        }


@dataclass(frozen=True)
class Cloud:
    """moto at `endpoint`, which answers everybody for the account of the sample app's production."""

    endpoint: str

    @property
    def environment(self) -> dict[str, str]:
        """What a command needs in its environment to ask there, and nowhere else."""
        return {
            "AWS_ENDPOINT_URL": self.endpoint,
            **_CREDENTIALS,
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        }

    def client(self, service: str) -> Any:
        """A client of a service in the region of the sample app's production."""
        import boto3

        return boto3.client(
            service,
            region_name=PRODUCTION.region,
            endpoint_url=self.endpoint,
            **{name.lower(): value for name, value in _CREDENTIALS.items()},
        )


@contextmanager
def cloud(folder: Path, images: Sequence[Image]) -> Iterator[Cloud]:
    """Starts an AWS that has some images, in every account and region, and stops it at the end."""
    known = folder / "images.json"
    known.write_text(json.dumps([image.definition for image in images]), encoding="utf-8")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    environment = os.environ | {"MOTO_AMIS_PATH": str(known), "MOTO_ACCOUNT_ID": PRODUCTION.account}
    command = [sys.executable, "-m", "moto.server", "--host", "127.0.0.1", "--port", str(port)]
    with (
        (folder / "moto.log").open("w", encoding="utf-8") as log,
        subprocess.Popen(command, env=environment, stdout=log, stderr=log) as server,
    ):
        try:
            _await(port, server)
            yield Cloud(f"http://127.0.0.1:{port}")
        finally:
            server.terminate()


def _await(port: int, server: subprocess.Popen[bytes]) -> None:
    """Waits until the server takes connections."""
    end = time.monotonic() + _PATIENCE_SECONDS
    while server.poll() is None and time.monotonic() < end:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise TimeoutError("moto's server does not take connections; its log is in moto.log")


@dataclass(frozen=True)
class Team:
    """A clone of the sample app, without recorded lookups."""

    folder: Path

    @classmethod
    def clone(cls, folder: Path) -> Team:
        """A new clone, in version control as production has to be."""
        shutil.copytree(ROOT / "sample_app", folder / "sample_app", ignore=shutil.ignore_patterns("*.pyc"))
        shutil.copy(ROOT / "cdk.json", folder)
        settings = (ROOT / "tts.toml").read_text(encoding="utf-8")
        # moto's images have a root volume and no other.
        own = settings.replace("[image]\n", '[image]\ndevices = ["/dev/sda1"]\n')
        (folder / "tts.toml").write_text(own, encoding="utf-8")
        ignored = "__pycache__/\ncdk.out/\ncdk.context.json\ntts.toml\n"
        (folder / ".gitignore").write_text(ignored, encoding="utf-8")
        commit_all(folder, "benefits")
        return cls(folder)

    def run(self, aws: Cloud, *command: str) -> subprocess.CompletedProcess[str]:
        """Runs the `cdk` or `tts` command here."""
        tools = (Path(sys.executable).parent, ROOT / "node_modules/.bin", os.environ["PATH"])
        inherited = {
            name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "CDK_"))
        }
        return subprocess.run(
            command,
            cwd=self.folder,
            env=inherited | aws.environment | {"PATH": os.pathsep.join(map(str, tools))},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=600,
        )

    def synthesize(self, aws: Cloud) -> subprocess.CompletedProcess[str]:
        """Runs `cdk synth`."""
        return self.run(aws, "cdk", "synth", "--quiet")

    @property
    def context(self) -> dict[str, Any]:
        """The recorded lookups."""
        return dict(json.loads((self.folder / "cdk.context.json").read_text(encoding="utf-8")))

    @property
    def recorded_images(self) -> set[str]:
        """The images that lookups have found."""
        return {value for key, value in self.context.items() if key.startswith("ami:")}

    @property
    def template(self) -> dict[str, Any]:
        """The template of production."""
        file = self.folder / "cdk.out/Benefits-Production.template.json"
        return dict(json.loads(file.read_text(encoding="utf-8")))

    @property
    def launched_images(self) -> set[str]:
        """The images that production's instances start from."""
        return {
            template["Properties"]["LaunchTemplateData"]["ImageId"]
            for template in of_type(self.template, "AWS::EC2::LaunchTemplate").values()
        }


def of_type(template: Mapping[str, Any], resource_type: str) -> dict[str, Any]:
    """The resources of a type, by logical id."""
    resources = template["Resources"]
    return {name: resource for name, resource in resources.items() if resource["Type"] == resource_type}
