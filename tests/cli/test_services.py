"""`tts services`: the list, and what an app uses of it."""

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from tts_constructs.cli.main import tts

APP = """
Resources:
  Files: {Type: AWS::S3::Bucket}
  Share: {Type: AWS::EFS::FileSystem}
  Mount: {Type: AWS::EFS::MountTarget}
  Build: {Type: AWS::CodeBuild::Project}
  Quantum: {Type: AWS::Braket::QuantumTask}
  Helper: {Type: Custom::Helper}
  Meta: {Type: AWS::CDK::Metadata}
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "app.yaml").write_text(APP)
    return tmp_path


def run(*arguments: str) -> str:
    result = CliRunner().invoke(tts, ["services", *arguments])
    assert result.exit_code == 0
    return result.output


def test_the_list_has_each_service_with_status_source_and_date() -> None:
    lines = run().splitlines()
    assert "approved      EC2  (TTS handbook, AWS, 2026-11-24)" in lines
    assert any(line.startswith("not reviewed  CodeBuild  (GSA service reviews") for line in lines)


def service_of(name: str, *arguments: str) -> str:
    """What is said of a service, in one line."""
    entries = re.split(r"\n(?! )", run(*arguments))
    (entry,) = [entry for entry in entries if re.search(rf"  {re.escape(name)}(  |$)", entry, re.M)]
    return " ".join(entry.split())


def test_the_list_quotes_what_gsa_says() -> None:
    gsa = "(GSA service reviews (GSA-TTS/cloud-sandbox, docs/aws), 2026-04-14)"
    assert service_of("API Gateway") == (
        f'approved API Gateway {gsa} "FedRAMP Approved East / West Only", in commercial regions only'
    )
    assert service_of("RDS").startswith(f'approved RDS {gsa} "The GSA CISO has conditionally approved')
    assert service_of("Elastic Container Service for Kubernetes (EKS)").endswith(
        'under JAB review in GovCloud (as of 2020/12/01)Not approved / Not reviewed"'
    )


def test_a_service_has_one_status_and_what_it_outweighs_stands_below() -> None:
    said = service_of("AWS::CertificateManager")
    assert said.startswith(
        "approved AWS::CertificateManager (baseline of this library, not GSA's, 2026-11-24)"
    )
    assert 'over Certificate Manager (ACM), not reviewed: "Not reviewed/ Under Review" (GSA' in said
    assert "over EC2 Systems Manager (SSM) Parameter Store, not reviewed" in service_of("AWS::SSM")


def test_what_says_the_same_by_a_weaker_source_is_not_repeated() -> None:
    shown = run()
    assert "  KMS  (GSA" in shown
    assert "AWS::KMS" not in shown
    assert "  EC2  " in shown
    assert "  VPC  " in shown


def test_a_team_list_speaks_of_a_service_without_resource_types(folder: Path) -> None:
    (folder / "list.csv").write_text(
        "service,status,caveats,source,as_of\nGlacier,not approved,,GSA IT,2026-01-01\n"
    )
    (folder / "tts.toml").write_text('[services]\napproved = "list.csv"')
    assert service_of("Glacier").startswith(
        "not approved Glacier (GSA IT, 2026-01-01) over Glacier, approved:"
    )


def test_a_team_list_stands_before_the_bundled_one(folder: Path) -> None:
    (folder / "list.csv").write_text(
        "service,status,caveats,source,as_of\nBraket,not approved,,GSA IT,2026-01-01\n"
    )
    (folder / "tts.toml").write_text('[services]\napproved = "list.csv"')
    assert run().splitlines()[0] == "not approved  Braket  (GSA IT, 2026-01-01)"


def test_the_services_of_an_app_are_shown_once_each() -> None:
    used = [line for line in run("app.yaml").splitlines() if "AWS::" in line]
    assert [line[:12].strip() for line in used] == ["on no list", "not reviewed", "approved", "approved"]
    assert [line[14:].split("  ")[0] for line in used] == [
        "AWS::Braket",
        "AWS::CodeBuild",
        "AWS::EFS",
        "AWS::S3",
    ]


def test_caveats_of_what_is_used_are_printed_once() -> None:
    shown = " ".join(run("app.yaml").split())
    assert shown.count("Encryption for both in transit and at rest must be enabled") == 1
    assert "Twistlock" not in shown


@pytest.mark.parametrize(
    ("resource", "name", "status"),
    [
        ("{Type: AWS::RDS::DBCluster, Properties: {Engine: aurora-mysql}}", "AWS::RDS (Aurora)", "approved"),
        ("{Type: AWS::RDS::DBInstance, Properties: {Engine: mysql}}", "AWS::RDS", "approved"),
        ("{Type: AWS::Serverless::Function}", "AWS::Lambda", "approved"),
        ("{Type: AWS::SSM::Parameter}", "AWS::SSM", "approved"),
        ("{Type: Vendor::Thing::Part}", "Vendor::Thing", "on no list"),
        ("{Type: Nothing}", "Nothing", "on no list"),
    ],
)
def test_a_resource_is_part_of_the_service_that_the_rule_looks_up(
    resource: str, name: str, status: str, folder: Path
) -> None:
    (folder / "one.yaml").write_text(f"Resources: {{One: {resource}}}")
    assert service_of(name, "one.yaml").startswith(f"{status} {name}")


@pytest.mark.parametrize("allowed", ["", ", Default: mysql, AllowedValues: [mysql, aurora-mysql]"])
def test_every_service_that_an_engine_can_be_of_is_shown(allowed: str, folder: Path) -> None:
    (folder / "one.yaml").write_text(
        f"Parameters: {{Engine: {{Type: String{allowed}}}}}\n"
        "Resources: {One: {Type: AWS::RDS::DBCluster, Properties: {Engine: {Ref: Engine}}}}"
    )
    names = [line[14:].split("  ")[0] for line in run("one.yaml").splitlines() if line.startswith("approved")]
    assert names == ["AWS::RDS", "AWS::RDS (Aurora)"]


def test_a_row_about_one_type_is_shown_with_the_type(folder: Path) -> None:
    (folder / "list.csv").write_text(
        "service,status,caveats,source,as_of\nParameter Store,not approved,,GSA IT,2026-01-01\n"
    )
    (folder / "tts.toml").write_text('[services]\napproved = "list.csv"')
    (folder / "one.yaml").write_text(
        "Resources: {P: {Type: AWS::SSM::Parameter}, D: {Type: AWS::SSM::Document}}"
    )
    assert service_of("AWS::SSM::Parameter", "one.yaml").startswith("not approved")
    assert service_of("AWS::SSM", "one.yaml").startswith("approved")


def test_caveats_of_gsa_stay_whoever_gives_the_status(folder: Path) -> None:
    (folder / "list.csv").write_text("service,status,caveats,source,as_of\nEFS,approved,Ask first.,GSA IT,\n")
    (folder / "tts.toml").write_text('[services]\napproved = "list.csv"')
    shown = " ".join(run("app.yaml").split())
    assert "EFS: Ask first." in shown
    assert "Encryption for both in transit and at rest must be enabled" in shown


def test_an_app_without_services_shows_nothing(folder: Path) -> None:
    (folder / "one.yaml").write_text("Resources: {One: {Type: Custom::Helper}}")
    assert run("one.yaml") == ""
