"""Finds cloud assemblies and templates (by their content) in a folder, and lists what is skipped."""

from __future__ import annotations

import mmap
import os
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tts_constructs.files import MAX_BYTES, Files, Malformed, cannot_be_read, decoded, entries_in, too_large
from tts_constructs.policy.loading.parser import SECTIONS, is_template, parse

ENDINGS = (".template.json", ".json", ".yaml", ".yml", ".template")
"""Usual file endings of templates, in any case. Another file must look more like a template."""

MANIFEST = "manifest.json"

Manifest = dict[str, Any]

_HEAD = 8_192
"""Bytes that show that a file is not text."""

_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
_WORDS = tuple(section.encode() for section in SECTIONS)
_SECTION = re.compile(
    rb"""AWSTemplateFormatVersion["']?\s*:|(?:Resources|Fn::Transform)["']?\s*:[ \t]*(?:[{&!*#\r\n]|$)"""
)
_ESCAPED_KEY = re.compile(rb'\\(?:[uUx]|\r?\n)[^"\\]*"\s*:')


@dataclass(frozen=True, slots=True)
class Skipped:
    """Something in a folder that isn't judged.

    Args:
        path: The file or folder.
        why: Such as `not a template`.
    """

    path: Path
    why: str


@dataclass
class FolderContents:
    """The cloud assemblies and template candidates in a folder and below it.

    Attributes:
        paths: Files that may be templates, and cloud assemblies, in order.
        manifests: The manifest of each cloud assembly among them.
        skipped: Folders that are not entered.
    """

    paths: list[Path] = field(default_factory=list)
    manifests: dict[Path, Manifest] = field(default_factory=dict)
    skipped: list[Skipped] = field(default_factory=list)


def manifest_in(files: Files, folder: Path) -> Manifest | None:
    """Return the manifest of a cloud assembly, or None if `manifest.json` is something else.

    Raises:
        InputError: It cannot be read, or states a key twice.
    """
    path = folder / MANIFEST
    if not path.is_file():
        return None
    try:
        manifest = parse(files.text(path), str(path))
    except Malformed:
        return None
    return manifest if is_manifest(manifest) else None


def is_manifest(body: Any) -> bool:
    """Return whether data is the manifest of a cloud assembly, by its artifacts."""
    artifacts = body.get("artifacts") if isinstance(body, dict) else None
    if not isinstance(artifacts, dict) or not artifacts:
        return False
    return all(isinstance(one, dict) and isinstance(one.get("type"), str) for one in artifacts.values())


def look_through(folder: Path, manifest_of: Callable[[Path], Manifest | None]) -> FolderContents:
    """Return the contents of a folder and its subfolders; each is entered once, whatever links lead to it.

    Args:
        folder: The folder.
        manifest_of: Returns the manifest of a folder that is a cloud assembly.

    Raises:
        InputError: A folder cannot be read.
    """
    found = FolderContents()
    entered: set[str] = set()
    folders, links = [folder], list[Path]()
    while folders or links:  # links last, so that a file is named by its real folder
        here = folders.pop() if folders else links.pop(0)
        real = os.path.realpath(here)
        if real in entered:
            continue
        entered.add(real)
        if manifest := manifest_of(here):
            found.paths.append(here)
            found.manifests[here] = manifest
        elif here != folder and (here / "pyvenv.cfg").is_file():
            found.skipped.append(Skipped(here, "a virtual environment"))
        else:
            _enter(here, found, folders, links)
    found.paths.sort()
    return found


def _enter(here: Path, found: FolderContents, folders: list[Path], links: list[Path]) -> None:
    for entry in entries_in(here):
        path = here / entry.name
        is_link = entry.is_symlink()
        target = path if is_link else entry  # a link to itself is neither a file nor a folder
        if target.is_dir():
            if why := _passed_by(path, is_link=is_link):
                found.skipped.append(Skipped(path, why))
            else:
                (links if is_link else folders).append(path)
        elif target.is_file():
            found.paths.append(path)
        else:
            found.skipped.append(Skipped(path, "neither a file nor a folder"))


def _passed_by(folder: Path, *, is_link: bool) -> str | None:
    """Return why a folder is not entered (its name, or a link back), or None if it is entered."""
    if folder.name == "node_modules":
        return "packages of others"
    if folder.name.startswith("."):
        return "a hidden folder"
    leads_back = is_link and Path(os.path.realpath(folder.parent)).is_relative_to(os.path.realpath(folder))
    return "a link to a folder that holds it" if leads_back else None


# Files


def template_in(files: Files, path: Path) -> tuple[str, dict[str, Any]] | None:
    """Return the text and data of the template in a file, or None if it holds something else.

    Raises:
        InputError: It looks like a template and cannot be read as one.
    """
    is_usual = path.name.lower().endswith(ENDINGS)
    content = _content(path, is_usual=is_usual)
    if content is None:
        return None
    if is_usual:
        files.keep(path, content)  # a file that is not a template now must not become one unnoticed
    if not _may_be_template(content, is_usual=is_usual):
        return None
    try:
        text = decoded(content, path)
        body = parse(text, str(path))
    except Malformed:
        if is_usual and _SECTION.search(content):
            raise
        return None
    if not is_template(body):
        return None
    if not is_usual:
        files.keep(path, content)
    return text, body


def _content(path: Path, *, is_usual: bool) -> bytes | None:
    """Return the content of a file, or None if it is too large for a template, not text, or unreadable.

    Raises:
        InputError: Its name is that of a template, and it cannot be read or is too large.
    """
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD)
            size = os.fstat(file.fileno()).st_size
            if b"\0" in head:
                if is_usual and head.startswith(_UTF_16):
                    decoded(head, path)  # raises
                return None
            if size > MAX_BYTES:
                if is_usual and _names_a_section(file.fileno()):
                    raise too_large(path, size)
                return None
            return head + file.read()
    except OSError as error:
        if is_usual:
            raise cannot_be_read(path, error) from None
        return None


def _names_a_section(descriptor: int) -> bool:
    with mmap.mmap(descriptor, 0, access=mmap.ACCESS_READ) as content:
        return any(content.find(word) >= 0 for word in _WORDS)


def _may_be_template(content: bytes, *, is_usual: bool) -> bool:
    """Return whether a text is worth parsing."""
    named = any(word in content for word in _WORDS) if is_usual else _SECTION.search(content)
    return bool(named or _ESCAPED_KEY.search(content))
