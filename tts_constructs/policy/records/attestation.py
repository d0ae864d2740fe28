"""The attestation of a cloud assembly: which rules judged which templates, and the result.

Guardrails write it into the assembly. Before a deployment, `tts verify` compares it with the files that are
there. The same assembly gets the same attestation on every machine: it holds no time, path or account id.
It is not a signature: anyone who can write the templates can also write it (docs/adr/0020-attestation.md).
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
from tts_constructs.files import read_text, sha256, sha256_of_folder, write_text
from tts_constructs.policy.aws.pending_lookups import RECORD
from tts_constructs.policy.engine.environments import NO_GUARDRAILS, Guardrails, environment_of
from tts_constructs.policy.loading.parser import parse
from tts_constructs.policy.model.assembly import Assembly
from tts_constructs.policy.model.finding import Finding
from tts_constructs.policy.model.stack import Stack
from tts_constructs.policy.settings.model import Settings
from tts_constructs.provenance import gaps, is_commit, what
from tts_constructs.redaction import redact
from tts_constructs.system_metadata import Environment

FILE_NAME = "tts-attestation.json"
VERSION = 1

_MANIFEST = "manifest.json"
_TEMPLATE_ENDINGS = (".json", ".yaml", ".yml", ".template")
_OUTSIDE = "it lies outside of the assembly"
_MADE_LATER = "a command makes it when it is published"
_NO_TEMPLATE = re.compile(
    r"(manifest|tree|(policy-)?validation-report|tts-\w+)\.json|.+\.(assets|metadata)\.json"
)
"""Files that the CDK and this library write beside templates, and that may quote them."""


def attest(
    root: Path,
    assembly: Assembly,
    findings: Iterable[Finding],
    *,
    rules: Iterable[str],
    judged: Callable[[Stack], bool],
    guardrails: Callable[[Stack], Guardrails],
) -> None:
    """Write the attestation of a judged assembly.

    Args:
        root: The cloud assembly.
        assembly: The assembly as it was read.
        findings: All findings.
        rules: Ids of the rules that were evaluated.
        judged: Whether a stack was judged as a whole; other templates are not attested.
        guardrails: What guardrails in the app say about a stack.
    """
    findings = tuple(findings)
    files = _files_in(root)
    # Use what was read, not what the files hold now: another synth may have written there meanwhile.
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
        assets=_hashes(root, set(files.assets) - keys[True] - keys[False]),
        uncovered=dict(files.uncovered),
        manifests=_hashes(root, files.manifests, read),
        waived=[_of_finding(finding) | {"waiver": finding.waiver} for finding in findings if finding.waiver],
        blocking=[_of_finding(finding) for finding in findings if finding.blocks],
        pending=sorted({str(lookup.get("provider")) for lookup in assembly.lookups.missing}),
    )


def attest_failure(root: Path, rule_id: str, message: str) -> None:
    """Write the attestation of an assembly that could not be judged: no template, and why it blocks."""
    _write(
        root,
        rules=[],
        settings={},
        stacks={},
        templates={},
        assets={},
        uncovered={},
        manifests={},
        waived=[],
        blocking=[{"rule_id": rule_id, "place": "", "title": redact(message)}],
        pending=[],
    )


def faults(root: Path) -> list[str]:
    """Return the reasons not to deploy a cloud assembly, one sentence each; it is not judged again.

    Returns:
        The faults; none if guardrails judged exactly these templates, their assets are those of the synth,
        nothing blocked, and each stack of production says its repository and commit.

    Raises:
        InputError: It is not a cloud assembly.
    """
    files = _files_in(root)
    attestation = _read(root)
    if attestation is None:
        return [f"no {FILE_NAME} that can be read: nothing shows that guardrails judged this assembly"]
    # A nested template may have any name; the attestation shows that it was judged.
    templates = _hashes(root, {*files.named, *files.unlisted, *attestation["templates"]})
    assets = _hashes(root, set(files.assets) - templates.keys())
    return [
        *_differences(attestation["templates"], templates),
        *_differences(attestation.get("assets", {}), assets),
        *_differences(attestation["manifests"], _hashes(root, files.manifests)),
        *(fault for name, stack in attestation["stacks"].items() for fault in _not_known(name, stack)),
        *map(_shown, attestation["blocking"]),
        *(f"a lookup is not recorded ({provider}). {RECORD}" for provider in attestation["pending"]),
    ]


def uncovered(root: Path) -> dict[str, str]:
    """Return why no attestation covers the content of an asset, by the asset's name."""
    return dict(_files_in(root).uncovered)


