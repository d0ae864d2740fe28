"""The attestation of an assembly: what it says, and what it lets pass."""

import hashlib
import json
import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tts_constructs import files
from tts_constructs.errors import InputError
from tts_constructs.policy.engine.environments import NO_GUARDRAILS, Guardrails
from tts_constructs.policy.loading.reader import read_assembly
from tts_constructs.policy.model.finding import Finding
from tts_constructs.policy.model.stack import Stack
from tts_constructs.policy.records import attestation
from tts_constructs.policy.settings.model import ImageSettings, ServiceSettings, Settings
from tts_constructs.system_metadata import Environment

ACCOUNT = "111122223333"
EMPTY: dict[str, Any] = {"Resources": {}}
FINDING = Finding(
    rule_id="TTS-EC2-001",
    title="Instances are launched by groups",
    verdict="violation",
    level="block",
    logical_id="Web",
    resource_type="AWS::EC2::Instance",
    stack="App",
    construct_path="App/Web/Resource",
    location="",
    message="An instance.",
    fix="Use a group.",
    why="Because.",
    controls=("CP-10",),
)

Attest = Callable[..., dict[str, Any]]


def write(path: Path, content: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content))


def stack_artifact(template: str, account: str = ACCOUNT) -> dict[str, Any]:
    return {
        "type": "aws:cloudformation:stack",
        "environment": f"aws://{account}/us-east-1",
        "properties": {"templateFile": template},
    }


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """An app of a stack with an asset template, and of a stage with a stack."""
    root = tmp_path / "cdk.out"
    artifacts = {
        "App": stack_artifact("App.template.json"),
        "App.assets": {"type": "cdk:asset-manifest", "properties": {"file": "App.assets.json"}},
        "assembly-Prod": {"type": "cdk:cloud-assembly", "properties": {"directoryName": "assembly-Prod"}},
        "Tree": {"type": "cdk:tree", "properties": {"file": "tree.json"}},
    }
    write(root / "manifest.json", {"artifacts": artifacts})
    write(root / "tree.json", EMPTY)
    write(root / "App.template.json", EMPTY)
    files = {
        "1": {"source": {"path": "App.template.json"}},
        "2": {"source": {"path": "asset.2.yaml"}},
        "3": {"source": {"path": "asset.3.txt"}},
        "4": {"source": {"path": "asset.4.json"}},
        "5": {"source": {"executable": ["make"]}},
        "6": {"source": {"path": "asset.6", "packaging": "zip"}},
        "8": {"displayName": "Elsewhere", "source": {"path": "../elsewhere.py", "packaging": "file"}},
        "9": {"displayName": "Itself", "source": {"path": "."}},
    }
    images = {"7": {"source": {"directory": "asset.7", "dockerFile": "Dockerfile"}}}
    write(root / "App.assets.json", {"files": files, "dockerImages": images})
    (tmp_path / "elsewhere.py").touch()
    (root / "asset.6/inner").mkdir(parents=True)
    (root / "asset.6/index.py").write_text("def handler(event, context): ...")
    (root / "asset.6/inner/more.py").write_text("MORE = 1")
    (root / "asset.7").mkdir()
    (root / "asset.7/Dockerfile").write_text("FROM scratch")
    (root / "asset.2.yaml").write_text("Resources: {}")
    (root / "asset.3.txt").write_text("Resources")
    write(root / "asset.4.json", {"color": "red"})
    prod = root / "assembly-Prod"
    write(prod / "manifest.json", {"artifacts": {"Prod-Web": stack_artifact("ProdWeb.template.json")}})
    write(prod / "ProdWeb.template.json", EMPTY)
    return root


@pytest.fixture
def attest(root: Path) -> Attest:
    """Attests the assembly, and gives what the attestation says."""

    def write_attestation(
        *findings: Finding,
        settings: Settings | None = None,
        judged: Callable[[Stack], bool] = lambda _: True,
        guardrails: Callable[[Stack], Guardrails] = lambda _: NO_GUARDRAILS,
    ) -> dict[str, Any]:
        attestation.attest(
            root,
            read_assembly([root], settings),
            findings,
            rules=["TTS-EC2-002", "TTS-EC2-001"],
            judged=judged,
            guardrails=guardrails,
        )
        said: dict[str, Any] = json.loads((root / attestation.FILE_NAME).read_text())
        return said

    return write_attestation


