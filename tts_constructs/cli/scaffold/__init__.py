"""Makes and writes the files of a new system.

Each is a template beside this module: `dot_` means a dot at the start of a name, and `$$` a dollar.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from string import Template
from tempfile import TemporaryDirectory

from tts_constructs.cli import library
from tts_constructs.cli.init import MADE_UP_ACCOUNT, words
from tts_constructs.errors import InputError
from tts_constructs.system_metadata import DataSensitivity, Environment

_TEMPLATES = Path(__file__).parent
_LONGEST_NAME = 100
"""Characters of a stack's name that come from the project; CloudFormation takes 128 in all."""

_BEFORE_DEPLOYMENT = f"""
## Before you deploy

The account {MADE_UP_ACCOUNT} is made up, and so are its zones in `cdk.context.json`. That is why the commands
above need no AWS credentials. Before you deploy:

1. Write your account into `app.py` and `tts.toml`.
2. Write `{{}}` into `cdk.context.json`.
3. Run `npx cdk synth` once with credentials for your account. It records what it looks up.
4. Commit `cdk.context.json`. CI then needs no credentials.
"""


def files(system: Mapping[str, str]) -> dict[Path, bytes]:
    """Renders each file of a new system, by its path.

    Args:
        system: project, owner, environment, region, account and library.

    Raises:
        InputError: The library's wheel cannot be read.
    """
    values = _values(system)
    texts = {
        _path_of(file): Template(file.read_text(encoding="utf-8")).substitute(values).encode()
        for file in sorted(_TEMPLATES.rglob("*.template"))
    }
    return texts | _wheel(library.wheel(system["library"]))


def _wheel(path: Path | None) -> dict[Path, bytes]:
    try:
        return {library.WHEELS / path.name: path.read_bytes()} if path else {}
    except OSError as error:
        raise InputError(str(path), [f"cannot be read ({error.strerror})"]) from None


def _path_of(template: Path) -> Path:
    parts = template.relative_to(_TEMPLATES).with_suffix("").parts
    return Path(*(re.sub("^dot_", ".", part) for part in parts))


def _values(system: Mapping[str, str]) -> dict[str, str]:
    environment = Environment(system["environment"])
    # The handbook lets a sandbox hold no sensitive data; elsewhere data is sensitive by default.
    sandbox = environment is Environment.SANDBOX
    sensitivity = DataSensitivity.SYNTHETIC if sandbox else DataSensitivity.SENSITIVE
    return {
        **system,
        "stack": _stack_name(system),
        "environment_member": f"Environment.{environment.name}",
        "sensitivity_member": f"DataSensitivity.{sensitivity.name}",
        "recorded": _recorded(system),
        "before_deployment": _BEFORE_DEPLOYMENT if _is_made_up(system) else "",
        "library_requirement": library.requirement(system["library"]),
        "cdk_version": version("aws-cdk-lib"),
    }


def _stack_name(system: Mapping[str, str]) -> str:
    name = "".join(word[0].upper() + word[1:] for word in words(system["project"]))[:_LONGEST_NAME]
    prefix = "Tts" if name[0].isdigit() else ""
    return f"{prefix}{name}-{system['environment'].capitalize()}"


def _recorded(system: Mapping[str, str]) -> str:
    """Records the zones of a made-up account, which nobody can look up."""
    recorded = {}
    if _is_made_up(system):
        key = f"availability-zones:account={MADE_UP_ACCOUNT}:region={system['region']}"
        recorded[key] = [f"{system['region']}{letter}" for letter in "ab"]
    return json.dumps(recorded, indent=2)


def _is_made_up(system: Mapping[str, str]) -> bool:
    return system["account"] == MADE_UP_ACCOUNT


def check_is_empty(folder: Path) -> None:
    """Refuses a folder that holds more than a repository without files.

    Raises:
        InputError: It does, or it is not a folder that can be read.
    """
    try:
        children = [child.name for child in folder.iterdir()]
    except FileNotFoundError:
        return
    except OSError as error:
        fault = f"cannot be written into ({error.strerror}); name a new folder, or an empty one"
        raise InputError(str(folder), [fault]) from None
    if children not in ([], [".git"]):
        raise InputError(str(folder), ["is not empty; name a new folder, or an empty one"])


def write(folder: Path, contents: Mapping[Path, bytes]) -> None:
    """Writes files into a new or empty folder; first into one beside it, so that no half of them is left.

    Raises:
        InputError: They cannot be written.
    """
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(dir=folder.parent) as draft:
            for path, content in contents.items():
                file = draft / path
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_bytes(content)
            folder.mkdir(exist_ok=True)
            check_is_empty(folder)  # still: another `tts init` may have been faster
            for written in Path(draft).iterdir():
                written.rename(folder / written.name)
    except OSError as error:
        raise InputError(str(folder), [f"cannot be written ({error.strerror})"]) from None
