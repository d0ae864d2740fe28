"""Judges that we did not write, over the templates of cloud assemblies."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Any

import aws_cdk as cdk

OURS = "tts-constructs"
"""Our own judge, as the report of a synth calls it."""

JUDGES = {
    "AwsSolutions": "cdk-nag AwsSolutionsChecks",
    "NIST.800.53.R5": "cdk-nag NIST80053R5Checks",
    "CloudFormation Validate": "the CDK's own validation",
    "cfn-lint": "cfn-lint",
    "checkov": "checkov",
}
"""What a finding's judge is called, and what people call it."""

CONTEXT: dict[str, Any] = {"aws:cdk:enable-path-metadata": True}
"""Context that an app needs, so that findings without a construct path get one."""


@dataclass(frozen=True, order=True)
class Finding:
    """What a judge says of a resource.

    Args:
        judge: One of `JUDGES`, or `OURS`.
        rule: The judge's name for its rule.
        path: The construct path, with the stack; empty where it names none.
        assembly: Folder of the assembly, relative to the folder that was judged.
    """

    judge: str
    rule: str
    path: str
    assembly: str = "."

    @property
    def stack(self) -> str:
        return self.path.partition("/")[0]

    @property
    def path_in_stack(self) -> str:
        return self.path.partition("/")[2]


def attach(app: cdk.App) -> None:
    """Lets cdk-nag judge an app when it is synthesized, beside the CDK's own validation."""
    from cdk_nag import AwsSolutionsChecks, NIST80053R5Checks

    cdk.Validations.of(app).add_plugins(AwsSolutionsChecks(app), NIST80053R5Checks(app))


def findings(folder: Path) -> list[Finding]:
    """What all judges say of the assemblies in a folder."""
    manifests = sorted(folder.rglob("manifest.json"))
    assert manifests, f"{folder} holds no assembly"
    assemblies = [_Assembly(manifest.parent, folder) for manifest in manifests]
    return sorted({*_of_synth(assemblies), *_of_cfn_lint(assemblies), *_of_checkov(assemblies, folder)})


class _Assembly:
    """An assembly with what is needed to say which construct a finding means."""

    def __init__(self, folder: Path, judged: Path) -> None:
        self.folder = folder
        self.name = folder.relative_to(judged).as_posix()
        artifacts = _read(folder / "manifest.json")["artifacts"].values()
        self.stacks = {
            folder / artifact["properties"]["templateFile"]: artifact
            for artifact in artifacts
            if artifact["type"] == "aws:cloudformation:stack"
        }

    def region(self, template: Path) -> str:
        return str(self.stacks[template]["environment"]).rpartition("/")[2]

    def path(self, template: Path, logical_id: str) -> str:
        """The construct path of a resource, or of its template where the id is of none."""
        stack = str(self.stacks[template].get("displayName") or template.name.removesuffix(".template.json"))
        resource = _read(template)["Resources"].get(logical_id, {})
        return str(resource.get("Metadata", {}).get("aws:cdk:path", f"{stack}/{logical_id}"))


def _of_synth(assemblies: list[_Assembly]) -> Iterator[Finding]:
    for assembly in assemblies:
        for plugin in _read(assembly.folder / "validation-report.json")["pluginReports"]:
            for violation in plugin["violations"]:
                for path in [one["constructPath"] for one in violation["violatingConstructs"]] or [""]:
                    yield Finding(plugin["pluginName"], violation["ruleName"], path, assembly.name)


def _of_cfn_lint(assemblies: list[_Assembly]) -> Iterator[Finding]:
    # It judges by the region, so each is asked of its own.
    files = [(one.region(template), template, one) for one in assemblies for template in one.stacks]
    files.sort(key=lambda file: file[:2])
    for region, group in groupby(files, key=lambda file: file[0]):
        owners = {template: assembly for _, template, assembly in group}
        done = _run("cfn-lint", "--format", "json", "--regions", region, "--", *map(str, owners))
        for match in json.loads(done):
            template = Path(match["Filename"])
            place = match["Location"]["Path"] or [""]
            logical_id = place[1] if place[0] == "Resources" and len(place) > 1 else "/".join(map(str, place))
            assembly = owners[template]
            yield Finding("cfn-lint", match["Rule"]["Id"], assembly.path(template, logical_id), assembly.name)


def _of_checkov(assemblies: list[_Assembly], folder: Path) -> Iterator[Finding]:
    owners = {template: assembly for assembly in assemblies for template in assembly.stacks}
    options = ("--quiet", "--compact", "--skip-download", "--framework=cloudformation", "--output=json")
    report = json.loads(_run("checkov", *options, f"--directory={folder}"))
    for check in report["results"]["failed_checks"]:
        template = folder / check["file_path"].lstrip("/")
        logical_id = check["resource"].rpartition(".")[2]
        path = owners[template].path(template, logical_id)
        yield Finding("checkov", check["check_id"], path, owners[template].name)


def _run(command: str, *arguments: str) -> str:
    """What a judge beside this Python prints; its exit code only says whether it found anything."""
    program = Path(sys.executable).with_name(command)
    done = subprocess.run([program, *arguments], capture_output=True, text=True, check=False)
    assert done.stdout, done.stderr
    return done.stdout


@cache
def _read(file: Path) -> Any:
    return json.loads(file.read_text(encoding="utf-8"))


def plain(rule: str) -> str:
    """A rule of cdk-nag without what it found: `AwsSolutions-IAM5[Resource::*]` is `AwsSolutions-IAM5`."""
    return re.sub(r"\[.*\]$", "", rule)