# What it says


def test_it_says_which_version_evaluated_which_rules(attest: Attest) -> None:
    said = attest()
    assert said["version"] == 1
    assert said["tool"]["name"] == "tts-constructs"
    assert said["rules"] == ["TTS-EC2-001", "TTS-EC2-002"]


def test_it_holds_the_hash_of_each_template_stages_and_assets_too(attest: Attest) -> None:
    said = attest()["templates"]
    assert set(said) == {"App.template.json", "asset.2.yaml", "assembly-Prod/ProdWeb.template.json"}
    # printf '{"Resources": {}}' | sha256sum
    assert said["App.template.json"] == "744b8c2529536c3c0c39ef68e7c88acfa5e31b21e52ec1e8f428770ee7a3fa9b"


def test_it_holds_the_hash_of_each_manifest(attest: Attest) -> None:
    assert set(attest()["manifests"]) == {"manifest.json", "App.assets.json", "assembly-Prod/manifest.json"}


def test_the_template_of_a_stack_that_was_not_judged_is_not_attested(attest: Attest) -> None:
    said = attest(judged=lambda stack: stack.name == "App")
    assert set(said["templates"]) == {"App.template.json", "asset.2.yaml"}
    assert set(said["stacks"]) == {"App"}


def test_it_says_the_environment_of_each_stack_and_what_guardrails_said_of_it(attest: Attest) -> None:
    stated = Guardrails(environment=Environment.SANDBOX, minimum=Environment.DEVELOPMENT)
    said = attest(guardrails=lambda stack: stated if stack.name == "App" else NO_GUARDRAILS)["stacks"]
    assert said == {
        "App": {
            "template": "App.template.json",
            "environment": "development",
            "guardrails": "sandbox",
            "minimum": "development",
            "provenance": None,
        },
        "Prod-Web": {
            "template": "assembly-Prod/ProdWeb.template.json",
            "environment": "production",
            "guardrails": None,
            "minimum": None,
            "provenance": None,
        },
    }


TOPIC = {"Topic": {"Type": "AWS::SNS::Topic"}}
ORIGIN = {"repository": "https://git.example.gov/benefits", "commit": "0123456789" * 4}


def test_it_says_where_a_stack_that_is_deployed_comes_from(root: Path, attest: Attest) -> None:
    record = ORIGIN | {"repository": f"https://git.example.gov/{ACCOUNT}", "owner": "a@example.gov"}
    write(root / "App.template.json", {"Metadata": {"TTS": record}, "Resources": TOPIC})
    assert attest()["stacks"]["App"]["provenance"] == {
        "repository": "https://git.example.gov/<account>",
        "commit": ORIGIN["commit"],
        "missing": {},
    }


def test_it_holds_the_hash_of_each_asset_files_and_folders(attest: Attest) -> None:
    said = attest()["assets"]
    assert set(said) == {"asset.3.txt", "asset.4.json", "asset.6", "asset.7"}
    # printf Resources | sha256sum
    assert said["asset.3.txt"] == "e89b30aa1dc30a6ad8c34610689bede83b3ef645a24c3a84a0990826687fb735"
    assert said["asset.6"].startswith("folder:")


def test_it_says_which_assets_it_does_not_cover_and_why_without_a_path(attest: Attest) -> None:
    assert attest()["uncovered"] == {
        "5": "a command makes it when it is published",
        "Elsewhere": "it lies outside of the assembly",
        "Itself": "it lies outside of the assembly",
    }


def test_it_says_what_blocks_and_what_is_waived(attest: Attest) -> None:
    waived = replace(FINDING, waiver="allowed by A until 2026-12-31", logical_id="Old", construct_path=None)
    said = attest(FINDING, waived, replace(FINDING, level="warn"))
    shown = {"rule_id": "TTS-EC2-001", "title": "Instances are launched by groups"}
    assert said["blocking"] == [shown | {"place": "App/Web/Resource"}]
    assert said["waived"] == [shown | {"place": "App/Old", "waiver": "allowed by A until 2026-12-31"}]


