"""Lists of approved services: the bundled one, a team's, and which row of them counts."""

import csv
import json
import re
from collections.abc import Callable
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scripts import make_approved_services
from scripts.make_taggable import SCHEMAS, read
from tests.policy.aws.service_lists import HEADINGS, listed
from tts_constructs.errors import SettingsError
from tts_constructs.policy.aws import approved_services as lists
from tts_constructs.policy.aws.approved_services import (
    AURORA,
    GSA,
    HANDBOOK,
    LIBRARY,
    NAMESPACES,
    Service,
    Services,
    Status,
    kinds,
    kinds_of,
    partitions_of,
    read_services,
    services_of,
    status_of,
)
from tts_constructs.policy.model.stack import Stack
from tts_constructs.policy.settings.model import ServiceSettings, Settings

BUNDLED = services_of(Settings())


# The bundled list


PUBLISHED = {
    "API Gateway.md": ("API Gateway", Status.APPROVED, ("aws",)),
    "AWS CodeBuild.md": ("CodeBuild", Status.NOT_REVIEWED, ()),
    "AWS CodeCommit.md": ("CodeCommit", Status.NOT_REVIEWED, ()),
    "AWS CodePipeline.md": ("CodePipeline", Status.NOT_REVIEWED, ()),
    "AWS CodeStar.md": ("CodeStar", Status.NOT_REVIEWED, ()),
    "AWS ElasticSearch.md": ("ElasticSearch Service", Status.NOT_REVIEWED, ()),
    "AWS Import_Export.md": ("Import/Export", Status.APPROVED, ()),
    "AWS QuickSight.md": ("QuickSight", Status.APPROVED, ()),
    "AWS Service - AWS SES Service.md": ("Simple Email Service (SES)", Status.NOT_REVIEWED, ()),
    "AWS Service - Aurora.docx (1).md": ("Aurora", Status.APPROVED, ()),
    "AWS Service - Aurora.docx.md": ("Aurora", Status.APPROVED, ()),
    "AWS Service - EC2 Systems Manager Parameter Store.md": (
        "EC2 Systems Manager (SSM) Parameter Store", Status.NOT_REVIEWED, (),
    ),
    "AWS Service - Lambda.md": ("Lambda", Status.APPROVED, ("aws",)),
    "AWS Service - Resource Access Manager.md": ("Resource Access Manager", Status.NOT_REVIEWED, ()),
    "AWS Service - Secrets Manager.md": ("Secrets Manager", Status.NOT_REVIEWED, ()),
    "AWS Service - SnowBall Edge.docx.md": ("SnowBall Edge", Status.APPROVED, ()),
    "AWS Service - Storage Gateway.docx.md": ("Storage Gateway", Status.NOT_REVIEWED, ()),
    "AWS Service - XRAY.md": ("XRAY", Status.NOT_REVIEWED, ()),
    "AWS Service Review- AWS PinPoint .md": ("PinPoint", Status.NOT_REVIEWED, ()),
    "Cloud9.md": ("Cloud9", Status.NOT_REVIEWED, ()),
    "ElastiCache.md": ("ElastiCache", Status.APPROVED, ()),
    "Glacier.md": ("Glacier", Status.APPROVED, ()),
    "GuardDuty.md": ("GuardDuty", Status.NOT_REVIEWED, ()),
    "ISE AWS Amazon Managed Streaming for Apache Kafka (Amazon MSK).md": (
        "Managed Streaming for Apache Kafka (Amazon MSK)", Status.NOT_REVIEWED, (),
    ),
    "ISE AWS Bedrock.md": ("Bedrock", Status.APPROVED, ()),
    "ISE AWS ECR Review .md": ("Elastic Container Registry", Status.NOT_REVIEWED, ()),
    "ISE AWS ECS and Fargate Service Review.md": ("Elastic Container Service (ECS)", Status.APPROVED, ()),
    "ISE AWS EKS.md": ("Elastic Container Service for Kubernetes (EKS)", Status.NOT_REVIEWED, ()),
    "ISE AWS Elastic File Service (EFS) v2.md": ("Elastic File System (EFS)", Status.APPROVED, ()),
    "ISE AWS Firewall Manager.md": ("Firewall Manager", Status.APPROVED, ("aws",)),
    "ISE AWS Kinesis Data FireHose Review.md": ("Kinesis Data FireHose", Status.APPROVED, ()),
    "ISE AWS SageMaker.md": ("SageMaker", Status.APPROVED, ()),
    "ISE AWS Service Review - AWS Certificate Manager.md": (
        "Certificate Manager (ACM)", Status.NOT_REVIEWED, (),
    ),
    "ISE AWS Service SSM Incident Manager.md": ("SSM Incident Manager", Status.APPROVED, ()),
    "KMS.md": ("KMS", Status.APPROVED, ()),
    "RDS.md": ("RDS", Status.APPROVED, ()),
    "Transfer Family.md": ("Transfer Family", Status.NOT_REVIEWED, ()),
}  # fmt: skip
"""What each review that GSA has published means, read by a person."""

