"""The attestation of an assembly: what it says, and what it lets pass."""

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tts_constructs.errors import InputError
from tts_constructs.policy import attestation
from tts_constructs.policy.assembly import read_assembly
from tts_constructs.policy.engine import NO_GUARDRAILS, Guardrails
from tts_constructs.policy.rule import Finding
from tts_constructs.policy.settings import ImageSettings, ServiceSettings, Settings
from tts_constructs.policy.system import Environment
from tts_constructs.policy.template import Stack

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
    }
    write(root / "App.assets.json", {"files": files})
    (root / "asset.2.yaml").write_text("Resources: {}")
    (root / "asset.3.txt").write_text("Resources")
    write(root / "asset.4.json", {"colour": "red"})
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
        },
        "Prod-Web": {
            "template": "assembly-Prod/ProdWeb.template.json",
            "environment": "production",
            "guardrails": None,
            "minimum": None,
        },
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
    assert fault.startswith("a lookup was pending (ami): synthesize with the cdk command")


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
