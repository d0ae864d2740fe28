"""The sample app: what its system is in each deployment, and that the CDK command makes it in silence."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk.assertions import Template
from syrupy.assertion import SnapshotAssertion

from sample_app.app import build
from sample_app.benefits import OFFICE, PRODUCTION, SANDBOX
from tests.checkout import commit_all, git

ROOT = Path(__file__).parents[1]
NAMES = ("Benefits-Production", "Benefits-Sandbox")
DEPLOYMENTS = [("Benefits-Production", PRODUCTION), ("Benefits-Sandbox", SANDBOX)]


@pytest.fixture(scope="module")
def app(make_app: Callable[..., cdk.App]) -> cdk.App:
    """The app, with the context that the CDK command gives it."""
    configured = json.loads((ROOT / "cdk.json").read_text(encoding="utf-8"))["context"]
    recorded = json.loads((ROOT / "cdk.context.json").read_text(encoding="utf-8"))
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(ROOT)  # where its settings are
        return build(make_app(configured | recorded))


@pytest.fixture(scope="module")
def stacks(app: cdk.App) -> dict[str, cdk.Stack]:
    return {stack.stack_name: stack for stack in app.node.children if isinstance(stack, cdk.Stack)}


@pytest.fixture(scope="module")
def templates(stacks: dict[str, cdk.Stack]) -> dict[str, Template]:
    return {name: Template.from_stack(stack) for name, stack in stacks.items()}


@pytest.mark.parametrize("name", NAMES)
def test_the_sample_app_renders_as_reviewed(
    name: str,
    stacks: dict[str, cdk.Stack],
    tts_snapshot: SnapshotAssertion,
) -> None:
    assert stacks[name] == tts_snapshot


def test_no_lookup_is_left_for_aws_to_answer(app: cdk.App) -> None:
    manifest = json.loads((Path(app.synth().directory) / "manifest.json").read_text(encoding="utf-8"))
    assert manifest.get("missing", []) == []


@pytest.mark.parametrize(("name", "deployment"), DEPLOYMENTS)
def test_a_deployment_says_what_it_is(name: str, deployment: Any, templates: dict[str, Template]) -> None:
    record = templates[name].to_json()["Metadata"]["TTS"]
    assert (record["project"], record["environment"]) == ("benefits", deployment.environment)
    assert record["data_sensitivity"] == deployment.data_sensitivity


def test_production_runs_in_govcloud_and_the_sandbox_does_not(stacks: dict[str, cdk.Stack]) -> None:
    assert [stacks[name].region for name in NAMES] == ["us-gov-west-1", "us-east-1"]


def test_an_account_is_tied_to_the_environment_that_runs_in_it() -> None:
    tied = tomllib.loads((ROOT / "tts.toml").read_text(encoding="utf-8"))["accounts"]
    assert tied == {deployment.account: deployment.environment.value for deployment in (PRODUCTION, SANDBOX)}


@pytest.mark.parametrize("name", NAMES)
def test_only_the_web_service_faces_the_internet(name: str, templates: dict[str, Template]) -> None:
    balancers = templates[name].find_resources("AWS::ElasticLoadBalancingV2::LoadBalancer")
    schemes = sorted(balancer["Properties"]["Scheme"] for balancer in balancers.values())
    assert schemes == ["internal", "internet-facing"]


def https_sources(template: Template) -> set[str]:
    """The ranges from which any security group takes HTTPS."""
    groups = template.find_resources("AWS::EC2::SecurityGroup").values()
    rules = [rule for group in groups for rule in group["Properties"].get("SecurityGroupIngress", [])]
    return {str(rule.get("CidrIp", rule.get("CidrIpv6"))) for rule in rules if rule["ToPort"] == 443}


def test_everybody_reaches_production(templates: dict[str, Template]) -> None:
    assert "0.0.0.0/0" in https_sources(templates["Benefits-Production"])


def test_only_the_office_reaches_the_sandbox(templates: dict[str, Template]) -> None:
    assert https_sources(templates["Benefits-Sandbox"]) == {OFFICE}


@pytest.mark.parametrize("name", NAMES)
def test_only_the_instances_of_the_web_service_call_the_api(
    name: str, templates: dict[str, Template]
) -> None:
    callers = templates[name].find_resources(
        "AWS::EC2::SecurityGroupIngress", {"Properties": {"ToPort": 8443}}
    )
    (rule,) = callers.values()
    web, api = rule["Properties"]["SourceSecurityGroupId"], rule["Properties"]["GroupId"]
    assert "SystemWeb" in str(web)
    assert "SystemApi" in str(api)


@pytest.mark.parametrize(("service", "writes"), [("Web", True), ("Api", False)])
@pytest.mark.parametrize("name", NAMES)
def test_both_services_read_uploads_and_only_the_web_service_writes(
    name: str, service: str, writes: bool, templates: dict[str, Template]
) -> None:
    policies = templates[name].find_resources("AWS::IAM::Policy").values()
    statements = [
        statement
        for policy in policies
        if f"System{service}" in str(policy["Properties"]["Roles"])
        for statement in policy["Properties"]["PolicyDocument"]["Statement"]
        if "SystemUploads" in str(statement["Resource"])
    ]
    assert "s3:GetObject*" in str(statements)
    assert ("s3:PutObject" in str(statements)) is writes


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clean checkout of the sample app, with an origin, as a team has it."""
    folder = tmp_path_factory.mktemp("benefits")
    shutil.copytree(ROOT / "sample_app", folder / "sample_app", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("cdk.json", "cdk.context.json", "tts.toml", ".gitignore"):
        shutil.copyfile(ROOT / name, folder / name)
    commit_all(folder, "benefits")
    return folder


TOOLS = f"{Path(sys.executable).parent}:{ROOT / 'node_modules/.bin'}"


def synthesize(folder: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """`cdk synth` by the real command, without credentials or settings of whoever runs the test."""
    inherited = {
        "PATH": f"{TOOLS}:{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
        "HOME": str(folder.parent),
        "NO_COLOR": "1",
    }
    return subprocess.run(
        ["cdk", "synth", "--quiet"],
        cwd=folder,
        env=inherited | variables,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def synthesis(checkout: Path) -> subprocess.CompletedProcess[str]:
    return synthesize(checkout)


@pytest.mark.slow
def test_the_cdk_command_synthesizes_without_a_warning_or_banner(
    checkout: Path, synthesis: subprocess.CompletedProcess[str]
) -> None:
    ours, *of_the_cdk = filter(None, synthesis.stdout.splitlines())
    assert re.fullmatch(r"0 findings block, 0 warn; \d+ resources in 2 templates judged\.", ours)
    assert of_the_cdk == [
        f"Successfully synthesized to {checkout / 'cdk.out'}",
        f"Supply a stack id ({', '.join(NAMES)}) to display its template.",
    ]
    assert synthesis.returncode == 0


@pytest.mark.slow
@pytest.mark.usefixtures("synthesis")
def test_the_assembly_is_described(checkout: Path) -> None:
    done = subprocess.run(
        [sys.executable, str(ROOT / "scripts/describe_assembly.py"), "cdk.out"],
        cwd=checkout,
        capture_output=True,
        text=True,
        check=True,
    )
    files = [f"cdk.out/{name}.template.json" for name in NAMES]
    counts = [len(json.loads((checkout / file).read_text(encoding="utf-8"))["Resources"]) for file in files]
    assert done.stdout.splitlines() == [
        f"Benefits-Production (us-gov-west-1): {counts[0]} resources in {files[0]}",
        f"Benefits-Sandbox (us-east-1): {counts[1]} resources in {files[1]}",
    ]


@pytest.mark.slow
@pytest.mark.usefixtures("synthesis")
def test_a_synth_leaves_the_checkout_clean(checkout: Path) -> None:
    assert git(checkout, "status", "--porcelain") == ""


# Where nobody can tell from where the code comes


def remove_origin(folder: Path) -> None:
    git(folder, "remote", "remove", "origin")


def follow_a_folder(folder: Path) -> None:
    git(folder, "remote", "set-url", "origin", "/srv/git/benefits")


def unpack_an_archive(folder: Path) -> None:
    shutil.rmtree(folder / ".git")


def leave(_: Path) -> None:
    pass


FAST = {"CDK_VALIDATION": "false"}  # the CDK's own validation of templates, which takes most of a synth
WITHOUT_GIT = FAST | {"PATH": TOOLS}
STARTS = [
    (follow_a_folder, FAST, "a folder that nobody else can reach", "`git remote set-url origin "),
    (remove_origin, FAST, "the git repository has no remote", "`git remote add origin "),
    (unpack_an_archive, FAST, "in a folder that is not in a git repository", "`git clone "),
    (leave, WITHOUT_GIT, "git is not installed where the app was synthesized", "Install git, "),
]


@pytest.fixture
def copy(checkout: Path, tmp_path: Path) -> Path:
    """A copy of the checkout, which may be changed."""
    ignored = shutil.ignore_patterns("cdk.out", "__pycache__")
    return Path(shutil.copytree(checkout, tmp_path / "the benefits", ignore=ignored))


@pytest.mark.slow
@pytest.mark.parametrize(("start", "variables", "cause", "command"), STARTS)
def test_elsewhere_the_app_synthesizes_with_one_warning_that_names_the_cause(
    copy: Path, start: Callable[[Path], None], variables: dict[str, str], cause: str, command: str
) -> None:
    start(copy)
    done = synthesize(copy, **variables)
    assert done.returncode == 0, done.stdout
    warning, summary = done.stdout.splitlines()[:2]
    assert warning.startswith("WARNS TTS-CD-001 ")
    assert cause in warning
    assert f" Fix: {'' if command.startswith('Install') else 'Run '}{command}" in warning
    assert summary.startswith("0 findings block, 1 warn; ")
    assert done.stdout.count(cause) == 1


@pytest.mark.slow
def test_a_pipeline_that_does_not_know_the_repository_is_blocked(copy: Path) -> None:
    remove_origin(copy)
    done = synthesize(copy, **FAST, CI="true")
    assert done.returncode == 1
    assert re.match(r"BLOCKS TTS-CD-001 .*\n  (?:\S+:\d+ )?Benefits-Production: ", done.stdout)