OF_GSA = [row for row in BUNDLED.rows if row.source == GSA]


def reviews() -> dict[str, dict[str, Any]]:
    text = (make_approved_services.DATA / "gsa-service-reviews.json").read_text(encoding="utf-8")
    return dict(json.loads(text))


def page() -> dict[str, str]:
    """The statuses of the review page, by source file."""
    with (make_approved_services.DATA / "gsa-service-approval-review.csv").open(encoding="utf-8") as file:
        return {line["source_file"]: line["status_as_published"] for line in csv.DictReader(file)}


def in_letters(text: str) -> str:
    """The words of a text, without marks, numbers and links."""
    return " ".join(re.findall("[A-Za-z]+", text))


def test_the_bundled_list_is_what_its_script_makes() -> None:
    assert lists.BUNDLED.read_text(encoding="utf-8") == make_approved_services.rendered(), (
        "run python scripts/make_approved_services.py"
    )


@pytest.mark.parametrize("file", PUBLISHED)
def test_a_row_says_what_both_published_files_say(file: str) -> None:
    name, status, partitions = PUBLISHED[file]
    (row,) = [row for row in OF_GSA if row.service == name]
    assert (row.status, row.partitions, row.as_of) == (status, partitions, "2026-04-14")
    assert row.words == page()[file]
    of_json = reviews()[file]["fedramp_status"]
    assert of_json in {None, f"{row.words}**"}
    for caveat in reviews()[file]["use_caveats"]:
        assert in_letters(caveat)[:16] in in_letters(row.caveats)


def test_no_published_review_is_left_out_and_none_is_made_up() -> None:
    assert PUBLISHED.keys() == reviews().keys() == page().keys()
    assert [row.service for row in OF_GSA] == list(dict.fromkeys(name for name, *_ in PUBLISHED.values()))


def test_reviews_that_contradict_each_other_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for file in make_approved_services.DATA.glob("gsa-*"):
        text = file.read_text(encoding="utf-8")
        (tmp_path / file.name).write_text(
            text.replace('"FedRAMP Approved**"', '"Denied**"'), encoding="utf-8"
        )
    monkeypatch.setattr(make_approved_services, "DATA", tmp_path)
    with pytest.raises(ValueError, match="has another status in one file than in the other"):
        make_approved_services.rendered()


def test_every_row_has_its_source_and_date() -> None:
    assert {row.source for row in BUNDLED.rows} == {HANDBOOK, GSA, LIBRARY}
    assert all(row.as_of for row in BUNDLED.rows)


def test_the_handbook_and_our_baseline_say_what_is_approved() -> None:
    ours = [row.service for row in BUNDLED.rows if row.source == LIBRARY]
    assert [row.service for row in BUNDLED.rows if row.source == HANDBOOK] == [
        "EC2",
        "S3",
        "VPC",
        "auto-scaling groups",
        "IAM",
    ]
    assert "AWS::KMS" in ours
    assert len(ours) == 13


