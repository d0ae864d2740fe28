"""The place from which a new system installs this library.

The library is on no index yet, and anybody could publish a package under its name. So a new system names what
it installs: a wheel that lies in its own repository, or a commit of a git repository.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit
from zipfile import is_zipfile

PACKAGE = "tts-constructs"
WHEELS = Path("wheels")
"""The folder of a new system that holds its wheel."""

_EXTRA = "[testing]"
_WHEEL = re.compile(r"tts_constructs-[^/\\]+\.whl")
_URL = re.compile(r"(git\+(https|ssh|file)|https)://\S+")


def requirement(library: str) -> str:
    """Writes the line of `requirements.txt` that installs the library with its test helpers.

    Args:
        library: Path of a wheel, or a URL, as `faults` accepts it.
    """
    if _is_url(library):
        return f"{PACKAGE}{_EXTRA} @ {library}"
    return f"./{(WHEELS / Path(library).name).as_posix()}{_EXTRA}"


def wheel(library: str) -> Path | None:
    """Returns the wheel to copy into a new system; None if the library comes from a URL."""
    return None if _is_url(library) else Path(library)


def faults(library: str) -> Iterator[str]:
    """Lists the faults of the place of the library, one sentence each."""
    if _is_url(library):
        return
    path = Path(library)
    if path.suffix != ".whl":
        yield (
            f"library is {library!r}; write the path of the wheel that `make wheel` builds, or "
            "git+https://<repository>@<tag>"
        )
    elif not path.is_file():
        yield f"library is {library!r}, and no such file exists; build the wheel with `make wheel`"
    elif not (_WHEEL.fullmatch(path.name) and is_zipfile(path)):
        yield f"library is {library!r}, which is not a wheel of {PACKAGE}; build it with `make wheel`"


def installed_from() -> str | None:
    """Returns the wheel or URL from which this library was installed; None if pip recorded none.

    Source: https://packaging.python.org/en/latest/specifications/direct-url/
    """
    try:
        recorded = json.loads(distribution(PACKAGE).read_text("direct_url.json") or "{}")
    except (PackageNotFoundError, ValueError):
        return None
    library = _direct_url(recorded) if isinstance(recorded, dict) else ""
    return library if library and not list(faults(library)) else None


def _direct_url(recorded: dict[str, Any]) -> str:
    url = str(recorded.get("url"))
    match recorded:
        case {"vcs_info": {"vcs": "git", "commit_id": str(commit)}}:
            return f"git+{url}@{commit}"
        case {"archive_info": _} if url.startswith("file:"):
            return unquote(urlsplit(url).path)
        case {"archive_info": _}:
            return url
    return ""


def _is_url(library: str) -> bool:
    return bool(_URL.fullmatch(library))