def test_it_says_which_lookups_are_pending_and_not_where(root: Path, attest: Attest) -> None:
    manifest = json.loads((root / "manifest.json").read_text())
    missing = [{"provider": provider, "props": {"account": ACCOUNT}} for provider in ("vpc", "ami", "ami")]
    write(root / "manifest.json", manifest | {"missing": missing})
    assert attest()["pending"] == ["ami", "vpc"]


def test_it_holds_no_account_id(root: Path, attest: Attest) -> None:
    settings = Settings(
        accounts={ACCOUNT: Environment.PRODUCTION},
        image=ImageSettings(owners=(ACCOUNT,)),
        path=Path(f"/home/{ACCOUNT}/tts.toml"),
    )
    attest(replace(FINDING, construct_path=f"App-{ACCOUNT}/Web"), settings=settings)
    assert ACCOUNT not in (root / attestation.FILE_NAME).read_text()


def test_it_states_the_settings_that_matter(attest: Attest) -> None:
    said = attest(settings=Settings(projects=("benefits",), image=ImageSettings(ssm_parameters=("/ami",))))
    assert said["settings"]["projects"] == ["benefits"]
    assert said["settings"]["image"]["ssm_parameters"] == ["/ami"]


@pytest.mark.parametrize(
    "other",
    [
        Settings(accounts={ACCOUNT: Environment.SANDBOX}),
        Settings(image=ImageSettings(owners=(ACCOUNT,))),
        Settings(environment=Environment.SANDBOX),
    ],
)
def test_other_settings_have_another_hash(attest: Attest, other: Settings) -> None:
    assert attest()["settings"]["sha256"] != attest(settings=other)["settings"]["sha256"]


def test_settings_are_the_same_wherever_they_stand_and_differ_with_the_files_that_they_name(
    attest: Attest, tmp_path: Path
) -> None:
    def hash_of(folder: str, content: str) -> str:
        file = tmp_path / folder / "approved.csv"
        file.parent.mkdir(exist_ok=True)
        file.write_text(content)
        settings = Settings(services=ServiceSettings(approved=file), path=file.parent / "tts.toml")
        return str(attest(settings=settings)["settings"]["sha256"])

    assert hash_of("a", "service") == hash_of("b", "service")
    assert hash_of("a", "service") != hash_of("a", "other")


# What it lets pass


def test_what_was_judged_and_is_unchanged_passes_wherever_it_is_copied(
    root: Path, attest: Attest, tmp_path: Path
) -> None:
    attest()
    shutil.copytree(root, tmp_path / "elsewhere" / "assembly")
    shutil.rmtree(root)
    assert attestation.faults(tmp_path / "elsewhere" / "assembly") == []


@pytest.mark.parametrize(
    "name", ["App.template.json", "asset.2.yaml", "assembly-Prod/ProdWeb.template.json", "App.assets.json"]
)
def test_a_file_that_changed_is_a_fault(root: Path, attest: Attest, name: str) -> None:
    attest()
    (root / name).write_text((root / name).read_text() + "\n")
    assert attestation.faults(root) == [f"{name} has changed since it was judged"]


@pytest.mark.parametrize(
    "name", ["asset.3.txt", "asset.4.json", "asset.6/inner/more.py", "asset.7/Dockerfile"]
)
def test_an_asset_that_changed_is_a_fault(root: Path, attest: Attest, name: str) -> None:
    attest()
    (root / name).write_text("changed")
    assert attestation.faults(root) == [f"{name.partition('/')[0]} has changed since it was judged"]