@pytest.mark.parametrize(
    ("resource_type", "status", "source"),
    [
        ("AWS::AutoScaling::AutoScalingGroup", Status.APPROVED, HANDBOOK),
        ("AWS::EC2::VPC", Status.APPROVED, HANDBOOK),
        ("AWS::KMS::Key", Status.APPROVED, GSA),
        ("AWS::RDS::DBInstance", Status.APPROVED, GSA),
        ("AWS::CertificateManager::Certificate", Status.APPROVED, LIBRARY),
        ("AWS::SSM::Parameter", Status.APPROVED, LIBRARY),
        ("AWS::EFS::FileSystem", Status.APPROVED, GSA),
        ("AWS::ApiGatewayV2::Api", Status.APPROVED, GSA),
        ("AWS::SSMIncidents::ResponsePlan", Status.APPROVED, GSA),
        ("AWS::KinesisFirehose::DeliveryStream", Status.APPROVED, GSA),
        ("AWS::MSK::Cluster", Status.NOT_REVIEWED, GSA),
        ("AWS::ECR::Repository", Status.NOT_REVIEWED, GSA),
        ("AWS::EKS::Cluster", Status.NOT_REVIEWED, GSA),
        ("AWS::ElastiCache::ReplicationGroup", Status.APPROVED, GSA),
    ],
)
def test_the_strongest_source_gives_the_status(resource_type: str, status: Status, source: str) -> None:
    row = BUNDLED.of(resource_type)
    assert row is not None
    assert (row.status, row.source) == (status, source)


@pytest.mark.parametrize(
    "resource_type", ["AWS::DynamoDB::Table", "AWS::S3Tables::TableBucket", "Alexa::ASK::Skill", ""]
)
def test_a_service_on_no_list_is_on_none(resource_type: str) -> None:
    assert BUNDLED.of(resource_type) is None


# Which row counts


def row(service: str, status: Status, **more: Any) -> Service:
    return Service(service, status, **more)


def test_rows_count_by_their_source() -> None:
    ranked = [
        row("KMS", Status.NOT_REVIEWED, of_team=True),
        row("KMS", Status.NOT_APPROVED, source=HANDBOOK),
        row("KMS", Status.APPROVED, source=GSA),
        row("KMS", Status.NOT_APPROVED, source=LIBRARY),
        row("KMS", Status.NONE, source=GSA),
    ]
    while ranked:
        assert Services(reversed(ranked)).of("AWS::KMS::Key") is ranked.pop(0)


def test_the_stricter_of_two_rows_of_one_list_counts() -> None:
    ranked = [
        row("VPC", Status.NOT_APPROVED, of_team=True),
        row("VPC", Status.NOT_REVIEWED, of_team=True),
        row("VPC", Status.APPROVED, of_team=True, partitions=("aws",)),
        row("VPC", Status.APPROVED, of_team=True),
    ]
    while ranked:
        assert Services(reversed(ranked)).of("AWS::EC2::VPC") is ranked.pop(0)


def test_where_our_baseline_outweighs_gsa_both_are_known() -> None:
    counts, *others = BUNDLED.about("AWS::CertificateManager::Certificate")
    assert (counts.source, counts.status) == (LIBRARY, Status.APPROVED)
    assert [(other.source, other.words) for other in others] == [(GSA, "Not reviewed/ Under Review")]


def test_the_row_of_a_type_counts_before_that_of_its_namespace() -> None:
    rows = [
        row("SSM", Status.NOT_APPROVED, of_team=True),
        row("Parameter Store", Status.APPROVED, of_team=True),
    ]
    assert Services(rows).of("AWS::SSM::Parameter") is rows[1]
    assert Services(rows).of("AWS::SSM::Document") is rows[0]


def test_of_several_types_the_one_with_the_most_lenient_row_counts() -> None:
    rows = [
        row("A", Status.NOT_APPROVED, of_team=True),
        row("C", Status.NOT_REVIEWED, of_team=True),
        row("D", Status.APPROVED, of_team=True, partitions=("aws",)),
        row("E", Status.APPROVED, of_team=True),
    ]
    kinds_by_strictness = [f"AWS::{name}::Thing" for name in "EDCBA"]  # B is on no list
    for kind, stricter in pairwise(kinds_by_strictness):
        assert Services(rows).counted((kind, stricter)) == kind
        assert Services(rows).counted((stricter, kind)) == kind