def _not_known(name: str, stack: Mapping[str, Any]) -> Iterator[str]:
    """Yield what a production stack does not say about where it comes from."""
    said = stack.get("provenance", {})
    if stack.get("environment") != Environment.PRODUCTION or said is None:
        return
    fields = [field for field in ("repository", "commit") if not said.get(field)]
    for gap, explained in gaps(said).items():
        if concerned := [field for field in explained if field in fields]:
            fields = [field for field in fields if field not in concerned]
            yield f"{name} is production, and it is not known {what(*concerned)}: {gap.reason}. {gap.fix()}"
    if fields:
        yield f"{name} is production, and its template does not say {what(*fields)} (TTS-CD-001)"


def _shown(blocking: Mapping[str, Any]) -> str:
    place = f" at {blocking['place']}" if blocking.get("place") else ""
    return f"{blocking.get('rule_id')} blocked{place}: {blocking.get('title')}"


def stated_guardrails(paths: Iterable[Path]) -> Callable[[Stack], Guardrails]:
    """Return what guardrails said about stacks at synth, as attestations record it.

    Args:
        paths: Where attestations may be. One counts for the stacks whose templates have not changed since.
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
        "provenance": _provenance(stack.system_metadata) if stack.is_deployed else None,
    }


def _provenance(record: Mapping[str, Any]) -> dict[str, Any]:
    repository, commit = record.get("repository"), record.get("commit")
    return {
        "repository": redact(repository.strip()) if isinstance(repository, str) else None,
        "commit": commit if isinstance(commit, str) and is_commit(commit) else None,
        "missing": {field: gap for gap, fields in gaps(record).items() for field in fields},
    }


def _of_finding(finding: Finding) -> dict[str, Any]:
    place = finding.path
    return {"rule_id": finding.rule_id, "place": redact(place), "title": finding.title}


def _settings(settings: Settings) -> dict[str, Any]:
    """Return the settings without account ids and machine paths, and a hash of all of them."""
    stated = asdict(settings)
    del stated["path"]
    text = json.dumps(stated, sort_keys=True, default=_content)
    del stated["accounts"], stated["image"]["owners"]
    return {"sha256": hashlib.sha256(text.encode()).hexdigest(), **stated}


def _content(value: object) -> object:
    """Return the value to hash: for a file that settings name, its content."""
    if isinstance(value, Path):
        return sha256(value) if value.is_file() else None
    return str(value)


# The file


def _write(root: Path, **content: Any) -> None:
    document = {"version": VERSION, "tool": {"name": "tts-constructs", "version": __version__}, **content}
    write_text(root / FILE_NAME, f"{json.dumps(document, indent=2, default=_content)}\n")


def _read(root: Path) -> dict[str, Any] | None:
    """Return the attestation in a folder, or None if there is none in the current format."""
    try:
        document = parse(read_text(root / FILE_NAME), FILE_NAME)
    except InputError:
        return None
    return document if _is_attestation(document) else None


def _is_attestation(document: Any) -> bool:
    if not isinstance(document, dict) or document.get("version") != VERSION:
        return False
    maps = [document.get(name) for name in ("templates", "manifests", "stacks")]
    lists = [document.get(name) for name in ("blocking", "pending")]
    maps.append(document.get("assets", {}))  # which earlier releases did not write
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
        manifests: Files that say where templates go: manifests, and the asset manifests that they name.
        named: Templates that these name.
        unlisted: Templates beside them, perhaps from an earlier synth.
        assets: Files and folders that asset manifests name, except templates.
        uncovered: Assets that cannot be hashed here: why, by their names.
    """

    manifests: tuple[str, ...]
    named: tuple[str, ...]
    unlisted: tuple[str, ...]
    assets: tuple[str, ...]
    uncovered: tuple[tuple[str, str], ...]


