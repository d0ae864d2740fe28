"""A typical raw app complies after one round: its changes are those that fixes say, and nothing blocks."""

from __future__ import annotations

import ast
import json
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import aws_cdk as cdk
import pytest

from tests.fixes.one_round import after
from tests.new_to_rules import app as before
from tts_constructs.policy.model.finding import Finding
from tts_constructs.testing import findings

FOLDER = Path(after.__file__).parent

NEEDED_BY_THE_CDK = {
    "Certificate": "the value of `certificate=`",
    "from_certificate_arn": "one way to have a certificate",
    "auto_scaling_group_name": "the value of a dimension",
    "instance_identifier": "the value of a dimension",
    "load_balancer_full_name": "the value of a dimension",
    "subnet_type": "what an `ec2.SubnetSelection` selects by",
    "SubnetType": "what an `ec2.SubnetSelection` selects by",
    "PRIVATE_WITH_EGRESS": "a kind of subnet of this VPC",
    "cidr": "`add_entry` demands it",
    "AclCidr": "the value of `cidr`",
    "rule_number": "`add_entry` demands it",
    "traffic": "`add_entry` demands it",
    "TrafficDirection": "the value of `direction=`",
    "INGRESS": "a value of `direction=`",
    "EGRESS": "a value of `direction=`",
    "log_driver": "the pattern takes an `ecs.LogDriver` by it",
    "stream_prefix": "`ecs.LogDriver.aws_logs` demands it",
    "create_alarm": "how a metric makes an alarm",
    "threshold": "`create_alarm` demands it",
    "evaluation_periods": "`create_alarm` demands it",
}
"""Words that no fix says, and why who follows a fix writes them."""


@pytest.fixture(scope="module")
def judged(
    make_app: Callable[..., cdk.App], tmp_path_factory: pytest.TempPathFactory
) -> Callable[[ModuleType], list[Finding]]:
    """Judges one of the apps, with its zones and image recorded."""
    recorded = json.loads((FOLDER / "cdk.context.json").read_text(encoding="utf-8"))
    folder = tmp_path_factory.mktemp("app")
    shutil.copy(FOLDER / "tts.toml", folder)

    def judge(module: ModuleType) -> list[Finding]:
        with pytest.MonkeyPatch.context() as patch:
            patch.chdir(folder)
            app = make_app(recorded)
            module.build(app)
            return findings(app)

    return judge


@pytest.fixture(scope="module")
def found_before(judged: Callable[[ModuleType], list[Finding]]) -> list[Finding]:
    return judged(before)


@pytest.fixture(scope="module")
def found_after(judged: Callable[[ModuleType], list[Finding]]) -> list[Finding]:
    return judged(after)


def test_the_raw_app_breaks_rules_of_every_kind(found_before: list[Finding]) -> None:
    families = {finding.rule_id.split("-")[1] for finding in found_before if finding.blocks}
    assert families >= {"ASG", "CD", "DATA", "EC2", "LOG", "NET", "S3", "TAG", "TLS", "VPC"}


def test_after_one_round_nothing_blocks(found_after: list[Finding]) -> None:
    blocking = [finding for finding in found_after if finding.blocks]
    assert [(finding.rule_id, finding.path, finding.message) for finding in blocking] == []


def test_one_round_brings_no_new_warnings(found_before: list[Finding], found_after: list[Finding]) -> None:
    assert {finding.rule_id for finding in found_after} <= {"TTS-SVC-001"}
    assert {finding.rule_id for finding in found_after} <= {finding.rule_id for finding in found_before}


def test_every_change_of_the_round_is_one_that_a_fix_says(found_before: list[Finding]) -> None:
    new = set(_words(after)) - set(_words(before))
    assert sorted(new - _words_of_fixes(found_before) - NEEDED_BY_THE_CDK.keys()) == []


def test_every_argument_of_the_round_has_the_value_that_a_fix_says(found_before: list[Finding]) -> None:
    said = _code(found_before)
    new = set(_arguments(after)) - set(_arguments(before))
    assert sorted(argument for argument in new if not _is_said(argument, said)) == []


def test_what_the_cdk_needs_is_in_the_app_and_in_no_fix(found_before: list[Finding]) -> None:
    assert sorted(NEEDED_BY_THE_CDK.keys() - set(_words(after))) == []
    assert sorted(NEEDED_BY_THE_CDK.keys() & _words_of_fixes(found_before)) == []


def _code(found: list[Finding]) -> list[str]:
    """What the fixes have in backticks: what a reader types."""
    fixes = {finding.fix for finding in found}
    return [_plain(code) for fix in fixes for code in re.findall(r"`([^`]+)`", fix)]


def _words_of_fixes(found: list[Finding]) -> set[str]:
    return {word for code in _code(found) for word in re.findall(r"\w+", code)}


def _words(module: ModuleType) -> Iterator[str]:
    """The names of classes, methods, members, and arguments that an app uses."""
    for node in ast.walk(_tree(module)):
        if isinstance(node, ast.Attribute):
            yield node.attr
        elif isinstance(node, ast.keyword) and node.arg:
            yield node.arg


def _arguments(module: ModuleType) -> Iterator[str]:
    """The arguments of an app whose values are constants or members, such as `min_capacity=2`."""
    for node in ast.walk(_tree(module)):
        if isinstance(node, ast.keyword) and node.arg and _is_stated(node.value):
            yield ast.unparse(node)


def _is_stated(value: ast.expr) -> bool:
    is_member = isinstance(value, ast.Attribute) and value.attr.isupper()
    return isinstance(value, ast.Constant) or is_member


def _is_said(argument: str, said: list[str]) -> bool:
    """Whether a fix says an argument, or leaves its value open (`owner=…`, `vpc_subnets=`)."""
    name = argument.partition("=")[0]
    is_open = re.compile(rf"\b{name}=(…|$)")
    return name in NEEDED_BY_THE_CDK or any(_plain(argument) in code or is_open.search(code) for code in said)


def _plain(text: str) -> str:
    return re.sub(r"[\s\"']", "", text)


def _tree(module: ModuleType) -> ast.Module:
    return ast.parse(Path(str(module.__file__)).read_text(encoding="utf-8"))
