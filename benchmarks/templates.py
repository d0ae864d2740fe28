"""About a hundred templates with about two findings for each resource, cut from raw apps of our own.

    python -m benchmarks.templates FOLDER

The apps are those of `tests/raw_app`, with the fault of every rule. A template has a few of an app's
resources, with all that they refer to, and without tags and the app's record, like an app that nobody has
judged yet. They are the same in every run.
"""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import aws_cdk as cdk
import click

from tests import raw_app
from tests.raw_app.app import RawApp
from tests.raw_app.faults import FAULTS
from tests.raw_app.stacks import Production, Sandbox

TEMPLATES = 100
FEWEST = 18
"""Resources in a template, at least. Public CDK apps have as many on average."""

_MOST = 26
_STEP = 7
"""How many resources of its app further a template begins than the one before it."""

_IN_A_TEXT = re.compile(r"\$\{([A-Za-z0-9]+)")

Body = dict[str, Any]
"""A template, or a part of one."""


def write_templates(folder: Path) -> int:
    """Writes the templates, and returns how many resources they have.

    Args:
        folder: Where they are written, as `app-00.template.json` and so on.
    """
    apps = _faulty_apps()
    bodies = [cut(apps[number % len(apps)], number * _STEP) for number in range(TEMPLATES)]
    for number, body in enumerate(bodies):
        path = folder / f"app-{number:02}.template.json"
        path.write_text(json.dumps(body, indent=1), encoding="utf-8")
    return sum(len(body["Resources"]) for body in bodies)


def _faulty_apps() -> list[Body]:
    """Returns the templates of both stacks of the raw app, with all faults and without guardrails."""
    project = Path(raw_app.__file__).parent
    recorded = json.loads((project / "cdk.context.json").read_text(encoding="utf-8"))
    with TemporaryDirectory() as outdir:
        app = cdk.App(
            context=recorded,
            outdir=outdir,
            builtin_cloud_formation_validation=False,
            analytics_reporting=False,
        )
        raw = RawApp(app, Production(app), Sandbox(app))
        for break_rule in FAULTS.values():
            break_rule(raw)
        with contextlib.chdir(project):
            app.synth()
        names = [stack.template_file for stack in (raw.production, raw.sandbox)]
        return [json.loads(Path(outdir, name).read_text(encoding="utf-8")) for name in names]


def cut(body: Body, start: int) -> Body:
    """Returns a template with some of the resources of another, and with all that they refer to.

    Args:
        body: The other template.
        start: The position of the resource to begin with; it goes on from the first after the last.
    """
    resources = body["Resources"]
    ids = list(resources)
    kept: set[str] = set()
    for position in range(start, start + len(ids)):
        more = kept | _with_all_it_needs(ids[position % len(ids)], resources)
        if not kept or len(more) <= _MOST:
            kept = more
        if len(kept) >= FEWEST:
            break
    parts = {name: body[name] for name in ("Parameters", "Rules") if name in body}
    return parts | {"Resources": {name: _without_tags(resources[name]) for name in ids if name in kept}}


def _with_all_it_needs(logical_id: str, resources: Mapping[str, Body]) -> set[str]:
    found: set[str] = set()
    waiting = [logical_id]
    while waiting:
        name = waiting.pop()
        if name in resources and name not in found:
            found.add(name)
            waiting += _references(resources[name])
    return found


def _references(value: object) -> Iterator[str]:
    """Yields the names that a part of a template refers to."""
    if isinstance(value, list):
        for item in value:
            yield from _references(item)
    elif isinstance(value, dict):
        for key, held in value.items():
            if key in {"Ref", "DependsOn"} and isinstance(held, str):
                yield held
            elif key == "DependsOn":
                yield from held
            elif key == "Fn::GetAtt":
                yield held[0]
            elif key == "Fn::Sub":
                yield from _IN_A_TEXT.findall(held if isinstance(held, str) else held[0])
            yield from _references(held)


def _without_tags(resource: Body) -> Body:
    properties = {name: held for name, held in resource.get("Properties", {}).items() if name != "Tags"}
    return resource | {"Properties": properties} if "Properties" in resource else resource


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
def main(folder: Path) -> None:
    """Writes the templates into FOLDER."""
    folder.mkdir(parents=True, exist_ok=True)
    click.echo(f"{write_templates(folder)} resources in {TEMPLATES} templates")


if __name__ == "__main__":
    main()