def _files_in(root: Path) -> _Files:
    manifests: list[Path] = []
    named: list[Path] = []
    unlisted: list[Path] = []
    sources: list[_Source] = []
    try:
        for folder, artifacts in _assemblies(root):
            manifests.append(folder / _MANIFEST)
            unlisted += filter(_looks_like_a_template, folder.iterdir())
            for artifact in artifacts:
                if artifact["type"] == "aws:cloudformation:stack":
                    named.append(folder / artifact["properties"]["templateFile"])
                elif artifact["type"] == "cdk:asset-manifest":
                    manifests.append(folder / artifact["properties"]["file"])
                    sources += _sources(manifests[-1])
    except (AttributeError, KeyError, TypeError):
        raise InputError(str(root), ["is not a cloud assembly that the CDK has written"]) from None
    named += [source.path for source in sources if source.path and _looks_like_a_template(source.path)]
    covered = [source.path for source in sources if source.path and _is_below(root, source.path)]
    uncovered = {
        source.name: _OUTSIDE if source.path else _MADE_LATER
        for source in sources
        if not (source.path and _is_below(root, source.path))
    }
    templates, loose, assets = ({_key(root, path) for path in paths} for paths in (named, unlisted, covered))
    return _Files(
        manifests=tuple(_key(root, path) for path in manifests),
        named=tuple(templates),
        unlisted=tuple(loose),
        assets=tuple(assets - templates),
        uncovered=tuple(uncovered.items()),
    )


def _is_below(root: Path, path: Path) -> bool:
    return path.resolve().is_relative_to(root.resolve()) and path.resolve() != root.resolve()


def _assemblies(root: Path) -> Iterator[tuple[Path, list[dict[str, Any]]]]:
    """Yield the folder of the app and of each stage below it, with its artifacts."""
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


@dataclass(frozen=True)
class _Source:
    """A file or folder that is published as an asset.

    Args:
        name: What the CDK calls the asset.
        path: Its file or folder; None: a command makes it when it is published.
    """

    name: str
    path: Path | None


def _sources(manifest: Path) -> Iterator[_Source]:
    """Yield the sources in an asset manifest.

    If the CDK has left an archive in `.cache`, it publishes that in place of the folder.
    """
    content = parse(read_text(manifest), str(manifest))
    for asset_id, asset in content.get("files", {}).items():
        yield _source(manifest, asset_id, asset, asset["source"].get("path"))
        if asset["source"].get("packaging") == "zip":
            yield _source(manifest, asset_id, asset, f".cache/{asset_id}.zip")
    for asset_id, asset in content.get("dockerImages", {}).items():
        yield _source(manifest, asset_id, asset, asset["source"].get("directory"))


def _source(manifest: Path, asset_id: str, asset: Mapping[str, Any], path: str | None) -> _Source:
    return _Source(redact(asset.get("displayName") or asset_id), manifest.parent / path if path else None)


def _looks_like_a_template(path: Path) -> bool:
    if _NO_TEMPLATE.fullmatch(path.name) or not path.name.endswith(_TEMPLATE_ENDINGS) or not path.is_file():
        return False
    return ".template." in path.name or b"Resources" in path.read_bytes()


def _key(root: Path, path: Path) -> str:
    return Path(os.path.relpath(path.resolve(), root.resolve())).as_posix()


def _hashes(
    root: Path, keys: Iterable[str], read: Mapping[str, str] = MappingProxyType({})
) -> dict[str, str]:
    """Return the hashes of files and folders that exist: of what was read, else of their current content."""
    present = [key for key in sorted(set(keys)) if (root / key).is_file() or (root / key).is_dir()]
    return {key: read.get(key) or _hash(root / key) for key in present}


def _hash(path: Path) -> str:
    return f"folder:{sha256_of_folder(path)}" if path.is_dir() else sha256(path)


def _differences(attested: Mapping[str, str], present: Mapping[str, str]) -> Iterator[str]:
    for key in sorted({*attested, *present}):
        if key not in attested:
            yield f"{key} was not judged"
        elif key not in present:
            yield f"{key} was judged and is no longer there"
        elif attested[key] != present[key]:
            yield f"{key} has changed since it was judged"
