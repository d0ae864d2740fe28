"""The AWS services that GSA has approved, by the resource types of CloudFormation.

Only GSA staff can see the list that GSA IT maintains, so it is an input: a CSV file that the settings name.
`scripts/make_approved_services.py` makes the bundled list from what is public.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from tts_constructs.errors import InputError, SettingsError
from tts_constructs.files import read_text
from tts_constructs.policy.settings.model import SERVICE_COLUMNS, Settings

if TYPE_CHECKING:
    from tts_constructs.policy.model.assembly import Assembly
    from tts_constructs.policy.model.stack import Resource


BUNDLED = Path(__file__).parent / "data" / "approved-services.csv"

HANDBOOK = "TTS handbook, AWS"
GSA = "GSA service reviews (GSA-TTS/cloud-sandbox, docs/aws)"
LIBRARY = "baseline of this library, not GSA's"

COLUMNS = SERVICE_COLUMNS
PARTITIONS = "partitions"

AURORA = "AWS::Aurora"
"""Namespace for Aurora's resources, which CloudFormation keeps in AWS::RDS."""

PARTITION_NAMES = {"aws": "commercial regions", "aws-us-gov": "GovCloud"}
"""Names of the partitions that a status can be limited to."""

_NO_SERVICES = ("Custom::", "AWS::CDK::")
_STATE_THEIR_ENGINE = frozenset({"AWS::RDS::DBCluster", "AWS::RDS::DBInstance", "AWS::RDS::GlobalCluster"})
_SERVERLESS = {
    "AWS::Serverless::Api": "AWS::ApiGateway::RestApi",
    "AWS::Serverless::Application": "AWS::CloudFormation::Stack",
    "AWS::Serverless::Function": "AWS::Lambda::Function",
    "AWS::Serverless::HttpApi": "AWS::ApiGatewayV2::Api",
    "AWS::Serverless::LayerVersion": "AWS::Lambda::LayerVersion",
    "AWS::Serverless::SimpleTable": "AWS::DynamoDB::Table",
    "AWS::Serverless::StateMachine": "AWS::StepFunctions::StateMachine",
}
"""CloudFormation types that the transform AWS::Serverless makes from its own."""


class Status(StrEnum):
    """The status of a service in a list. `NONE`: the list names the service and gives no status."""

    APPROVED = "approved"
    NOT_APPROVED = "not approved"
    NOT_REVIEWED = "not reviewed"
    NONE = ""


_STRICTNESS = {Status.APPROVED: 1, Status.NOT_REVIEWED: 2, Status.NONE: 2, Status.NOT_APPROVED: 4}
_ON_NO_LIST = 3


@dataclass(frozen=True)
class Service:
    """A row of a list.

    Args:
        service: Its name, as people write it, or a namespace such as `AWS::DynamoDB`.
        status: Its status in the list.
        caveats: What its users must comply with.
        source: Who gave the status.
        as_of: Date of the status.
        partitions: Partitions that the status applies to; empty: all.
        words: The words of the list for the status.
        of_team: Whether the row comes from the list that the settings name.
    """

    service: str
    status: Status
    caveats: str = ""
    source: str = ""
    as_of: str = ""
    partitions: tuple[str, ...] = ()
    words: str = ""
    of_team: bool = False

    @property
    def origin(self) -> str:
        """The source and date of the status; empty: the list doesn't say."""
        return ", ".join(filter(None, (self.source, self.as_of)))

    @property
    def quote(self) -> str:
        """The words of the list in quotation marks; empty if they add nothing to the status."""
        return f'"{self.words}"' if self.words.lower() not in {"", self.status} else ""

    @property
    def says(self) -> str:
        """The words of the list with their source, as the end of a sentence."""
        quote = f": {self.quote}" if self.quote else ""
        return f"{quote} ({self.origin or 'the list of approved services'})"

    @property
    def limits(self) -> str:
        """The partitions where the service is approved, in words; empty: everywhere, or nowhere."""
        names = " and ".join(PARTITION_NAMES[partition] for partition in self.partitions)
        return f"in {names} only" if names and self.status is Status.APPROVED else ""

    @property
    def everywhere(self) -> bool:
        """True if the service is approved in every region."""
        return self.status is Status.APPROVED and not self.partitions

    @property
    def strictness(self) -> int:
        """Strictness of the status: of two rows of the same rank, the stricter counts."""
        return 0 if self.everywhere else _STRICTNESS[self.status]

    @property
    def rank(self) -> int:
        """Rank of the row: of several rows about one service, the lowest rank counts."""
        if self.of_team:
            return 0
        if self.source == HANDBOOK:
            return 1
        if self.source == LIBRARY:
            return 3
        return 2 if self.status in {Status.APPROVED, Status.NOT_APPROVED} else 4

    @property
    def namespaces(self) -> tuple[str, ...]:
        """Prefixes of its resource types, in lower case; its own name if it has no resource types."""
        if "::" in self.service:
            return (self.service.strip().lower(),)
        names = [_key(self.service), *map(_key, re.findall(r"\(([^)]*)\)", self.service))]
        known = next((NAMESPACES[name] for name in names if name in NAMESPACES), (names[0],))
        return tuple(f"aws::{namespace}" for namespace in known) or (names[0],)


