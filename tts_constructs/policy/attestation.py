"""The attestation of a cloud assembly: which rules judged which templates, and what came of it.

Guardrails write it into the assembly; before something is deployed, `tts verify` compares it with what is
there. The same assembly gets the same attestation on every machine: it holds no time, path or account id.
It is no signature: who can write the templates can write the attestation too (docs/adr/0020-attestation.md).
Source: NIST SP 800-53 CM-3, CM-5, SA-10.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from tts_constructs._version import __version__
from tts_constructs.errors import InputError
from tts_constructs.policy.document import parse
from tts_constructs.policy.engine import NO_GUARDRAILS, Guardrails, environment_of
from tts_constructs.policy.files import read_text, sha256, write_text
from tts_constructs.policy.redact import redact
from tts_constructs.policy.rule import Finding
from tts_constructs.policy.settings import Settings
from tts_constructs.policy.system import Environment
from tts_constructs.policy.template import Assembly, Stack

FILE_NAME = "tts-attestation.json"
VERSION = 1

_MANIFEST = "manifest.json"
_TEMPLATE_ENDINGS = (".json", ".yaml", ".yml", ".template")
_NO_TEMPLATE = re.compile(
    r"(manifest|tree|(policy-)?validation-report|tts-\w+)\.json|.+\.(assets|metadata)\.json"
)
"""What the CDK and this library put beside templates, and which may quote them."""


def attest(
    root: Path,
    assembly: Assembly,
    findings: Iterable[Finding],
    *,
    rules: Iterable[str],
    judged: Callable[[Stack], bool],
    guardrails: Callable[[Stack], Guardrails],
) -> None:
    """Writes the attestation of a judged assembly.

    Args:
        root: The cloud assembly.
        assembly: What was read from it.
        findings: All that was found.
        rules: Ids of the rules that were evaluated.
        judged: Whether a stack was judged as a whole; the template of another one is not attested.
        guardrails: What guardrails in the app say of a stack.
    """
    findings = tuple(findings)
    files = _files_in(root)
    # Of what was read, not of what stands there now: another synth may have written there meanwhile.
    read = {_key(root, path): digest for path, digest in assembly.files.digests.items()}
    keys = {True: set[str](), False: set[str]()}
    for stack in assembly.stacks:
        if stack.template_path:
            keys[judged(stack)].add(_key(root, stack.template_path))
    _write(
        root,
        rules=sorted(rules),
        settings=_settings(assembly.settings),
        stacks={
            stack.name: _of_stack(root, stack, assembly.settings, guardrails(stack))
            for stack in assembly.stacks
            if stack.parent is None and judged(stack)
        },
        templates=_hashes(root, (set(files.named) - keys[False]) | keys[True], read),
        manifests=_hashes(root, files.manifests, read),
        waived=[_of_finding(finding) | {"waiver": finding.waiver} for finding in findings if finding.waiver],
        blocking=[_of_finding(finding) for finding in findings if finding.blocks],
        pending=sorted({str(lookup.get("provider")) for lookup in assembly.lookups.missing}),
    )


def attest_failure(root: Path, rule_id: str, message: str) -> None:
    """Writes the attestation of an assembly that could not be judged: no template, and why it blocks."""
    _write(
        root,
        rules=[],
        settings={},
        stacks={},
        templates={},
        manifests={},
        waived=[],
        blocking=[{"rule_id": rule_id, "place": "", "title": redact(message)}],
        pending=[],
    )


def faults(root: Path) -> list[str]:
    """What speaks against deploying a cloud assembly, one sentence each; nothing is judged anew.

    Returns:
        The faults; none where guardrails judged exactly these templates and nothing blocked.

    Raises:
        InputError: It is no cloud assembly.
    """
    files = _files_in(root)
    attestation = _read(root)
    if attestation is None:
        return [f"no {FILE_NAME} that can be read: nothing shows that guardrails judged this assembly"]
    templates = _hashes(root, {*files.named, *files.lying})
    return [
        *_differences(attestation["templates"], templates),
        *_differences(attestation["manifests"], _hashes(root, files.manifests)),
        *map(_shown, attestation["blocking"]),
        *(
            f"a lookup was pending ({provider}): synthesize with the cdk command, and commit the "
            "cdk.context.json that it writes"
            for provider in attestation["pending"]
        ),
    ]


def _shown(blocking: Mapping[str, Any]) -> str:
    place = f" at {blocking['place']}" if blocking.get("place") else ""
    return f"{blocking.get('rule_id')} blocked{place}: {blocking.get('title')}"


def stated_guardrails(paths: Iterable[Path]) -> Callable[[Stack], Guardrails]:
    """What guardrails in the app said of stacks when it was synthesized, as attestations tell.

    Args:
        paths: Where attestations may be. One counts for the stacks whose templates are as they were then.
    """
    stated: dict[tuple[Path, str], Guardrails] = {}
    for root in paths:
        attestation = _read(root) or {}
        for stack in attestation.get("stacks", {}).values():
            key = str(stack.get("template"))
            digest = str(attestation["templates"].get(key))
            stated[(root / key).resolve(), digest] = Guardrails(
                environment=_environment(stack.get("guardrails")),
                minimum=_environment(stack.get("minimum")),
            )

    def guardrails(stack: Stack) -> Guardrails:
        path = stack.outermost.template_path
        digest = stack.assembly.files.digests.get(path) if path else None
        return stated.get((path.resolve(), digest), NO_GUARDRAILS) if path and digest else NO_GUARDRAILS

    return guardrails


def _environment(value: object) -> Environment | None:
    return Environment(value) if isinstance(value, str) and value in set(Environment) else None


# What an attestation says


def _of_stack(root: Path, stack: Stack, settings: Settings, guardrails: Guardrails) -> dict[str, Any]:
    return {
        "template": _key(root, stack.template_path) if stack.template_path else None,
        "environment": environment_of(stack, settings, guardrails),
        "guardrails": guardrails.environment,
        "minimum": guardrails.minimum,
    }


def _of_finding(finding: Finding) -> dict[str, Any]:
    place = finding.construct_path or "/".join(filter(None, (finding.stack, finding.logical_id)))
    return {"rule_id": finding.rule_id, "place": redact(place), "title": finding.title}


def _settings(settings: Settings) -> dict[str, Any]:
    """The settings without what identifies an account or a machine, and a hash of all of them."""
    stated = asdict(settings)
    del stated["path"]
    text = json.dumps(stated, sort_keys=True, default=_content)
    del stated["accounts"], stated["image"]["owners"]
    return {"sha256": hashlib.sha256(text.encode()).hexdigest(), **stated}


def _content(value: object) -> object:
    """A file that settings name counts by what it holds."""
    if isinstance(value, Path):
        return sha256(value) if value.is_file() else None
    return str(value)


# The file


def _write(root: Path, **content: Any) -> None:
    document = {"version": VERSION, "tool": {"name": "tts-constructs", "version": __version__}, **content}
    write_text(root / FILE_NAME, f"{json.dumps(document, indent=2, default=_content)}\n")


def _read(root: Path) -> dict[str, Any] | None:
    """The attestation in a folder; None where there is none in the format that is written here."""
    try:
        document = json.loads((root / FILE_NAME).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return document if _is_attestation(document) else None


def _is_attestation(document: Any) -> bool:
    if not isinstance(document, dict) or document.get("version") != VERSION:
        return False
    maps = [document.get(name) for name in ("templates", "manifests", "stacks")]
    lists = [document.get(name) for name in ("blocking", "pending")]
    return (
        all(isinstance(one, dict) for one in maps)
        and all(isinstance(one, list) for one in lists)
        and all(isinstance(one, dict) for one in (*document["stacks"].values(), *document["blocking"]))
    )


# The assembly


@dataclass(frozen=True)
class _Files:
    """Files of an assembly by their paths below it.

    Args:
        manifests: What says where templates go: manifests, and the asset manifests that they name.
        named: Templates that these name.
        lying: Templates that lie beside them, perhaps of an earlier synth.
    """

    manifests: tuple[str, ...]
    named: tuple[str, ...]
    lying: tuple[str, ...]


def _files_in(root: Path) -> _Files:
    manifests: list[Path] = []
    named: list[Path] = []
    lying: list[Path] = []
    try:
        for folder, artifacts in _assemblies(root):
            manifests.append(folder / _MANIFEST)
            lying += filter(_looks_like_a_template, folder.iterdir())
            for artifact in artifacts:
                if artifact["type"] == "aws:cloudformation:stack":
                    named.append(folder / artifact["properties"]["templateFile"])
                elif artifact["type"] == "cdk:asset-manifest":
                    manifests.append(folder / artifact["properties"]["file"])
                    named += filter(_looks_like_a_template, _file_assets(manifests[-1]))
    except (AttributeError, KeyError, TypeError):
        raise InputError(str(root), ["is not a cloud assembly that the CDK has written"]) from None
    return _Files(*(tuple(_key(root, path) for path in paths) for paths in (manifests, named, lying)))


def _assemblies(root: Path) -> Iterator[tuple[Path, list[dict[str, Any]]]]:
    """The folder of the app and of each stage below it, with its artifacts."""
    folders, seen = [root], set[Path]()
    while folders:
        folder = folders.pop()
        if folder.resolve() in seen:
            continue
        seen.add(folder.resolve())
        path = folder / _MANIFEST
        artifacts = list(parse(read_text(path), str(path)).get("artifacts", {}).values())
        yield folder, artifacts
        folders += [
            folder / artifact["properties"]["directoryName"]
            for artifact in artifacts
            if artifact["type"] == "cdk:cloud-assembly"
        ]


def _file_assets(manifest: Path) -> Iterator[Path]:
    for file in parse(read_text(manifest), str(manifest)).get("files", {}).values():
        if file["source"].get("path"):
            yield manifest.parent / file["source"]["path"]


def _looks_like_a_template(path: Path) -> bool:
    if _NO_TEMPLATE.fullmatch(path.name) or not path.name.endswith(_TEMPLATE_ENDINGS) or not path.is_file():
        return False
    return ".template." in path.name or b"Resources" in path.read_bytes()


def _key(root: Path, path: Path) -> str:
    return Path(os.path.relpath(path.resolve(), root.resolve())).as_posix()


def _hashes(
    root: Path, keys: Iterable[str], read: Mapping[str, str] = MappingProxyType({})
) -> dict[str, str]:
    """The hashes of files that are there: those of what was read, else of what they hold."""
    return {key: read.get(key) or sha256(root / key) for key in sorted(set(keys)) if (root / key).is_file()}


def _differences(attested: Mapping[str, str], present: Mapping[str, str]) -> Iterator[str]:
    for key in sorted({*attested, *present}):
        if key not in attested:
            yield f"{key} was not judged"
        elif key not in present:
            yield f"{key} was judged and is no longer there"
        elif attested[key] != present[key]:
            yield f"{key} has changed since it was judged"
