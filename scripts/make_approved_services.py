"""Makes the bundled list of approved services from what the handbook, GSA and this library say.

Run `python scripts/make_approved_services.py` after a file in `scripts/data` changes; a test says when.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

from tts_constructs.policy.aws.approved_services import BUNDLED, COLUMNS, GSA, HANDBOOK, LIBRARY

DATA = Path(__file__).parent / "data"
"""What GSA has published; `README.md` there says where."""

_PUBLISHED_ON = "2026-04-14"
_READ_ON = "2026-11-24"  # the handbook's page has no date; the baseline is of the same day
_CUT = 100  # characters after which the published reviews cut a caveat off

_OF_HANDBOOK = ("EC2", "S3", "VPC", "auto-scaling groups", "IAM")
_OF_LIBRARY = (
    "AutoScaling", "ElasticLoadBalancingV2", "KMS", "Logs", "CloudWatch", "SNS", "CertificateManager",
    "Route53", "WAFv2", "Budgets", "SSM", "Backup", "CloudFormation",
)  # fmt: skip


@dataclass(frozen=True)
class Review:
    """What GSA has published of a service, in both files together."""

    service_name: str
    status: str
    caveats: list[str]


def reviews() -> list[Review]:
    """The reviews, in the order of the files.

    Raises:
        ValueError: The files contradict each other.
    """
    listed = json.loads((DATA / "gsa-service-reviews.json").read_text(encoding="utf-8"))
    with (DATA / "gsa-service-approval-review.csv").open(encoding="utf-8", newline="") as file:
        page = {row["source_file"]: row["status_as_published"] for row in csv.DictReader(file)}
    for name in page.keys() | listed.keys():
        status = listed[name]["fedramp_status"] if name in listed else ""
        if name not in page or status not in {None, page[name], f"{page[name]}**"}:
            message = f"{name} has another status in one file than in the other"
            raise ValueError(message)
    return [
        Review(review["service_name"], page[name], review["use_caveats"]) for name, review in listed.items()
    ]


def rows() -> list[tuple[str, ...]]:
    """The rows of the list below its headings; a review that was published twice is one row."""
    return [
        *((name, "approved", "", HANDBOOK, _READ_ON) for name in _OF_HANDBOOK),
        *dict.fromkeys(map(_row, reviews())),
        *((f"AWS::{name}", "approved", "", LIBRARY, _READ_ON) for name in _OF_LIBRARY),
    ]


def rendered() -> str:
    """The list as its file holds it."""
    text = StringIO()
    csv.writer(text, lineterminator="\n").writerows([COLUMNS, *rows()])
    return text.getvalue()


def _row(review: Review) -> tuple[str, ...]:
    caveats = " ".join(_sentences(review.caveats))
    return _name(review.service_name), review.status, caveats, GSA, _PUBLISHED_ON


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


if __name__ == "__main__":
    BUNDLED.write_text(rendered(), encoding="utf-8")
    print(f"{BUNDLED}: {len(rows())} rows")
