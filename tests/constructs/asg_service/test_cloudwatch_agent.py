"""The agent's boot script, run: what it installs, what it refuses, and what it sends."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import aws_ec2 as ec2

from tts_constructs.constructs.asg_service import cloudwatch_agent
from tts_constructs.constructs.asg_service.cloudwatch_agent import (
    SYSTEM_LOGS,
    Agent,
    PackageAgent,
    agent_commands,
)

X86 = ec2.InstanceArchitecture.X86_64
PACKAGE = b"a package"
needs_bash = pytest.mark.skipif(not shutil.which("bash"), reason="no bash here")
needs_gpg = pytest.mark.skipif(not shutil.which("gpg"), reason="no gpg here")


def script(agent: Agent, log_files: tuple[str, ...] = ()) -> str:
    commands = agent_commands(
        agent,
        region="us-east-1",
        architecture=X86,
        log_group_name="logs",
        log_files=log_files,
        service_name="Forms/System/Web",
    )
    return "\n".join(["#!/bin/bash", *commands, "echo booted"]) + "\n"


def sent(*log_files: str) -> dict[str, Any]:
    found = re.search(r"<<'TTS'\n(.*?)\nTTS", script(Agent.from_image(), log_files), re.DOTALL)
    assert found
    return dict(json.loads(found[1]))


def collected(*log_files: str) -> list[dict[str, Any]]:
    return list(sent(*log_files)["logs"]["logs_collected"]["files"]["collect_list"])


# What is sent


def test_a_pattern_means_each_file_that_matches() -> None:
    (log,) = (one for one in collected("/srv/app/*.log") if one["file_path"] == "/srv/app/*.log")
    assert log == {
        "file_path": "/srv/app/*.log",
        "log_group_name": "logs",
        "log_stream_name": "{instance_id}",
        "publish_multi_logs": True,
    }


def test_a_file_has_a_stream_of_its_own() -> None:
    (log,) = (one for one in collected("/srv/app/web.log") if one["file_path"] == "/srv/app/web.log")
    assert log["log_stream_name"] == "{instance_id}/srv/app/web.log"
    assert "publish_multi_logs" not in log


@pytest.mark.parametrize(
    "path", ["/var/log/web.log", "/var/log/web-*.log", "/var/log/syslog", "/var/log/apt/term.log"]
)
def test_a_file_that_is_sent_anyway_is_not_sent_twice(path: str) -> None:
    assert [log["file_path"] for log in collected(path, path)] == list(SYSTEM_LOGS)


@pytest.mark.parametrize("path", ["/var/log/app/web.log", "/var/log/*", "/var/log/web.json"])
def test_a_file_that_the_systems_patterns_leave_out_is_sent_once(path: str) -> None:
    assert [log["file_path"] for log in collected(path, path)] == [*SYSTEM_LOGS, path]


def test_memory_and_each_file_system_are_measured_by_service() -> None:
    metrics = sent()["metrics"]
    assert metrics["metrics_collected"]["mem"]["measurement"] == ["mem_used_percent"]
    disk = metrics["metrics_collected"]["disk"]
    assert (disk["measurement"], disk["resources"]) == (["disk_used_percent"], ["*"])
    assert "squashfs" in disk["ignore_file_system_types"]
    assert disk["append_dimensions"] == {"Service": "Forms/System/Web"}
    assert metrics["aggregation_dimensions"] == [["Service"]]


# What is installed: the script runs with a `curl` and a `dpkg` of its own


class Instance:
    """A folder with the programs that the script finds, and what its `curl` can load."""

    def __init__(self, folder: Path) -> None:
        self.home = folder
        self.files = folder / "s3"
        self.files.mkdir()
        programs = folder / "bin"
        programs.mkdir()
        self._program(programs / "curl", 'args=("$@"); cp "$S3/${args[-1]##*/}" "${args[-2]}"')
        self._program(programs / "dpkg", 'cat "$2" >> "$S3/../installed"')
        (self.files / "amazon-cloudwatch-agent.deb").write_bytes(PACKAGE)

    @staticmethod
    def _program(path: Path, line: str) -> None:
        path.write_text(f"#!/bin/bash\n{line}\n", encoding="utf-8")
        path.chmod(0o755)

    def boot(self, agent: Agent) -> subprocess.CompletedProcess[str]:
        """Runs the script below the folder, and nothing of it outside."""
        own = script(agent).replace("/var/cache", str(self.home)).replace("/opt/aws", f"{self.home}/aws")
        environment = os.environ | {"PATH": f"{self.home}/bin:{os.environ['PATH']}", "S3": str(self.files)}
        return subprocess.run(
            ["bash", "-c", own], env=environment, capture_output=True, text=True, check=False, timeout=60
        )

    @property
    def installed(self) -> bytes:
        path = self.home / "installed"
        return path.read_bytes() if path.exists() else b""

    @property
    def left_over(self) -> list[str]:
        return [path.name for path in self.home.iterdir() if path.name.startswith("tmp.")]


@pytest.fixture
def instance(tmp_path: Path) -> Instance:
    return Instance(tmp_path)


def pinned(package: bytes = PACKAGE) -> PackageAgent:
    return PackageAgent("1.2.3", {"x86_64": hashlib.sha256(package).hexdigest()})


SIGNED = PackageAgent(None, {})


@needs_bash
@pytest.mark.slow
@pytest.mark.parametrize("agent", [Agent.from_image(), SIGNED, pinned()], ids=["image", "signed", "pinned"])
def test_bash_can_read_the_script(agent: Agent) -> None:
    done = subprocess.run(
        ["bash", "-n"], input=script(agent), capture_output=True, text=True, check=False, timeout=60
    )
    assert (done.returncode, done.stderr) == (0, "")


@needs_bash
@pytest.mark.slow
def test_the_package_of_the_digest_is_installed(instance: Instance) -> None:
    instance.boot(pinned())
    assert instance.installed == PACKAGE
    assert instance.left_over == []


@needs_bash
@pytest.mark.slow
def test_a_package_of_another_digest_is_not_installed_and_the_instance_boots(instance: Instance) -> None:
    done = instance.boot(pinned(b"another package"))
    assert instance.installed == b""
    assert "The CloudWatch agent is not installed" in done.stderr
    assert done.stdout.endswith("booted\n")
    assert instance.left_over == []


@needs_bash
@pytest.mark.slow
def test_without_the_package_the_instance_boots(instance: Instance) -> None:
    (instance.files / "amazon-cloudwatch-agent.deb").unlink()
    done = instance.boot(pinned())
    assert instance.installed == b""
    assert done.stdout.endswith("booted\n")


class Signer:
    """A key, such as Amazon's or somebody else's."""

    def __init__(self, home: Path) -> None:
        home.mkdir(mode=0o700)
        self._home = home
        self._gpg("--passphrase", "", "--quick-generate-key", home.name, "rsa2048", "sign", "never")
        listed = self._gpg("--with-colons", "--list-keys").stdout.decode()
        self.fingerprint = next(line for line in listed.splitlines() if line.startswith("fpr")).split(":")[9]

    def _gpg(self, *arguments: str, given: bytes | None = None) -> subprocess.CompletedProcess[bytes]:
        command = ("gpg", "--homedir", str(self._home), "--batch", "--quiet", *arguments)
        return subprocess.run(command, input=given, capture_output=True, check=True, timeout=60)

    @property
    def key(self) -> bytes:
        return self._gpg("--armor", "--export").stdout

    def sign(self, content: bytes) -> bytes:
        return self._gpg("--pinentry-mode", "loopback", "--detach-sign", given=content).stdout

    def stop(self) -> None:
        """Ends the agent of gpg that keeps its secret key."""
        environment = os.environ | {"GNUPGHOME": str(self._home)}
        subprocess.run(["gpgconf", "--kill", "all"], env=environment, check=False, timeout=60)


@pytest.fixture(scope="module")
def signers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapping[str, Signer]]:
    folder = tmp_path_factory.mktemp("gpg")
    made = {name: Signer(folder / name) for name in ("amazon", "other")}
    yield made
    for signer in made.values():
        signer.stop()


@needs_bash
@needs_gpg
@pytest.mark.slow
@pytest.mark.parametrize(
    ("keys", "signed_by", "signed", "installed"),
    [
        (["amazon"], "amazon", PACKAGE, PACKAGE),
        (["amazon"], "amazon", b"another package", b""),
        (["other"], "other", PACKAGE, b""),
        (["amazon", "other"], "other", PACKAGE, b""),
        (["amazon", "other"], "amazon", PACKAGE, PACKAGE),
        (["other"], "amazon", PACKAGE, b""),
    ],
)
def test_only_what_amazon_signed_is_installed(
    instance: Instance,
    signers: Mapping[str, Signer],
    monkeypatch: pytest.MonkeyPatch,
    keys: list[str],
    signed_by: str,
    signed: bytes,
    installed: bytes,
) -> None:
    monkeypatch.setattr(cloudwatch_agent, "SIGNING_KEY", signers["amazon"].fingerprint)
    key = b"".join(signers[name].key for name in keys)
    (instance.files / "amazon-cloudwatch-agent.gpg").write_bytes(key)
    (instance.files / "amazon-cloudwatch-agent.deb.sig").write_bytes(signers[signed_by].sign(signed))
    done = instance.boot(SIGNED)
    assert instance.installed == installed
    assert ("is not installed" in done.stderr) is (installed == b"")
    assert done.stdout.endswith("booted\n")


@needs_bash
@pytest.mark.slow
def test_a_package_without_a_signature_is_not_installed(instance: Instance) -> None:
    done = instance.boot(SIGNED)
    assert instance.installed == b""
    assert done.stdout.endswith("booted\n")
