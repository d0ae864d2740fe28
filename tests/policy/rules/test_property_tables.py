"""Tables of properties that rules read: each names one that its type has."""

from typing import Any

from scripts.make_taggable import SCHEMAS, read
from tts_constructs.policy.aws.log_buckets import _DESTINATIONS
from tts_constructs.policy.rules.data.data_001_encryption_at_rest import _ORIGINS, _SAYS
from tts_constructs.policy.rules.data.data_002_internet_exposure import _PUBLIC_UNLESS_SAID
from tts_constructs.policy.rules.sec._secret_patterns import ENVIRONMENTS, PASSWORDS, PROGRAMS, USER_DATA

TABLES: list[tuple[str, str]] = [
    *((kind, says.path) for kind, says in _SAYS.items()),
    *((kind, name) for kind, names in _ORIGINS.items() for name in names),
    *((kind, path) for kind, path in _DESTINATIONS.items()),
    *((kind, "PubliclyAccessible") for kind in _PUBLIC_UNLESS_SAID),
    *(
        (kind, path)
        for table in (PASSWORDS, ENVIRONMENTS, USER_DATA, PROGRAMS)
        for kind, paths in table.items()
        for path in paths
        if not kind.startswith("AWS::Serverless::")  # a transform's own types have no schema there
    ),
]


def test_each_property_of_a_table_is_one_of_its_type() -> None:
    schemas = {schema["typeName"]: schema for schema in map(read, (SCHEMAS / "resources").glob("*.json"))}
    for kind, path in TABLES:
        assert _has(schemas[kind], schemas[kind], path.split("/")), (kind, path)


def _has(schema: dict[str, Any], node: dict[str, Any], path: list[str]) -> bool:
    while "$ref" in node:
        (_, _, name) = node["$ref"].rpartition("/")
        node = schema["definitions"][name]
    if not path:
        return True
    first, *rest = path
    if first == "*":  # each item of a list, each value of a map
        items = [node["items"]] if "items" in node else node.get("properties", {}).values()
        return any(_has(schema, item, rest) for item in items)
    if "properties" not in node and "properties" not in str(node):
        return True  # a map of any names
    options = [node, *node.get("oneOf", ()), *node.get("anyOf", ())]
    return any(
        first in option.get("properties", {}) and _has(schema, option["properties"][first], rest)
        for option in options
    )