class Services:
    """All lists together."""

    def __init__(self, rows: Iterable[Service]) -> None:
        self.rows = tuple(rows)
        self._by_namespace: dict[str, list[Service]] = {}
        self._by_type: dict[str, tuple[Service, ...]] = {}
        self._approved: dict[str, bool] = {}
        for row in self.rows:
            for namespace in row.namespaces:
                self._by_namespace.setdefault(namespace, []).append(row)

    def of(self, resource_type: str) -> Service | None:
        """Return the row that counts for a resource type or namespace, or None if no list has it."""
        return next(iter(self.about(resource_type)), None)

    def about(self, resource_type: str) -> tuple[Service, ...]:
        """Return all rows about a resource type, the one that counts first.

        If rows of the same rank differ, the row about the type itself counts, else the stricter one.
        """
        rows = self._by_type.get(resource_type)
        if rows is None:
            ranked = [
                (row.rank, position, -row.strictness, row)
                for position, name in enumerate(_beginnings(resource_type.lower()))
                for row in self._by_namespace.get(name, ())
            ]
            ranked.sort(key=lambda candidate: candidate[:-1])
            rows = self._by_type[resource_type] = tuple(row for *_, row in ranked)
        return rows

    def counted(self, kinds: Iterable[str]) -> str:
        """Return the type that counts among several: the one with the most lenient row."""
        rows = {kind: self.of(kind) for kind in kinds}
        return min(rows, key=lambda kind: row.strictness if (row := rows[kind]) else _ON_NO_LIST)

    def approve(self, resource_type: str) -> bool:
        """Return whether every service that a resource type can belong to is approved in every region."""
        approved = self._approved.get(resource_type)
        if approved is None:
            rows = [self.of(kind) for kind in kinds_of(resource_type)]
            approved = self._approved[resource_type] = all(row and row.everywhere for row in rows)
        return approved


def kinds_of(resource_type: str) -> tuple[str, ...]:
    """Return the types to look up in the lists for a resource type; empty: it belongs to no service.

    GSA reviews Aurora and RDS separately; CloudFormation has one namespace for both.
    """
    if resource_type.startswith(_NO_SERVICES) or resource_type.endswith("::MODULE"):
        return ()
    kind = _SERVERLESS.get(resource_type, resource_type)
    return (kind, kind.replace("AWS::RDS", AURORA)) if kind.startswith("AWS::RDS::") else (kind,)


def kinds(resource: Resource) -> tuple[str, ...]:
    """Return the types to look up for a resource; of two types, the more lenient answer counts.

    The engine tells Aurora from RDS. A resource without one, such as a subnet group, can belong to either.

    Raises:
        UnknownValue: The engine cannot be decided before deployment.
    """
    possible = kinds_of(resource.type)
    if resource.type not in _STATE_THEIR_ENGINE:
        return possible
    engine = resource["Engine"].text() or ""
    return possible[1:] if engine.lower().startswith("aurora") else possible[:1]


def services_of(settings: Settings) -> Services:
    """Return the lists of approved services that these settings use.

    Raises:
        SettingsError: The file that the settings name cannot be used; all faults are named.
    """
    listed = settings.services
    team = read_services(listed.approved, columns=listed.columns) if listed.approved else ()
    return Services((*team, *_bundled()))