@pytest.mark.parametrize(
    ("resource_type", "looked_up"),
    [
        ("AWS::S3::Bucket", ("AWS::S3::Bucket",)),
        ("AWS::RDS::DBSubnetGroup", ("AWS::RDS::DBSubnetGroup", "AWS::Aurora::DBSubnetGroup")),
        ("AWS::Serverless::Function", ("AWS::Lambda::Function",)),
        ("AWS::CDK::Metadata", ()),
    ],
)
def test_a_type_is_looked_up_once_and_one_of_rds_as_aurora_too(
    resource_type: str, looked_up: tuple[str, ...]
) -> None:
    assert kinds_of(resource_type) == looked_up


@pytest.mark.parametrize(
    ("engine", "looked_up"),
    [
        ("mysql", "AWS::RDS::DBInstance"),
        ("Aurora-mysql", "AWS::Aurora::DBInstance"),
        (None, "AWS::RDS::DBInstance"),
    ],
)
def test_an_engine_says_whether_a_database_is_of_aurora(
    make_stack: Callable[..., Stack], engine: str | None, looked_up: str
) -> None:
    properties = f"{{Engine: {engine}}}" if engine else "{}"
    stack = make_stack(f"Resources: {{D: {{Type: AWS::RDS::DBInstance, Properties: {properties}}}}}")
    assert kinds(stack.resources["D"]) == (looked_up,)


@pytest.mark.parametrize(
    ("name", "resource_type"),
    [
        ("DynamoDB", "AWS::DynamoDB::Table"),
        ("Amazon DynamoDB", "AWS::DynamoDB::Table"),
        ("AWS Step Functions", "AWS::StepFunctions::StateMachine"),
        ("Simple Queue Service (SQS)", "AWS::SQS::Queue"),
        ("Amazon Simple Queue Service", "AWS::SQS::Queue"),
        ("Elastic Load Balancing", "AWS::ElasticLoadBalancingV2::Listener"),
        ("Amazon EventBridge", "AWS::Events::Rule"),
        ("AWS::Events", "AWS::Events::Rule"),
        ("Datadog::Monitors", "Datadog::Monitors::Monitor"),
        ("AWS Certificate Manager (ACM)", "AWS::CertificateManager::Certificate"),
        ("Relational Database Service", "AWS::RDS::DBInstance"),
    ],
)
def test_a_service_is_known_by_the_names_that_people_use(name: str, resource_type: str) -> None:
    assert Services([row(name, Status.APPROVED)]).of(resource_type) is not None


@pytest.mark.parametrize("name", ["S3", "EC2", "Kinesis"])
def test_a_namespace_that_only_begins_alike_is_another_service(name: str) -> None:
    assert Services([row(name, Status.APPROVED)]).of(f"AWS::{name}Next::Thing") is None


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("Approved", Status.APPROVED),
        (" not  approved ", Status.NOT_APPROVED),
        ("Not reviewed", Status.NOT_REVIEWED),
        ("", Status.NONE),
        ("Not approved / Not reviewed**", Status.NOT_REVIEWED),
        ("Not reviewed/ Under Review**", Status.NOT_REVIEWED),
        (
            "Approved in East/West, under JAB review in GovCloudNot approved / Not reviewed",
            Status.NOT_REVIEWED,
        ),
        ("Approved in East/West, under JAB review in GovCloud", Status.APPROVED),
        ("Approved, but not reviewed in GovCloud", Status.NOT_REVIEWED),
        ("Not approved / Not reviewed, denied by the CISO", Status.NOT_APPROVED),
        ("The CISO has conditionally approved the use of it.", Status.APPROVED),
        ("FedRAMP Approved East / West Only**", Status.APPROVED),
        ("Approve East/West/GovCloud**", Status.APPROVED),
        ("[Authorized](https://aws.example)**", Status.APPROVED),
        ("Denied", Status.NOT_APPROVED),
        ("**Not** approved", Status.NOT_APPROVED),
        ("perhaps", None),
        ("disapproved", None),
    ],
)
def test_a_status_is_read_as_gsa_writes_it(text: str, status: Status | None) -> None:
    assert status_of(text) is status


@pytest.mark.parametrize(
    ("text", "partitions"),
    [
        ("Approved", ()),
        ("FedRAMP Approved East / West Only", ("aws",)),
        ("Approve East/West/GovCloud**", ()),
        ("FedRAMP Approved East / West & GovCloud", ()),
        ("Approved in AWS East/West, under JAB review in GovCloud", ("aws",)),
        ("approved for the AWS East/West US Public Cloud or AWS Government Community Cloud", ()),
        ("Approved in GovCloud", ("aws-us-gov",)),
        ("Approved Commercial (Moderate)", ("aws",)),
    ],
)
def test_the_words_of_an_approval_say_where_it_holds(text: str, partitions: tuple[str, ...]) -> None:
    assert partitions_of(text) == partitions


