"""Reads files and checks that nobody changes them meanwhile; writes files completely or not at all."""

from __future__ import annotations

import hashlib
import os
import stat
from pathlib import Path

from tts_constructs.errors import InputError

MAX_BYTES = 20 * 1024 * 1024
"""CloudFormation accepts templates of up to 1 MB. A much larger file is refused before it fills memory."""


class Malformed(InputError):
    """A file that isn't text, or text that is neither JSON nor YAML: CloudFormation can't read it either."""


def read_text(path: Path) -> str:
    """Return the text of a file, with its original line endings.

    Raises:
        Malformed: It is not text in UTF-8.
        InputError: It cannot be read, or is too large.
    """
    return decoded(_content(path), path)


def write_text(path: Path, text: str, *, replace: bool = True) -> None:
    """Write a file completely, or leave the existing one unchanged.

    Args:
        path: The file. If it is neither file nor folder, such as `/dev/stdout`, it is written to directly.
        text: What it will hold, in UTF-8.
        replace: Whether it may replace an existing file.

    Raises:
        InputError: It cannot be written, or is there and may not be replaced.
    """
    try:
        if path.exists() and not path.is_file():
            path.write_text(text, encoding="utf-8")
        else:
            _write_whole(path.resolve(), text, replace=replace)
    except FileExistsError:
        raise InputError(
            str(path), ["was written by another process in the meantime; run the command again"]
        ) from None
    except OSError as error:
        raise InputError(str(path), [f"cannot be written ({error.strerror})"]) from None


def _write_whole(path: Path, text: str, *, replace: bool) -> None:
    draft = path.with_name(f".tts-{os.urandom(8).hex()}.tmp")
    try:
        draft.write_text(text, encoding="utf-8")
        if not replace:
            os.link(draft, path)  # renaming would replace an existing file
            return
        if path.exists():
            path.open("a").close()  # a file that is not writable must not be replaced either
            draft.chmod(path.stat().st_mode)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def writable(text: str) -> str:
    r"""Return a text that a file can hold; half a character ("\ud800", in JSON or file names) becomes `?`."""
    return text.encode("utf-8", "replace").decode("utf-8")


class Files:
    """The files of one assembly, which must not change while it is judged.

    Attributes:
        digests: SHA-256 of each file when it was read. A pipe has none.
    """

    def __init__(self) -> None:
        self.digests: dict[Path, str] = {}

    def text(self, path: Path) -> str:
        """Return the text of a file, as `read_text` does.

        Raises:
            InputError: It cannot be read, or has changed since it was last read.
        """
        content = _content(path)
        self.keep(path, content)
        return decoded(content, path)

    def keep(self, path: Path, content: bytes) -> None:
        """Remember what a file held when it was read; a pipe can be read only once.

        Raises:
            InputError: It has changed since it was last read.
        """
        if path.is_file():
            digest = hashlib.sha256(content).hexdigest()
            if self.digests.setdefault(path, digest) != digest:
                raise _changed(path)

    def check(self) -> None:
        """Compare all files with what was read.

        Without this, files of two versions of an app could be judged as one.

        Raises:
            InputError: One has changed, or is gone.
        """
        for path, digest in self.digests.items():
            if not path.is_file() or sha256(path) != digest:
                raise _changed(path)


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file's bytes as hex digits; the file can have any size.

    Raises:
        InputError: It cannot be read.
    """
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise cannot_be_read(path, error) from None


MAX_DEPTH = 200
"""Maximum depth of folders that are hashed; more than any real asset has."""


def sha256_of_folder(folder: Path) -> str:
    """Return one SHA-256 for all files in a folder: their relative paths and their content.

    A link counts as its target. Modes, times, owners, and empty folders do not count, because an artifact
    loses them when it is copied. Each folder is read once, however many links lead to it.

    Raises:
        InputError: Something cannot be read, or folders are too deep.
    """
    return _digest(folder, {}, 0) or hashlib.sha256().hexdigest()


def _digest(folder: Path, known: dict[str, str | None], depth: int) -> str | None:
    """Return the hash of a folder, or None if it has no files."""
    place = os.path.realpath(folder)
    if place in known:
        return known[place]
    known[place] = None  # a link back to this folder adds nothing
    if depth > MAX_DEPTH:
        raise InputError(str(folder), [f"is more than {MAX_DEPTH} folders deep; move it up"])
    listing = hashlib.sha256()
    held = False
    for entry in entries_in(folder):
        digest = None
        if entry.is_dir():
            digest = _digest(Path(entry.path), known, depth + 1)
        elif entry.is_file():
            digest = sha256(Path(entry.path))
        if digest:
            held = True
            kind = b"folder" if entry.is_dir() else b"file"
            listing.update(b"%s %s %s\0" % (kind, digest.encode(), os.fsencode(entry.name)))
    known[place] = listing.hexdigest() if held else None
    return known[place]


def entries_in(folder: Path) -> list[os.DirEntry[str]]:
    """Return the files and folders in a folder, sorted by name.

    Raises:
        InputError: It cannot be read.
    """
    try:
        with os.scandir(folder) as entries:
            return sorted(entries, key=lambda entry: os.fsencode(entry.name))
    except OSError as error:
        raise cannot_be_read(folder, error) from None


def decoded(content: bytes, path: Path) -> str:
    """Return the text of a file's bytes.

    Raises:
        Malformed: It is not text in UTF-8.
    """
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        raise Malformed(str(path), ["cannot be read: it is not text in UTF-8"]) from None


def too_large(path: Path, size: int) -> InputError:
    """Return the error for a file that has more than `MAX_BYTES`."""
    size, most = size // (1024 * 1024), MAX_BYTES // (1024 * 1024)
    fault = f"is {size} MB large; tts reads files of at most {most} MB (a template has at most 1 MB)"
    return InputError(str(path), [fault])


def cannot_be_read(path: Path, error: OSError | ValueError) -> InputError:
    """Return the error for a file or folder that cannot be read; a ValueError means an impossible name."""
    reason = error.strerror if isinstance(error, OSError) else error
    return InputError(str(path), [f"cannot be read ({reason})"])


def _content(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            status = os.fstat(file.fileno())
            if status.st_size > MAX_BYTES:
                raise too_large(path, status.st_size)
            # A pipe does not state its size.
            content = file.read() if stat.S_ISREG(status.st_mode) else file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        raise cannot_be_read(path, error) from None
    if len(content) > MAX_BYTES:
        raise too_large(path, len(content))
    return content


def _changed(path: Path) -> InputError:
    fault = "changed while it was judged; run this again when nothing else writes there"
    return InputError(str(path), [fault])
