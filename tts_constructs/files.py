"""Files: read as they are, judged only if nobody writes them meanwhile, and written whole or not at all."""

from __future__ import annotations

import hashlib
import os
import stat
from pathlib import Path

from tts_constructs.errors import InputError

MAX_BYTES = 20 * 1024 * 1024
"""CloudFormation takes templates of 1 MB; what is far larger is refused before it fills the memory."""


class Malformed(InputError):
    """A file that isn't text, or text that is neither JSON nor YAML: CloudFormation can't read it either."""


def read_text(path: Path) -> str:
    """The text of a file, with the line ends that it has.

    Raises:
        Malformed: It is not text in UTF-8.
        InputError: It cannot be read, or is too large.
    """
    return decoded(_content(path), path)


def write_text(path: Path, text: str, *, replace: bool = True) -> None:
    """Writes a file whole, or leaves what is there as it is.

    Args:
        path: The file; what is neither file nor folder, such as `/dev/stdout`, is written to as it stands.
        text: What it will hold, in UTF-8.
        replace: Whether it may take the place of a file.

    Raises:
        InputError: It cannot be written, or is there and may not be replaced.
    """
    try:
        if path.exists() and not path.is_file():
            path.write_text(text, encoding="utf-8")
        else:
            _write_whole(path.resolve(), text, replace=replace)
    except FileExistsError:
        raise InputError(str(path), ["has been written by somebody else meanwhile"]) from None
    except OSError as error:
        raise InputError(str(path), [f"cannot be written ({error.strerror})"]) from None


def _write_whole(path: Path, text: str, *, replace: bool) -> None:
    draft = path.with_name(f".tts-{os.urandom(8).hex()}.tmp")
    try:
        draft.write_text(text, encoding="utf-8")
        if not replace:
            os.link(draft, path)  # renaming would take the place of a file
            return
        if path.exists():
            path.open("a").close()  # what may not be written may not be replaced either
            draft.chmod(path.stat().st_mode)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def writable(text: str) -> str:
    r"""A text as a file can hold it: half of a character ("\ud800", in JSON or a file's name) becomes `?`."""
    return text.encode("utf-8", "replace").decode("utf-8")


class Files:
    """The files of what is judged at once.

    Attributes:
        digests: SHA-256 of each file as it was read; a pipe has none.
    """

    def __init__(self) -> None:
        self.digests: dict[Path, str] = {}

    def text(self, path: Path) -> str:
        """The text of a file, as `read_text` gives it.

        Raises:
            InputError: It cannot be read, or is another one than when it was read before.
        """
        content = _content(path)
        self.keep(path, content)
        return decoded(content, path)

    def keep(self, path: Path, content: bytes) -> None:
        """Remembers what a file held when it was read; a pipe can be read only once.

        Raises:
            InputError: It is another one than when it was read before.
        """
        if path.is_file():
            digest = hashlib.sha256(content).hexdigest()
            if self.digests.setdefault(path, digest) != digest:
                raise _changed(path)

    def check(self) -> None:
        """Compares all files with what was read.

        Without it, files of two versions of an app could be judged as if they were one.

        Raises:
            InputError: One has changed, or is gone.
        """
        for path, digest in self.digests.items():
            if not path.is_file() or sha256(path) != digest:
                raise _changed(path)


def sha256(path: Path) -> str:
    """The SHA-256 of a file's bytes, as hex digits, whatever its size.

    Raises:
        InputError: It cannot be read.
    """
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise cannot_be_read(path, error) from None


MAX_DEPTH = 200
"""Folders within folders that are hashed; more than any real asset has."""


def sha256_of_folder(folder: Path) -> str:
    """One SHA-256 of all files in a folder: of their paths in it, and of what they hold.

    A link counts as what it leads to. Modes, times, owners and empty folders do not count: an artifact that
    is handed on loses them. Each folder is read once, wherever links lead.

    Raises:
        InputError: Something cannot be read, or folders lie too deep.
    """
    return _digest(folder, {}, 0) or hashlib.sha256().hexdigest()


def _digest(folder: Path, known: dict[str, str | None], depth: int) -> str | None:
    """The hash of a folder; None: there is no file in it."""
    place = os.path.realpath(folder)
    if place in known:
        return known[place]
    known[place] = None  # a link that leads back to here adds nothing
    if depth > MAX_DEPTH:
        raise InputError(str(folder), [f"lies more than {MAX_DEPTH} folders deep; take folders out"])
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
    """The files and folders in a folder, in order of their names.

    Raises:
        InputError: It cannot be read.
    """
    try:
        with os.scandir(folder) as entries:
            return sorted(entries, key=lambda entry: os.fsencode(entry.name))
    except OSError as error:
        raise cannot_be_read(folder, error) from None


def decoded(content: bytes, path: Path) -> str:
    """The text that a file holds as bytes.

    Raises:
        Malformed: It is not text in UTF-8.
    """
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        raise Malformed(str(path), ["cannot be read: it is not text in UTF-8"]) from None


def too_large(path: Path, size: int) -> InputError:
    """The error that a file has more than `MAX_BYTES`."""
    size, most = size // (1024 * 1024), MAX_BYTES // (1024 * 1024)
    fault = f"is {size} MB large; tts reads files of at most {most} MB (a template has at most 1 MB)"
    return InputError(str(path), [fault])


def cannot_be_read(path: Path, error: OSError | ValueError) -> InputError:
    """The error that a file or folder cannot be read; a ValueError: nothing can have its name."""
    reason = error.strerror if isinstance(error, OSError) else error
    return InputError(str(path), [f"cannot be read ({reason})"])


def _content(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            status = os.fstat(file.fileno())
            if status.st_size > MAX_BYTES:
                raise too_large(path, status.st_size)
            # A pipe does not say how much comes.
            content = file.read() if stat.S_ISREG(status.st_mode) else file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        raise cannot_be_read(path, error) from None
    if len(content) > MAX_BYTES:
        raise too_large(path, len(content))
    return content


def _changed(path: Path) -> InputError:
    fault = "changed while it was judged; run this again when nothing else writes there"
    return InputError(str(path), [fault])