def services_in_force(assembly: Assembly) -> Services:
    """Return the lists of approved services for an assembly; raises the same errors as `services_of`."""
    return services_of(assembly.settings)


def read_services(
    path: Path, *, columns: Mapping[str, str] = MappingProxyType({}), of_team: bool = True
) -> tuple[Service, ...]:
    """Return the rows of a CSV file with the headings `service`, `status`, `caveats`, `source`, `as_of`.

    Args:
        path: The file, in UTF-8, as a spreadsheet exports it. A column `partitions` can limit a status to
            `aws` or `aws-us-gov`; without it, the words of the status can. Other columns are ignored.
        columns: Headings of the file by our names for them. If given, the file is somebody else's spreadsheet
            and needs only a service and a status.
        of_team: Whether it is the list that the settings name.

    Raises:
        SettingsError: It cannot be used; all faults are named with their lines.
    """
    try:
        text = read_text(path).removeprefix("\ufeff")
        lines = csv.reader(io.StringIO(text, newline=""), strict=True)
        rows = [(lines.line_num, row) for row in lines if any(cell.strip() for cell in row)]
    except InputError as error:
        raise SettingsError(str(path), error.faults) from None
    except csv.Error as error:
        raise SettingsError(str(path), [f"is not a CSV file in UTF-8: {error}"]) from None
    ours = {heading.strip().lower(): column for column, heading in columns.items()}
    written = [cell.strip().lower() for cell in rows[0][1]] if rows else []
    headings = [ours.get(heading, heading) for heading in written]
    needed = dict.fromkeys((*COLUMNS[:2], *columns)) if columns else COLUMNS
    if missing := [columns.get(column, column) for column in needed if column not in headings]:
        expected = ",".join(columns.get(column, column) for column in needed)
        raise SettingsError(str(path), [f"has no column {', '.join(missing)}; its first line is {expected}"])
    reader = _Reader(of_team)
    services = [reader.row(number, dict(zip(headings, row, strict=False))) for number, row in rows[1:]]
    if reader.faults:
        raise SettingsError(str(path), reader.faults)
    return tuple(services)


def status_of(text: str) -> Status | None:
    """Return the status that a text of a GSA review or spreadsheet means, or None if it means none.

    "Not approved / Not reviewed" is one line of the reviews' template: nobody has reviewed the service. A
    text that says both "approved" and "not reviewed" contradicts itself and approves nothing.
    """
    said = _plain(text)
    verdict = said.replace("not approved / not reviewed", "")
    if not said:
        return Status.NONE
    if re.search(r"\b(not approved|not authorized|denied|prohibited)\b", verdict):
        return Status.NOT_APPROVED
    if verdict != said or re.search(r"\b(not reviewed|under review)\b", said):
        return Status.NOT_REVIEWED
    return Status.APPROVED if re.search(r"\b(approved?|authorized)\b", verdict) else None


def partitions_of(text: str) -> tuple[str, ...]:
    """Return the partitions that an approving text names; empty: all, or it names none.

    "East" and "West" alone mean the commercial regions. A pending GovCloud review approves nothing there.
    """
    said = _plain(text)
    commercial = re.search(r"\beast ?/ ?west\b|\bcommercial\b", said)
    gov = re.search(r"(?<!review in )\bgovcloud\b|\bgovernment community cloud\b", said)
    if bool(commercial) == bool(gov):
        return ()
    return ("aws",) if commercial else ("aws-us-gov",)


def _plain(text: str) -> str:
    return " ".join(text.lower().replace("*", " ").split())


