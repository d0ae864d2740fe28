"""Which IAM prefixes the approved list leaves open."""

from pathlib import Path

import pytest

from scripts.make_iam_prefixes import rendered
from tests.policy.aws.service_lists import HEADINGS, listed
from tests.policy.judging import findings
from tts_constructs.policy.aws.approved_services import Service, Services, Status, services_of
from tts_constructs.policy.aws.iam_prefixes import OF_EVERY_SYSTEM, TABLE, iam_prefixes, open_prefixes
from tts_constructs.policy.settings.model import ServiceSettings, Settings

WARN = ServiceSettings(unknown="warn")
BLOCK = ServiceSettings(unknown="block")
EVERY = {prefix for prefixes in iam_prefixes().values() for prefix in prefixes} | set(OF_EVERY_SYSTEM)


def of_team(name: str, status: Status, *partitions: str) -> Service:
    return Service(name, status, partitions=partitions, of_team=True)


def opened(*rows: Service, settings: ServiceSettings = WARN, partition: str | None = "aws") -> set[str]:
    return set(open_prefixes(Services((*rows, *services_of(Settings()).rows)), settings, partition))


def test_the_table_is_what_the_schemas_of_cfn_lint_say() -> None:
    assert TABLE.read_text(encoding="utf-8") == rendered(), "run python scripts/make_iam_prefixes.py"


@pytest.mark.parametrize(
    ("namespace", "prefixes"),
    [
        ("s3", {"s3"}),
        ("stepfunctions", {"states"}),
        ("certificatemanager", {"acm"}),
        ("cognito", {"cognito-identity", "cognito-idp"}),
        ("elasticloadbalancingv2", {"elasticloadbalancing"}),
        ("opensearchservice", {"es"}),
        ("secretsmanager", {"secretsmanager"}),
        ("ssm", {"ec2messages", "ssm", "ssmmessages"}),
        ("rds", {"rds", "rds-data", "rds-db"}),
        ("apigatewayv2", {"apigateway", "execute-api"}),
        ("wafv2", {"wafv2"}),
        ("importexport", {"importexport"}),
        ("kinesisfirehose", {"firehose"}),
    ],
)
def test_a_namespace_has_the_prefixes_of_its_actions(namespace: str, prefixes: set[str]) -> None:
    assert set(iam_prefixes()[namespace]) == prefixes


def test_every_service_of_the_bundled_list_has_a_prefix() -> None:
    for row in services_of(Settings()).rows:
        assert any(
            name.removeprefix("aws::").partition("::")[0] in iam_prefixes() for name in row.namespaces
        ), row


def test_what_nobody_has_decided_on_is_open_unless_the_settings_block_it() -> None:
    undecided = {"dynamodb", "secretsmanager", "sqs", "ecr", "events", "scheduler", "states", "ses", "xray"}
    assert undecided <= opened()
    assert not undecided & opened(settings=BLOCK)
    assert {"ec2", "s3", "kms", "rds-db", "execute-api", "sts"} <= opened(settings=BLOCK)


def test_what_is_not_approved_is_left_out() -> None:
    row = of_team("Simple Queue Service (SQS)", Status.NOT_APPROVED)
    assert opened() - opened(row) == {"sqs"}


def test_iam_is_never_among_them() -> None:
    assert "iam" not in opened() | opened(settings=BLOCK)


def test_a_prefix_of_two_services_is_open_if_one_of_them_is() -> None:
    rds, aurora = of_team("RDS", Status.NOT_APPROVED), of_team("Aurora", Status.NOT_APPROVED)
    assert "rds" in opened(rds)
    assert "rds-data" in opened(aurora)
    of_other_names = [of_team(name, Status.NOT_APPROVED) for name in ("AWS::DocDB", "AWS::Neptune")]
    assert not {"rds", "rds-data", "rds-db"} & opened(rds, aurora, *of_other_names)


def test_a_type_that_is_approved_opens_its_service() -> None:
    row = of_team("AWS::SQS::Queue", Status.APPROVED)
    assert "sqs" in opened(row, settings=BLOCK)


def test_an_approval_for_one_partition_counts_there() -> None:
    assert "lambda" in opened(settings=BLOCK, partition="aws")
    assert "lambda" not in opened(settings=BLOCK, partition="aws-us-gov")
    assert "lambda" not in opened(settings=BLOCK, partition=None)
    assert "lambda" in opened(partition="aws-us-gov")


@pytest.mark.parametrize("unknown", ["warn", "block"])
@pytest.mark.parametrize("region", ["us-east-1", "us-gov-west-1"])
def test_they_agree_with_the_rule_about_approved_services(tmp_path: Path, unknown: str, region: str) -> None:
    rows = "SQS,not approved,,GSA,2026\nAWS::DynamoDB,approved,,GSA,2026\nS3,not approved,,GSA,2026\n"
    path = listed(tmp_path, f"{HEADINGS}\n{rows}")
    services = ServiceSettings(unknown="block" if unknown == "block" else "warn", approved=path)
    settings = Settings(services=services)
    partition = "aws-us-gov" if "gov" in region else "aws"
    found = set(open_prefixes(services_of(settings), services, partition))
    alone = {
        namespace: prefixes[0]
        for namespace, prefixes in iam_prefixes().items()
        if len(prefixes) == 1 and sum(prefixes[0] in other for other in iam_prefixes().values()) == 1
    }
    stack = {
        f"R{number}": {"Type": f"AWS::{namespace}::Thing", "Properties": {}}
        for number, namespace in enumerate(alone)
        if namespace != "iam"
    }
    blocked = {
        str(finding.resource_type).split("::")[1]
        for finding in findings("TTS-SVC-001", stack, settings=settings, region=region)
        if finding.level == "block"
    }
    assert "sqs" in blocked
    for namespace, prefix in alone.items():
        if namespace not in ("iam", "glacier", "importexport", "snowballedge"):
            assert (prefix in found) is (namespace not in blocked), namespace


def test_no_settings_open_more_than_the_table() -> None:
    approve_all = [of_team(f"AWS::{namespace}", Status.APPROVED) for namespace in iam_prefixes()]
    assert opened(*approve_all, settings=BLOCK) == opened() == EVERY - {"iam"}
