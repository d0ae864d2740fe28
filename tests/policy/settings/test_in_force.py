"""What settings change in a judgment: how long logs are kept, and the columns of the approved list."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tts_constructs.errors import SettingsError
from tts_constructs.policy.aws.approved_services import Status, read_services, services_of
from tts_constructs.policy.engine.judge import judge
from tts_constructs.policy.model.stack import Stack
from tts_constructs.policy.rules import catalog
from tts_constructs.policy.settings.model import RetentionSettings, ServiceSettings, Settings

StackMaker = Callable[..., Stack]
KEPT = [rule for rule in catalog() if rule.id == "TTS-LOG-002"]


@pytest.mark.parametrize(("days", "found"), [(1096, 1), (1826, 1), (1827, 0)])
def test_log_groups_are_kept_as_long_as_the_settings_say(
    make_stack: StackMaker, days: int, found: int
) -> None:
    stack = make_stack(
        f"Resources: {{L: {{Type: AWS::Logs::LogGroup, Properties: {{RetentionInDays: {days}}}}}}}"
    )
    stack.assembly.settings = Settings(retention=RetentionSettings(log_groups=1827))
    assert len(judge(stack.assembly, KEPT).findings) == found


@pytest.mark.parametrize(("days", "found"), [(913, 1), (999, 1), (1000, 0)])
def test_log_buckets_are_kept_as_long_as_the_settings_say(
    make_stack: StackMaker, days: int, found: int
) -> None:
    stack = make_stack(
        "Resources:\n"
        "  Data: {Type: AWS::S3::Bucket, Properties: "
        "{LoggingConfiguration: {DestinationBucketName: !Ref Logs}}}\n"
        "  Logs: {Type: AWS::S3::Bucket, Properties: {LifecycleConfiguration: {Rules: [{Status: Enabled, "
        f"ExpirationInDays: {days}}}]}}}}}}\n"
    )
    stack.assembly.settings = Settings(retention=RetentionSettings(log_buckets=1000))
    assert len(judge(stack.assembly, KEPT).findings) == found


# The columns of a spreadsheet

COLUMNS = {"service": "AWS Service", "status": "GSA Approval"}


@pytest.fixture
def sheet(tmp_path: Path) -> Callable[[str], Path]:
    def sheet(text: str) -> Path:
        path = tmp_path / "sheet.csv"
        path.write_text(text, encoding="utf-8")
        return path

    return sheet


def test_headings_of_a_spreadsheet_are_read_by_the_settings(sheet: Callable[[str], Path]) -> None:
    path = sheet("Row,aws service,GSA Approval,caveats\n1,DynamoDB,Not approved,none\n")
    row = services_of(Settings(services=ServiceSettings(approved=path, columns=COLUMNS))).of(
        "AWS::DynamoDB::Table"
    )
    assert row is not None
    assert (row.status, row.caveats, row.of_team) == (Status.NOT_APPROVED, "none", True)


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
    sheet: Callable[[str], Path], text: str, columns: dict[str, str], fault: str
) -> None:
    with pytest.raises(SettingsError, match=fault):
        read_services(sheet(text), columns=columns)