class _Reader:
    """Reads rows, and collects every fault with its line."""

    def __init__(self, of_team: bool) -> None:
        self.faults: list[str] = []
        self._of_team = of_team
        self._lines: dict[str, int] = {}

    def row(self, line: int, cells: dict[str, str]) -> Service:
        cells = {heading: cell.strip() for heading, cell in cells.items()}
        service = cells["service"]
        words = cells.get("status", "")
        status = status_of(words)
        partitions = tuple(cells.get(PARTITIONS, "").split())
        if status is Status.APPROVED and not partitions:
            partitions = partitions_of(words)
        if not service:
            self.faults.append(f"line {line}: names no service")
        if status is None:
            choices = ", ".join(filter(None, Status))
            self.faults.append(f"line {line}: status is {words!r}; write {choices}, or leave it empty")
        if not PARTITION_NAMES.keys() >= set(partitions):
            self.faults.append(
                f"line {line}: partitions is {cells[PARTITIONS]!r}; write aws or aws-us-gov, or nothing"
            )
        if self._of_team and service:
            self._once(line, service)
        return Service(
            service=service,
            status=status or Status.NONE,
            caveats=cells.get("caveats", ""),
            source=cells.get("source", ""),
            as_of=cells.get("as_of", ""),
            partitions=() if set(partitions) == PARTITION_NAMES.keys() else partitions,
            words=words,
            of_team=self._of_team,
        )

    def _once(self, line: int, service: str) -> None:
        first = self._lines.setdefault(service.lower(), line)
        if first != line:
            self.faults.append(f"line {line}: {service} is already on line {first}")


@cache
def _bundled() -> tuple[Service, ...]:
    return read_services(BUNDLED, of_team=False)


def _beginnings(resource_type: str) -> Iterator[str]:
    """Yield the type and the namespaces that hold it, the longest first."""
    while resource_type:
        yield resource_type
        resource_type = resource_type.rpartition("::")[0]


_FILLERS = frozenset({"amazon", "aws", "for", "service", "services", "the"})


def _key(name: str) -> str:
    """Return the name of a service without the parts that people add or leave out."""
    words = re.findall(r"[a-z0-9]+", re.sub(r"\([^)]*\)", " ", name.lower()))
    return "".join(word for word in words if word not in _FILLERS)


NAMESPACES: dict[str, tuple[str, ...]] = {
    "acm": ("certificatemanager",),
    "apigateway": ("apigateway", "apigatewayv2"),
    "autoscalegroups": ("autoscaling",),
    "autoscalinggroups": ("autoscaling",),
    "cloudwatchevents": ("events",),
    "cloudwatchlogs": ("logs",),
    "documentdb": ("docdb", "docdbelastic"),
    "elasticblockstore": ("ec2",),
    "elasticcomputecloud": ("ec2",),
    "elasticcontainer": ("ecs",),
    "elasticcontainerkubernetes": ("eks",),
    "elasticcontainerregistry": ("ecr",),
    "elasticfile": ("efs",),
    "elasticfilesystem": ("efs",),
    "elasticloadbalancer": ("elasticloadbalancing", "elasticloadbalancingv2"),
    "elasticloadbalancers": ("elasticloadbalancing", "elasticloadbalancingv2"),
    "elasticloadbalancing": ("elasticloadbalancing", "elasticloadbalancingv2"),
    "elasticmapreduce": ("emr",),
    "elb": ("elasticloadbalancing", "elasticloadbalancingv2"),
    "eventbridge": ("events",),
    "fargate": ("ecs",),
    "firehose": ("kinesisfirehose",),
    "firewallmanager": ("fms",),
    "glacier": (),
    "identityandaccessmanagement": ("iam",),
    "importexport": (),
    "incidentmanager": ("ssmincidents", "ssmcontacts"),
    "inspector": ("inspector", "inspectorv2"),
    "keymanagement": ("kms",),
    "kinesisdatafirehose": ("kinesisfirehose",),
    "kinesisdatastreams": ("kinesis",),
    "managedstreamingapachekafka": ("msk",),
    "mq": ("amazonmq",),
    "opensearch": ("opensearchservice",),
    "parameterstore": ("ssm::parameter",),
    "pinpoint": ("pinpoint", "pinpointemail"),
    "relationaldatabase": ("rds",),
    "resourceaccessmanager": ("ram",),
    "simpleemail": ("ses",),
    "simplenotification": ("sns",),
    "simplequeue": ("sqs",),
    "simplestorage": ("s3",),
    "snowballedge": (),
    "ssmincidentmanager": ("ssmincidents", "ssmcontacts"),
    "systemsmanager": ("ssm",),
    "systemsmanagerparameterstore": ("ssm::parameter",),
    "ec2systemsmanagerparameterstore": ("ssm::parameter",),
    "transferfamily": ("transfer",),
    "virtualprivatecloud": ("ec2",),
    "vpc": ("ec2",),
    "waf": ("waf", "wafregional", "wafv2"),
}
"""Namespaces of services whose usual name differs from the name in CloudFormation."""