def test_a_nested_template_holds_whatever_the_name_of_its_asset_ends_in(root: Path, attest: Attest) -> None:
    nested = {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": "asset.3.txt"}}
    write(root / "App.template.json", {"Resources": {"Nested": nested}})
    write(root / "asset.3.txt", EMPTY)
    assert attest()["templates"].keys() >= {"App.template.json", "asset.3.txt"}
    assert not [fault for fault in attestation.faults(root) if "asset.3.txt" in fault]
    (root / "asset.3.txt").write_text("{}")
    assert "asset.3.txt has changed since it was judged" in attestation.faults(root)


def test_a_file_that_was_added_to_an_asset_is_a_fault(root: Path, attest: Attest) -> None:
    attest()
    (root / "asset.6/inner/.hidden").touch()
    assert attestation.faults(root) == ["asset.6 has changed since it was judged"]


def test_a_file_that_was_renamed_in_an_asset_is_a_fault(root: Path, attest: Attest) -> None:
    attest()
    (root / "asset.6/index.py").rename(root / "asset.6/main.py")
    assert attestation.faults(root) == ["asset.6 has changed since it was judged"]


@pytest.mark.parametrize("name", ["asset.3.txt", "asset.6"])
def test_an_asset_that_was_removed_is_a_fault(root: Path, attest: Attest, name: str) -> None:
    attest()
    (root / name).rename(root.parent / "gone")
    assert attestation.faults(root) == [f"{name} was judged and is no longer there"]


def test_an_asset_that_came_after_the_synth_is_a_fault(root: Path, attest: Attest) -> None:
    (root / "asset.3.txt").unlink()
    attest()
    (root / "asset.3.txt").touch()
    assert attestation.faults(root) == ["asset.3.txt was not judged"]


def test_a_folder_in_place_of_a_file_is_a_fault(root: Path, attest: Attest) -> None:
    attest()
    (root / "asset.3.txt").unlink()
    (root / "asset.3.txt").mkdir()
    assert attestation.faults(root) == ["asset.3.txt has changed since it was judged"]


def test_an_archive_that_would_be_published_in_place_of_an_asset_is_a_fault(
    root: Path, attest: Attest
) -> None:
    """The CDK takes `.cache/<id>.zip`, if it is there, for the folder that it would pack."""
    attest()
    (root / ".cache").mkdir()
    (root / ".cache/6.zip").touch()
    assert attestation.faults(root) == [".cache/6.zip was not judged"]
    attest()
    assert attestation.faults(root) == []


def test_an_asset_that_is_not_covered_may_change(root: Path, attest: Attest) -> None:
    attest()
    (root.parent / "elsewhere.py").write_text("changed")
    assert attestation.faults(root) == []
    assert set(attestation.uncovered(root)) == {"5", "Elsewhere", "Itself"}


def test_an_attestation_of_a_release_that_hashed_no_assets_covers_none(root: Path, attest: Attest) -> None:
    said = attest()
    del said["assets"]
    write(root / attestation.FILE_NAME, said)
    assert "asset.6 was not judged" in attestation.faults(root)


def nest(root: Path, name: str) -> None:
    """Makes a template of any name one that is nested in the stack of the app."""
    assets = json.loads((root / "App.assets.json").read_text())
    destination = {"bucketName": "assets", "objectKey": name}
    assets["files"]["nested"] = {"source": {"path": name}, "destinations": {"here": destination}}
    write(root / "App.assets.json", assets)
    write(root / name, EMPTY)
    url = f"https://s3.us-east-1.amazonaws.com/assets/{name}"
    nested = {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": url}}
    write(root / "App.template.json", {"Metadata": {"TTS": ORIGIN}, "Resources": {"Nested": nested}})


@pytest.mark.parametrize("name", ["nested.txt", "nested.json", "nested.template", "nested"])
def test_a_nested_template_of_any_name_is_judged_and_verified(root: Path, attest: Attest, name: str) -> None:
    nest(root, name)
    assert name in attest()["templates"]
    assert attestation.faults(root) == []
    (root / name).write_text('{"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}}')
    assert attestation.faults(root) == [f"{name} has changed since it was judged"]


def test_a_nested_template_of_any_name_that_was_not_judged_is_a_fault(root: Path, attest: Attest) -> None:
    nest(root, "nested.txt")
    attest(judged=lambda stack: stack.outermost.name != "App")
    assert attestation.faults(root) == ["App.template.json was not judged", "nested.txt was not judged"]


@pytest.mark.parametrize(
    ("left_out", "fault"),
    [
        ({"repository": "no-remote"}, "repository the stack comes: the git repository has no remote"),
        ({"commit": "no-commit", "dirty": "no-commit"}, "commit the stack comes: the git repository has no "),
        ({"repository": "no-git", "commit": "no-git"}, "repository and commit the stack comes: git is not "),
    ],
)
def test_production_without_repository_or_commit_is_a_fault_that_names_the_cause(
    root: Path, attest: Attest, left_out: dict[str, str], fault: str
) -> None:
    record = {name: value for name, value in ORIGIN.items() if name not in left_out} | {"missing": left_out}
    write(root / "App.template.json", {"Metadata": {"TTS": record}, "Resources": TOPIC})
    attest()
    (said,) = attestation.faults(root)
    assert said.startswith(f"App is production, and it is not known from which {fault}")
    assert "`" in said  # the command against it


@pytest.mark.parametrize("record", [None, {}, {"commit": ORIGIN["commit"]}, ORIGIN | {"commit": "main"}])
def test_production_that_does_not_say_why_is_a_fault_too(root: Path, attest: Attest, record: Any) -> None:
    write(root / "App.template.json", {"Metadata": {"TTS": record}, "Resources": TOPIC})
    attest()
    (said,) = attestation.faults(root)
    assert said.startswith("App is production, and its template does not say from which ")


def test_an_attestation_that_says_nothing_of_the_commit_lets_no_production_pass(
    root: Path, attest: Attest
) -> None:
    write(root / "App.template.json", {"Metadata": {"TTS": ORIGIN}, "Resources": TOPIC})
    said = attest()
    assert attestation.faults(root) == []
    for stack in said["stacks"].values():
        del stack["provenance"]
    write(root / attestation.FILE_NAME, said)
    assert len(attestation.faults(root)) == 2


@pytest.mark.parametrize("environment", [Environment.SANDBOX, Environment.DEVELOPMENT])
def test_elsewhere_no_commit_is_asked_for(root: Path, attest: Attest, environment: Environment) -> None:
    write(root / "App.template.json", {"Resources": TOPIC})
    attest(guardrails=lambda _: Guardrails(environment=environment))
    assert attestation.faults(root) == []


def test_a_manifest_that_changed_is_a_fault(root: Path, attest: Attest) -> None:
    attest()
    manifest = root / "manifest.json"
    manifest.write_text(manifest.read_text().replace(ACCOUNT, "444455556666"))
    assert attestation.faults(root) == ["manifest.json has changed since it was judged"]


@pytest.mark.parametrize(
    "name",
    ["Extra.template.json", "extra.yaml", "assembly-Prod/Extra.template.json", "x.nested.template.json"],
)
def test_a_template_that_was_added_is_a_fault(root: Path, attest: Attest, name: str) -> None:
    attest()
    (root / name).write_text("Resources: {}")
    assert attestation.faults(root) == [f"{name} was not judged"]


def test_a_template_of_any_name_that_a_manifest_names_is_a_fault(root: Path, attest: Attest) -> None:
    attest()
    manifest = root / "manifest.json"
    manifest.write_text(manifest.read_text().replace("App.template.json", "App.txt"))
    (root / "App.txt").write_text("{}")
    assert "App.txt was not judged" in attestation.faults(root)


def test_a_template_of_an_earlier_synth_is_a_fault(root: Path, attest: Attest) -> None:
    write(root / "Old.template.json", EMPTY)
    attest()
    assert attestation.faults(root) == ["Old.template.json was not judged"]


def test_a_template_that_was_removed_is_a_fault(root: Path, attest: Attest) -> None:
    attest()
    (root / "App.template.json").unlink()
    assert attestation.faults(root) == ["App.template.json was judged and is no longer there"]


@pytest.mark.parametrize(
    "name", ["notes.txt", "notes.json", "validation-report.json", "tts-registration.json"]
)
def test_other_files_are_no_fault(root: Path, attest: Attest, name: str) -> None:
    attest()
    (root / name).write_text('"Resources"' if name.startswith(("v", "tts")) else "{}")
    assert attestation.faults(root) == []


def test_what_blocked_is_a_fault(root: Path, attest: Attest) -> None:
    attest(FINDING)
    assert attestation.faults(root) == [
        "TTS-EC2-001 blocked at App/Web/Resource: Instances are launched by groups"
    ]


def test_what_is_waived_or_warns_is_no_fault(root: Path, attest: Attest) -> None:
    attest(replace(FINDING, waiver="by A"), replace(FINDING, level="warn"))
    assert attestation.faults(root) == []


def test_a_pending_lookup_is_a_fault(root: Path, attest: Attest) -> None:
    manifest = json.loads((root / "manifest.json").read_text())
    write(root / "manifest.json", manifest | {"missing": [{"provider": "ami"}]})
    attest()
    (fault,) = attestation.faults(root)
    assert fault == (
        "a lookup is not recorded (ami). Run `cdk synth` once with credentials and commit cdk.context.json."
    )


def test_a_stack_that_was_not_judged_is_a_fault(root: Path, attest: Attest) -> None:
    attest(judged=lambda stack: stack.name == "App")
    assert attestation.faults(root) == ["assembly-Prod/ProdWeb.template.json was not judged"]


def test_without_an_attestation_nothing_passes(root: Path) -> None:
    (fault,) = attestation.faults(root)
    assert "nothing shows that guardrails judged this assembly" in fault


@pytest.mark.parametrize(
    "change",
    [
        {"version": 2},
        {"version": None},
        {"templates": []},
        {"manifests": "none"},
        {"stacks": []},
        {"stacks": {"App": "production"}},
        {"assets": ["asset.6"]},
        {"blocking": {}},
        {"blocking": ["TTS-EC2-001"]},
        {"pending": None},
    ],
)
def test_an_attestation_of_another_format_lets_nothing_pass(
    root: Path, attest: Attest, change: dict[str, Any]
) -> None:
    write(root / attestation.FILE_NAME, attest() | change)
    assert len(attestation.faults(root)) == 1


@pytest.mark.parametrize("text", ["", "[]", "{", "1"])
def test_an_attestation_that_cannot_be_read_lets_nothing_pass(root: Path, attest: Attest, text: str) -> None:
    attest()
    (root / attestation.FILE_NAME).write_text(text)
    assert len(attestation.faults(root)) == 1


def test_the_attestation_of_a_judge_that_failed_lets_nothing_pass(root: Path) -> None:
    attestation.attest_failure(root, "TTS-ENGINE", f"the judge failed in {ACCOUNT}")
    faults = attestation.faults(root)
    assert "TTS-ENGINE blocked: the judge failed in <account>" in faults
    assert "App.template.json was not judged" in faults


@pytest.mark.parametrize("manifest", ["[]", '{"artifacts": []}', '{"artifacts": {"A": {}}}', "{"])
def test_what_is_no_cloud_assembly_is_refused(root: Path, manifest: str) -> None:
    (root / "manifest.json").write_text(manifest)
    with pytest.raises(InputError):
        attestation.faults(root)


def test_a_folder_without_a_manifest_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"manifest.json: cannot be read"):
        attestation.faults(tmp_path)


def test_an_assembly_that_holds_itself_comes_to_an_end(root: Path, attest: Attest) -> None:
    attest()
    inner = {"type": "cdk:cloud-assembly", "properties": {"directoryName": "."}}
    write(root / "manifest.json", {"artifacts": {"Self": inner}})
    assert "manifest.json has changed since it was judged" in attestation.faults(root)


# What guardrails said of a stack


def guardrails_of(root: Path, name: str) -> Guardrails:
    (stack,) = (stack for stack in read_assembly([root]).stacks if stack.name == name)
    return attestation.stated_guardrails([root])(stack)


STATED = Guardrails(environment=Environment.SANDBOX, minimum=Environment.DEVELOPMENT)


def test_what_guardrails_said_is_read_where_the_template_is_as_it_was(root: Path, attest: Attest) -> None:
    attest(guardrails=lambda stack: STATED if stack.name == "App" else NO_GUARDRAILS)
    write(root / "assembly-Prod" / "ProdWeb.template.json", {"Resources": {}, "Description": "changed"})
    assert guardrails_of(root, "App") == STATED
    assert guardrails_of(root, "Prod-Web") == NO_GUARDRAILS


def test_what_guardrails_said_of_a_template_that_changed_does_not_count(root: Path, attest: Attest) -> None:
    attest(guardrails=lambda _: STATED)
    write(root / "App.template.json", {"Resources": {}, "Description": "changed"})
    assert guardrails_of(root, "App") == NO_GUARDRAILS
    assert guardrails_of(root, "Prod-Web") == STATED


def test_without_an_attestation_guardrails_said_nothing(root: Path) -> None:
    assert guardrails_of(root, "App") == NO_GUARDRAILS


def test_an_environment_that_does_not_exist_counts_as_none(root: Path, attest: Attest) -> None:
    said = attest(guardrails=lambda _: STATED)
    said["stacks"]["App"] |= {"guardrails": "laboratory", "minimum": 3}
    write(root / attestation.FILE_NAME, said)
    assert guardrails_of(root, "App") == NO_GUARDRAILS


def test_a_template_outside_any_assembly_has_no_guardrails(tmp_path: Path) -> None:
    write(tmp_path / "a.json", EMPTY)
    (stack,) = read_assembly([tmp_path / "a.json"]).stacks
    assert attestation.stated_guardrails([tmp_path / "a.json"])(stack) == NO_GUARDRAILS


# The hash of a folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "asset"
    (folder / "b/c").mkdir(parents=True)
    (folder / "a.py").write_text("a")
    (folder / "b/c/d.py").write_text("d")
    return folder


def test_a_copy_of_a_folder_has_its_hash(folder: Path, tmp_path: Path) -> None:
    before = files.sha256_of_folder(folder)
    shutil.copytree(folder, tmp_path / "copy")
    (tmp_path / "copy/a.py").chmod(0o755)
    (tmp_path / "copy/empty").mkdir()
    assert files.sha256_of_folder(tmp_path / "copy") == before


def test_a_folder_in_which_links_were_followed_has_its_hash(folder: Path, tmp_path: Path) -> None:
    (folder / "link.py").symlink_to("a.py")
    (folder / "links").symlink_to("b")
    (folder / "nowhere").symlink_to("none")
    before = files.sha256_of_folder(folder)
    (folder / "nowhere").unlink()
    shutil.copytree(folder, tmp_path / "copy")  # which follows links
    assert not (tmp_path / "copy/links").is_symlink()
    assert files.sha256_of_folder(tmp_path / "copy") == before


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"a": "1", "b": "2"}, {"a": "2", "b": "1"}),
        ({"a": "12"}, {"a1": "2"}),
        ({"a/b": "1"}, {"a": "1"}),
        ({"a/b": "1"}, {"b/a": "1"}),
        ({}, {"a": ""}),
    ],
)
def test_folders_that_differ_have_other_hashes(
    tmp_path: Path, one: dict[str, str], other: dict[str, str]
) -> None:
    hashes = set()
    for name, content in (("one", one), ("other", other)):
        (tmp_path / name).mkdir()
        for path, text in content.items():
            (tmp_path / name / path).parent.mkdir(exist_ok=True)
            (tmp_path / name / path).write_text(text)
        hashes.add(files.sha256_of_folder(tmp_path / name))
    assert len(hashes) == 2