# A team's list


def test_a_list_is_read_as_a_spreadsheet_exports_it(tmp_path: Path) -> None:
    text = (
        f'Owner,{HEADINGS.upper()}\r\nIT, DynamoDB ,Approved,"Encrypt, always",GSA IT,5/1/2026\r\n,,,,,\r\n'
    )
    (found,) = read_services(listed(tmp_path, text, "utf-8-sig"))
    assert found == Service(
        "DynamoDB", Status.APPROVED, "Encrypt, always", "GSA IT", "5/1/2026", words="Approved", of_team=True
    )


@pytest.mark.parametrize(
    ("cells", "partitions"),
    [
        ("FedRAMP Approved East / West,", ("aws",)),
        ("FedRAMP Approved East / West,aws-us-gov", ("aws-us-gov",)),
        ("FedRAMP Approved East / West,aws aws-us-gov", ()),
    ],
)
def test_a_team_list_limits_an_approval_by_its_words_or_its_column(
    cells: str, partitions: tuple[str, ...], tmp_path: Path
) -> None:
    path = listed(tmp_path, f"service,status,partitions,caveats,source,as_of\nSQS,{cells},,,\n")
    assert [row.partitions for row in read_services(path)] == [partitions]


def test_every_fault_of_a_list_is_named_with_its_line(tmp_path: Path) -> None:
    text = (
        f"{HEADINGS},partitions\nDynamoDB,perhaps,,,,\n,approved,,,,\n"
        '"SQS",approved,"two\nlines",,,aws-cn\nsqs,approved,,,,\n'
    )
    with pytest.raises(SettingsError) as error:
        read_services(listed(tmp_path, text))
    assert error.value.subject == str(tmp_path / "approved.csv")
    assert error.value.faults == (
        "line 2: status is 'perhaps'; write approved, not approved, not reviewed, or leave it empty",
        "line 3: names no service",
        "line 5: partitions is 'aws-cn'; write aws or aws-us-gov, or nothing",
        "line 6: sqs is already on line 5",
    )


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", f"has no column service, status, caveats, source, as_of; its first line is {HEADINGS}"),
        (
            "service,status\nSQS,approved\n",
            f"has no column caveats, source, as_of; its first line is {HEADINGS}",
        ),
        (f'{HEADINGS}\n"SQS', "is not a CSV file in UTF-8: unexpected end of data"),
    ],
)
def test_what_is_no_list_is_refused(text: str, fault: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as error:
        read_services(listed(tmp_path, text))
    assert error.value.faults == (fault,)


def test_a_list_in_another_encoding_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="is not text in UTF-8"):
        read_services(listed(tmp_path, f"{HEADINGS}\nGrüße,,,,\n", "latin-1"))


@pytest.mark.parametrize(
    ("cells", "service"),
    [
        ("SQS,approved", Service("SQS", Status.APPROVED, words="approved", of_team=True)),
        ("SQS", Service("SQS", Status.NONE, of_team=True)),
    ],
)
def test_a_short_row_has_nothing_in_its_last_columns(cells: str, service: Service, tmp_path: Path) -> None:
    assert read_services(listed(tmp_path, f"{HEADINGS}\n{cells}\n")) == (service,)


def test_a_byte_order_mark_is_no_part_of_the_first_heading(tmp_path: Path) -> None:
    (found,) = read_services(listed(tmp_path, f"{HEADINGS}\nSQS,approved,,,\n", "utf-8-sig"))
    assert found.service == "SQS"


def test_lines_may_end_as_on_an_old_macintosh(tmp_path: Path) -> None:
    (found,) = read_services(listed(tmp_path, f"{HEADINGS}\rSQS,approved,,,\r"))
    assert found.service == "SQS"


def test_the_lines_of_a_cell_are_kept_as_they_are(tmp_path: Path) -> None:
    (found,) = read_services(listed(tmp_path, f'{HEADINGS}\nSQS,approved,"two\r\nlines",,\n'))
    assert found.caveats == "two\r\nlines"


