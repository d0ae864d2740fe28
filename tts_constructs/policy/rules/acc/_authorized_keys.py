"""Programs that let people in by their own SSH keys: user data, and what `cfn-init` reads."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tts_constructs.policy.aws.property_tables import USER_DATA, property_table
from tts_constructs.policy.model.checks import stop_at_unknown
from tts_constructs.policy.model.node import Node
from tts_constructs.policy.model.stack import Resource
from tts_constructs.policy.result import Result

USER_DATA_TYPES = frozenset({*property_table(USER_DATA), "AWS::AutoScaling::AutoScalingGroup"})
"""Types that have user data, or metadata that `cfn-init` reads on an instance."""

_INIT = "AWS::CloudFormation::Init"
_FILE = "authorized_keys"

_NAMED = re.compile(r"authorized[_-]keys2?|ssh[_-]import[_-]id")
_AROUND = 200
"""The most characters around such a name that are read."""

_KEY_OF_A_MAP = re.compile(r"""["']?[ \t]*:(?![ \t]*(?:\[[ \t]*\]|null\b|~|""|''))""")
_WRITES = re.compile(
    r"""(?:>|\btee(?:[ ]-a|[ ]--append)?[ ]|-[ ]+path:|["']path["'][ ]?:)[ ]?["']?\Z"""
    r"""|\b(?:cp|mv|install)[ ][^|;&]*[ ]["']?\Z"""
)
_SPACE_AT_THE_END = re.compile(r"[ \t]+\Z")
_ENDS = re.compile(r"""["']?[ \t]*(?:\Z|[;&|<>,}])""")

_MESSAGE = "lets people log in by SSH keys of their own."
_FIX = "Remove the keys of people from {place}. {without_login}"


def lets_nobody_in(resource: Resource, without_login: str) -> Iterator[Result]:
    """Yield results for keys of people in the user data of instances, or in what `cfn-init` writes.

    Args:
        resource: A resource of one of `USER_DATA_TYPES`.
        without_login: What to do instead, as a sentence.
    """
    for path in property_table(USER_DATA).get(resource.type, ()):
        yield from stop_at_unknown(_user_data(resource, path, without_login))
    yield from stop_at_unknown(_written(resource.attribute("Metadata")[_INIT], without_login))


def _user_data(resource: Resource, path: str, without_login: str) -> Iterator[Result]:
    for place in resource.properties.find_all(path):
        yield from _programs(place, without_login)


def _written(init: Node, without_login: str) -> Iterator[Result]:
    yield from _programs(init, without_login)
    for _, config in init.entries() if isinstance(init.value, dict) else ():
        files = config["files"] if isinstance(config.value, dict) else config
        for name, file in files.entries() if isinstance(files.value, dict) else ():
            if name.rstrip("2").endswith(f"/{_FILE}"):
                yield _let_in(file, without_login)


def _programs(node: Node, without_login: str) -> Iterator[Result]:
    for text, place in node.strings():
        if any(_lets_in(text, named) for named in _NAMED.finditer(text)):
            yield _let_in(place, without_login)


def _lets_in(text: str, named: re.Match[str]) -> bool:
    """Return whether a text adds keys where it names their file, or their key in a configuration."""
    before = text[max(0, named.start() - _AROUND) : named.start()].rpartition("\n")[2]
    after = text[named.end() : named.end() + _AROUND].partition("\n")[0]
    if before.endswith(("ssh_", "ssh-")) or "import" in named[0]:
        is_command = named[0] == "ssh-import-id" and after[:1] == " "
        return is_command or _KEY_OF_A_MAP.match(after) is not None
    command = _SPACE_AT_THE_END.sub(" ", before.removesuffix(_path_at_the_end(before)))
    return _ENDS.match(after) is not None and _WRITES.search(command) is not None


def _path_at_the_end(text: str) -> str:
    """Return the folder that a text ends with, such as `/home/ec2-user/.ssh/`."""
    return text[max(text.rfind(mark) for mark in " \t>\"'") + 1 :]


def _let_in(place: Node, without_login: str) -> Result:
    return place.violation(
        f"{place.key} {_MESSAGE}", fix=_FIX.format(place=place.key, without_login=without_login)
    )