def test_a_file_that_holds_the_listing_of_a_folder_is_not_taken_for_it(folder: Path, tmp_path: Path) -> None:
    listing = f"file {files.sha256(folder / 'b/c/d.py')} d.py\0"
    assert hashlib.sha256(listing.encode()).hexdigest() == files.sha256_of_folder(folder / "b/c")
    (tmp_path / "forged/b").mkdir(parents=True)
    (tmp_path / "forged/a.py").write_text("a")
    (tmp_path / "forged/b/c").write_text(listing)
    assert files.sha256_of_folder(tmp_path / "forged") != files.sha256_of_folder(folder)


def test_links_in_a_circle_come_to_an_end(folder: Path) -> None:
    (folder / "b/up").symlink_to("..")
    assert files.sha256_of_folder(folder)


def test_folders_that_lead_to_each_other_are_read_once_each(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(12):
        (tmp_path / f"d{number}").mkdir()
        (tmp_path / f"d{number}/file").touch()
        for other in range(number):
            (tmp_path / f"d{number}/l{other}").symlink_to(f"../d{other}")
    read: list[Path] = []
    entries = files.entries_in

    def note(folder: Path) -> list[os.DirEntry[str]]:
        read.append(folder)
        return entries(folder)

    monkeypatch.setattr(files, "entries_in", note)
    files.sha256_of_folder(tmp_path)
    assert len(read) == 13


def test_folders_without_end_are_refused(tmp_path: Path) -> None:
    deep = tmp_path
    for _ in range(files.MAX_DEPTH + 2):
        deep /= "d"
    deep.mkdir(parents=True)
    with pytest.raises(InputError, match="more than 200 folders deep"):
        files.sha256_of_folder(tmp_path)


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"none: cannot be read \(No such file"):
        files.sha256_of_folder(tmp_path / "none")