def test_only_a_list_of_the_settings_names_each_service_once(tmp_path: Path) -> None:
    path = listed(tmp_path, f"{HEADINGS}\nSQS,approved,,,\nSQS,denied,,,\n")
    assert len(read_services(path, of_team=False)) == 2
    with pytest.raises(SettingsError, match="line 3: SQS is already on line 2"):
        read_services(path)


def test_rows_that_name_no_service_are_not_compared(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as error:
        read_services(listed(tmp_path, f"{HEADINGS}\n,approved,,,\n,denied,,,\n"))
    assert error.value.faults == ("line 2: names no service", "line 3: names no service")


def outcome(path: Path) -> tuple[Service, ...] | tuple[str, ...]:
    try:
        return read_services(path)
    except SettingsError as error:
        return error.faults


@given(text=st.text(alphabet=st.sampled_from("abc,\"\n\r'; ÄAWS"), max_size=60))
def test_any_text_is_a_list_or_a_clear_error(text: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.getbasetemp() / "any.csv"
    path.write_text(f"{HEADINGS}\n{text}", encoding="utf-8", newline="")
    assert all(outcome(path))


# Names of services against the namespaces that CloudFormation really has


@cache
def namespaces() -> frozenset[str]:
    """The beginnings of all types in the CloudFormation schemas of cfn-lint, in lower case."""
    types = read(SCHEMAS / "providers" / "us-east-1.json")
    return frozenset(name.lower().rpartition("::")[0] for name in types if name.startswith("AWS::"))


def test_every_namespace_in_the_table_of_names_is_one_of_cloudformation() -> None:
    named = {f"aws::{namespace}" for found in NAMESPACES.values() for namespace in found}
    whole = {namespace for namespace in named if namespace.count("::") == 1}
    assert whole <= namespaces()
    assert {namespace.rpartition("::")[0] for namespace in named - whole} <= namespaces()


def test_every_namespace_of_cloudformation_is_found_by_its_own_name() -> None:
    for namespace in namespaces():
        row = Service(f"AWS::{namespace.removeprefix('aws::')}", Status.APPROVED, of_team=True)
        assert Services([row]).of(f"{namespace}::thing") is row


def test_every_row_of_the_bundled_list_names_services_that_cloudformation_knows() -> None:
    named = {name for row in BUNDLED.rows for name in row.namespaces if name.count("::") == 1}
    assert named <= namespaces() | {AURORA.lower()}


# The columns of a spreadsheet

COLUMNS = {"service": "AWS Service", "status": "GSA Approval"}


def test_headings_of_a_spreadsheet_are_read_by_the_settings(tmp_path: Path) -> None:
    path = listed(tmp_path, "Row,aws service,GSA Approval,caveats\n1,DynamoDB,Not approved,none\n")
    row = services_of(Settings(services=ServiceSettings(approved=path, columns=COLUMNS))).of(
        "AWS::DynamoDB::Table"
    )
    assert row is not None
    assert (row.status, row.caveats, row.of_team) == (Status.NOT_APPROVED, "none", True)


def test_a_spreadsheet_needs_a_service_and_a_status_alone(tmp_path: Path) -> None:
    path = listed(tmp_path, "AWS Service,GSA Approval\nDynamoDB,Approved\n")
    assert read_services(path, columns=COLUMNS) == (
        Service("DynamoDB", Status.APPROVED, words="Approved", of_team=True),
    )


@pytest.mark.parametrize(
    ("text", "columns", "fault"),
    [
        (
            "service,status\n",
            {},
            "has no column caveats, source, as_of; its first line is service,status,caveats",
        ),
        ("AWS Service\n", COLUMNS, "has no column GSA Approval; its first line is AWS Service,GSA Approval"),
        ("service,status\n", {"as_of": "Reviewed"}, "has no column Reviewed"),
    ],
)
def test_a_heading_that_is_missing_is_named_as_the_file_should_write_it(
    tmp_path: Path, text: str, columns: dict[str, str], fault: str
) -> None:
    with pytest.raises(SettingsError, match=fault):
        read_services(listed(tmp_path, text), columns=columns)
