"""Makes the bundled list of approved services.

Run `python scripts/make_approved_services.py REVIEWS`, where REVIEWS is the JSON of GSA's published reviews
(public repository GSA-TTS/cloud-sandbox, docs/aws).
"""

from __future__ import annotations

import csv
import json
import re
import sys
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

from tts_constructs.policy.services import (
    BUNDLED,
    COLUMNS,
    GSA,
    HANDBOOK,
    LIBRARY,
    PARTITIONS,
    Service,
    Status,
    status_of,
)

_REVIEWS_AS_OF = "2026-04-14"
_READ_ON = "2026-11-24"  # the handbook's page has no date; the baseline is of the same day
_CUT = 100  # characters after which the published reviews cut a caveat off

_OF_HANDBOOK = ("EC2", "S3", "VPC", "auto-scaling groups", "IAM")
_OF_LIBRARY = (
    "AutoScaling", "ElasticLoadBalancingV2", "KMS", "Logs", "CloudWatch", "SNS", "CertificateManager",
    "Route53", "WAFv2", "Budgets", "SSM", "Backup", "CloudFormation",
)  # fmt: skip


def services(reviews: dict[str, dict[str, Any]]) -> list[Service]:
    """The rows of the list; a review that was published twice is one row."""
    rows = [
        *(Service(name, Status.APPROVED, source=HANDBOOK, as_of=_READ_ON) for name in _OF_HANDBOOK),
        *map(_reviewed, reviews.values()),
        *(Service(f"AWS::{name}", Status.APPROVED, source=LIBRARY, as_of=_READ_ON) for name in _OF_LIBRARY),
    ]
    return list(dict.fromkeys(rows))


def rendered(reviews: dict[str, dict[str, Any]]) -> str:
    """The list as it stands in its file."""
    text = StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow((*COLUMNS, PARTITIONS))
    for row in services(reviews):
        cells = (row.service, row.status, row.caveats, row.source, row.as_of, " ".join(row.partitions))
        writer.writerow(cells)
    return text.getvalue()


def _reviewed(review: dict[str, Any]) -> Service:
    said = review["fedramp_status"] or ""
    status = status_of(said)
    if status is None:
        sys.exit(f"{review['service_name']}: no status is known by the words {said!r}")
    return Service(
        service=_name(review["service_name"]),
        status=status,
        caveats=" ".join(_sentences(review["use_caveats"])),
        source=GSA,
        as_of=_REVIEWS_AS_OF,
        partitions=_partitions(said) if status is Status.APPROVED else (),
    )


def _name(text: str) -> str:
    name = text.replace("*", "").replace("_", "/").strip()
    name = re.sub(r"^(ISE )?(AWS )?(Service Review- |Service )?(AWS |Amazon )?(Amazon )?", "", name)
    return re.sub(r"(Parameter Store)(?: \1)+", r"\1", name).strip()


def _sentences(caveats: list[str]) -> Iterator[str]:
    for caveat in caveats:
        text = caveat.partition("**Links")[0]
        text = re.sub(r"\[([^\]]*)\]?(\([^)]*\)?)?", r"\1", text).replace("**", "")
        text = re.sub(r"\n\s*(\d+\.|\*)\s", " ", text)
        text = " ".join(text.split())
        yield f"{text}…" if len(caveat) >= _CUT and not text.endswith(".") else f"{text.rstrip('.')}."


def _partitions(said: str) -> tuple[str, ...]:
    """East and West alone are the commercial regions; a review under way is no approval."""
    regional = re.search(r"east\s*/\s*west", said, re.IGNORECASE)
    gov = re.search(r"govcloud", said, re.IGNORECASE) and not re.search(
        r"review in govcloud", said, re.IGNORECASE
    )
    return ("aws",) if regional and not gov else ()


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python scripts/make_approved_services.py REVIEWS")
    published = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    BUNDLED.write_text(rendered(published), encoding="utf-8")
    print(f"{BUNDLED}: {len(services(published))} rows")
