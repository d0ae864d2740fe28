"""The path of a service, of which descriptions, prefixes of logs, and names of outputs are made."""

from __future__ import annotations

import re
from collections.abc import Iterator

from constructs import Construct

_REFUSED = re.compile(r"[^a-zA-Z0-9. _\-:/()#,@\[\]+=&;{}!$*]")
"""Characters that a description of a security group can't have (EC2, `CreateSecurityGroup`)."""

_LONGEST = 200
"""A description has at most 255 characters, some of which say what the group is for."""

_OF_ELASTIC_LOAD_BALANCING = "AWSLogs"
"""The folder of access logs; a prefix that holds it is refused."""


def path_faults(scope: Construct, id_: str) -> Iterator[str]:
    """Yields one sentence for each thing in the ids of a construct and its parents that AWS refuses.

    Args:
        scope: Parent construct.
        id_: Construct id.
    """
    path = f"{scope.node.path}/{id_}"
    if refused := sorted(set(_REFUSED.findall(path))):
        yield (
            f"its path {path!r} holds {', '.join(map(repr, refused))}, which AWS refuses in the description "
            "of a security group; write ids of ASCII letters and digits"
        )
    if not re.search("[a-zA-Z0-9]", id_):
        yield f"its id {id_!r} has no ASCII letter or digit, of which outputs are named; write another id"
    if len(path) > _LONGEST:
        yield f"its path has {len(path)} characters; write shorter ids, {_LONGEST} characters in all"
    if _OF_ELASTIC_LOAD_BALANCING in path:
        yield f"its path holds {_OF_ELASTIC_LOAD_BALANCING!r}, which no prefix of logs may; write another id"
