"""Makes the table of IAM prefixes by namespace from the CloudFormation schemas that cfn-lint ships.

AWS publishes no such table. But the schema of each resource type names the IAM permissions that its handlers
need, and cfn-lint ships the IAM prefixes of AWS's policy generator. Of these the table takes the one that
spells the namespace, or else the one that most types of the namespace need and fewest other namespaces.

Run `python scripts/make_iam_prefixes.py` after cfn-lint is updated; a test says when it is due.
"""

from __future__ import annotations

import json
from collections import Counter
from importlib.metadata import distribution
from pathlib import Path

from scripts.make_taggable import SCHEMAS, read
from tts_constructs import standards
from tts_constructs.policy.aws.iam_prefixes import TABLE

POLICIES = Path(str(distribution("cfn-lint").locate_file("cfnlint/data/AdditionalSpecs/Policies.json")))

_BY_HAND: dict[str, tuple[str, ...]] = {
    "aurora": ("rds", "rds-data", "rds-db"),  # GSA reviews it as a service; CloudFormation keeps it in RDS
    "elasticsearch": ("es",),  # the schema names no permissions
    "evidently": (),  # AWS took the service away, and its prefix
    "glacier": ("glacier",),  # a service without resource types, which GSA reviewed
    "importexport": ("importexport",),  # the same
    "opensearch": ("es", "opensearch"),  # its domains and its applications
    "pinpointemail": ("ses",),  # the schema names no permissions
    "snowballedge": ("snowball",),  # a service without resource types, which GSA reviewed
}

_ALSO = {
    "apigateway": ("execute-api",),
    "apigatewayv2": ("execute-api",),
    "backup": ("backup-search", "backup-storage"),
    "cloudfront": ("cloudfront-keyvaluestore",),
    "cloudtrail": ("cloudtrail-data",),
    "comprehend": ("comprehendmedical",),
    "directoryservice": ("ds-data",),
    "ec2": ("ebs",),
    "eks": ("eks-auth",),
    "inspectorv2": ("inspector-scan",),
    "location": ("geo-maps", "geo-places", "geo-routes"),
    "neptune": ("neptune-db",),
    "rds": ("rds-data", "rds-db"),
    "redshift": ("redshift-data",),
    "redshiftserverless": ("redshift-data",),
    "s3objectlambda": ("s3",),
    "sagemaker": ("sagemaker-geospatial", "sagemaker-mlflow"),
    "ssm": ("ec2messages", "ssmmessages"),
    "vpclattice": ("vpc-lattice-svcs",),
}
"""Prefixes of data planes, which no resource type needs to be made."""


def table() -> dict[str, list[str]]:
    """Return the IAM prefixes of each namespace of the catalog's regions, in lower case without `AWS::`."""
    known = frozenset(read(POLICIES))
    needed = _needed_prefixes(known)
    users = Counter(prefix for types in needed.values() for prefix in set().union(*types))
    found = {namespace: _own(namespace, types, known, users) for namespace, types in needed.items()}
    whole = {name: {*own, *_ALSO.get(name, ())} for name, own in {**found, **_BY_HAND}.items()}
    return {name: sorted(own) for name, own in sorted(whole.items()) if own}


def rendered() -> str:
    """Return the table as its file holds it."""
    lines = [f" {json.dumps(name)}: {json.dumps(prefixes)}" for name, prefixes in table().items()]
    return "{\n" + ",\n".join(lines) + "\n}\n"


def _needed_prefixes(known: frozenset[str]) -> dict[str, list[set[str]]]:
    """Return the prefixes that the handlers of each type need, by namespace."""
    files = {
        resource_type: file
        for region in standards.REGIONS
        for resource_type, file in read(SCHEMAS / "providers" / f"{region}.json").items()
        if resource_type.startswith("AWS::")
    }
    needed: dict[str, list[set[str]]] = {}
    for resource_type, file in files.items():
        handlers = read(SCHEMAS / "resources" / f"{file}.json").get("handlers") or {}
        permissions = {text for handler in handlers.values() for text in handler.get("permissions", ())}
        prefixes = {text.partition(":")[0].lower() for text in permissions}
        needed.setdefault(resource_type.split("::")[1].lower(), []).append(prefixes & known)
    return needed


def _own(namespace: str, types: list[set[str]], known: frozenset[str], users: Counter[str]) -> list[str]:
    """Return the prefixes that belong to a namespace."""
    own = [prefix for prefix in known if prefix.replace("-", "") == namespace]
    left = [needed for needed in types if needed and not needed & set(own)]
    while left:
        counts = Counter(prefix for needed in left for prefix in needed)
        best = max(sorted(counts), key=lambda prefix: (counts[prefix], -users[prefix]))
        if users[best] > (2 if own else _MOST_USERS):
            break  # a service that many others use, such as KMS
        own.append(best)
        left = [needed for needed in left if best not in needed]
    return own


_MOST_USERS = 25
"""The most namespaces whose types need a prefix that can be the own one of a namespace."""


if __name__ == "__main__":
    TABLE.write_text(rendered(), encoding="utf-8")
    print(f"{TABLE}: {len(table())} namespaces, {len({p for own in table().values() for p in own})} prefixes")
