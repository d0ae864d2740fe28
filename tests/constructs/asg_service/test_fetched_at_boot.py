"""A release and secrets: what instances are told to fetch, what they may, and what is refused."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_certificatemanager as acm
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_secretsmanager as secretsmanager
from aws_cdk.assertions import Annotations, Match, Template

from tts_constructs import (
    Access,
    Alarms,
    Flow,
    NetworkPolicy,
    Release,
    Secret,
    TtsAsgService,
    TtsBucket,
    TtsSystem,
    standards,
)
from tts_constructs.constructs.asg_service.instance_files import fetch
from tts_constructs.errors import InvalidArgumentError
from tts_constructs.testing import findings

pytestmark = pytest.mark.usefixtures("image_settings")

DIGEST = "0123456789abcdef" * 4
ACCOUNT = "111122223333"
NO_WAY_OUT = NetworkPolicy(outbound=[])

MakeSystem = Callable[..., TtsSystem]


@pytest.fixture
def make(
    make_system: MakeSystem, app_with_images: Callable[..., cdk.App], make_stack: Callable[..., cdk.Stack]
) -> MakeSystem:
    """Makes a system in a region whose image is recorded."""

    def made(region: str = "us-east-1", **arguments: Any) -> TtsSystem:
        stack = make_stack(region, scope=app_with_images(region))
        return make_system(stack, **arguments)

    return made


@pytest.fixture
def system(make: MakeSystem) -> TtsSystem:
    return make()


def service(system: TtsSystem, name: str = "Web", **more: Any) -> TtsAsgService:
    certificate = acm.Certificate.from_certificate_arn(
        system,
        f"{name}Certificate",
        f"arn:{standards.partition(system.stack.region)}:acm:{system.stack.region}:{ACCOUNT}:certificate/web",
    )
    return TtsAsgService(
        system,
        name,
        access=Access.public(),
        port=8080,
        alarms=Alarms.to_email("benefits@example.gov"),
        certificate=certificate,
        **more,
    )


def imported_bucket(system: TtsSystem, **more: Any) -> s3.IBucket:
    return s3.Bucket.from_bucket_attributes(system, "Releases", bucket_name="benefits-releases", **more)


def release(system: TtsSystem, key: str = "web-1.4.0.tar.gz", sha256: str = DIGEST) -> Release:
    return Release.from_bucket(imported_bucket(system), key, sha256=sha256)


def rendered(system: TtsSystem) -> dict[str, Any]:
    return dict(Template.from_stack(system.stack).to_json()["Resources"])


def only(system: TtsSystem, kind: str, part: str = "") -> dict[str, Any]:
    (found,) = (
        resource for name, resource in rendered(system).items() if resource["Type"] == kind and part in name
    )
    return dict(found)


def user_data(system: TtsSystem) -> str:
    """The user data of the only service, with the names of what is known only at deployment."""
    data = only(system, "AWS::EC2::LaunchTemplate")["Properties"]["LaunchTemplateData"]["UserData"]
    text = data["Fn::Base64"]
    parts = [text] if isinstance(text, str) else text["Fn::Join"][1]
    return "".join(part if isinstance(part, str) else f"<{next(iter(part.values()))}>" for part in parts)


def told(system: TtsSystem) -> dict[str, Any]:
    """What the program is told to fetch."""
    found = re.search(r"cat > /opt/tts/fetch.json <<'TTS'\n(.*)\nTTS\n", user_data(system))
    assert found
    return dict(json.loads(found[1]))


def grants(system: TtsSystem) -> Iterator[tuple[str, Any, Any]]:
    """Each action that the instances may do to fetch, its resource, and its conditions."""
    policy = only(system, "AWS::IAM::Policy", "FetchPolicy")
    for statement in policy["Properties"]["PolicyDocument"]["Statement"]:
        assert statement["Effect"] == "Allow"
        yield statement["Action"], joined(statement["Resource"]), statement.get("Condition")


def joined(value: Any) -> Any:
    """An ARN of parts as one text."""
    if isinstance(value, dict) and "Fn::Join" in value:
        return "".join(
            part if isinstance(part, str) else "aws" if part == {"Ref": "AWS::Partition"} else str(part)
            for part in value["Fn::Join"][1]
        )
    return value


def refused(act: Callable[[], object]) -> str:
    with pytest.raises(InvalidArgumentError) as caught:
        act()
    return str(caught.value)


# What instances are told


def test_the_program_is_there_before_the_commands_of_the_service(system: TtsSystem) -> None:
    service(
        system,
        release=release(system),
        secrets=[Secret.from_ssm("/forms/token", env="TOKEN")],
        user_data=["start-web"],
    )
    lines = user_data(system).splitlines()
    order = [
        "cat > /opt/tts/fetch.py <<'TTS'",
        "cat > /opt/tts/fetch.json <<'TTS'",
        "/usr/bin/python3 /opt/tts/fetch.py release || exit 1",
        "cat > /etc/systemd/system/tts-secrets.service <<'TTS'",
        "start-web",
    ]
    assert [line for line in lines if line in order] == order


def test_a_secret_that_is_missing_ends_the_boot_and_shows_why(system: TtsSystem) -> None:
    service(system, secrets=[Secret.from_ssm("/forms/token", env="TOKEN")], user_data=["start-web"])
    *_, start, own = user_data(system).splitlines()
    assert start == (
        "systemctl enable --now tts-secrets.service || "
        "{ journalctl --unit tts-secrets.service --output cat --no-pager; exit 1; }"
    )
    assert own == "start-web"


def test_the_program_on_the_instance_is_the_one_that_is_tested(system: TtsSystem) -> None:
    service(system, release=release(system))
    found = re.search(r"cat > /opt/tts/fetch.py <<'TTS'\n(.*?)\nTTS\n", user_data(system), re.S)
    assert found
    ours = ast.parse(Path(str(fetch.__file__)).read_text(encoding="utf-8"))
    for node in ast.walk(ours):
        if isinstance(node, ast.Module | ast.FunctionDef) and ast.get_docstring(node):
            del node.body[0]
    assert ast.dump(ast.parse(found[1])) == ast.dump(ours)


def test_the_program_leaves_more_than_half_of_the_user_data_to_the_service(make: MakeSystem) -> None:
    plain, full = make(), make()
    service(plain)
    service(full, release=release(full), secrets=[Secret.from_ssm("/forms/token", env="TOKEN")])
    assert len(user_data(full)) - len(user_data(plain)) < 16_384 / 2


def test_without_a_release_and_secrets_nothing_is_fetched(system: TtsSystem) -> None:
    service(system)
    assert "/opt/tts" not in user_data(system)
    assert not [name for name in rendered(system) if "FetchPolicy" in name]


def test_a_release_is_named_with_its_digest(system: TtsSystem) -> None:
    service(system, release=release(system, sha256=DIGEST.upper()))
    assert told(system) == {
        "release": {
            "bucket": "benefits-releases",
            "key": "web-1.4.0.tar.gz",
            "region": "us-east-1",
            "digest": DIGEST,
            "folder": "/opt/tts/release",
            "unpack": True,
        }
    }


@pytest.mark.parametrize(
    ("key", "unpack"),
    [
        ("web.tar", True),
        ("web.tar.gz", True),
        ("web.tgz", True),
        ("web.tar.xz", True),
        ("web.tar.bz2", True),
        ("web.jar", False),
        ("web", False),
        ("web.gz", False),
    ],
)
def test_an_archive_is_known_by_its_ending(key: str, unpack: bool, system: TtsSystem) -> None:
    assert release(system, key).is_archive is unpack


def test_a_bucket_in_another_region_is_asked_there(system: TtsSystem) -> None:
    bucket = imported_bucket(system, region="us-west-2")
    service(system, release=Release.from_bucket(bucket, "web", sha256=DIGEST))
    assert told(system)["release"]["region"] == "us-west-2"


def test_secrets_are_named_and_no_template_resolves_them(system: TtsSystem) -> None:
    own = secretsmanager.Secret(system, "Own")
    named = secretsmanager.Secret.from_secret_name_v2(system, "Named", "forms/login")
    service(
        system,
        secrets=[
            Secret.from_secrets_manager(own, env="OWN"),
            Secret.from_secrets_manager(named, env="PASSWORD", field="password"),
            Secret.from_ssm("/forms/token", env="TOKEN"),
        ],
    )
    (name,) = (n for n, r in rendered(system).items() if r["Type"] == "AWS::SecretsManager::Secret")
    assert told(system) == {
        "environment": {
            "file": "/run/tts/secrets.env",
            "values": [
                {"env": "OWN", "service": "secretsmanager", "name": f"<{name}>", "region": "us-east-1"},
                {
                    "env": "PASSWORD",
                    "service": "secretsmanager",
                    "name": f"arn:<AWS::Partition>:secretsmanager:us-east-1:{ACCOUNT}:secret:forms/login",
                    "region": "us-east-1",
                    "field": "password",
                },
                {"env": "TOKEN", "service": "ssm", "name": "/forms/token", "region": "us-east-1"},
            ],
        }
    }
    assert "{{resolve:" not in json.dumps(rendered(system))


def test_another_digest_is_another_launch_template_and_replaces_the_instances(make: MakeSystem) -> None:
    templates = []
    for sha256 in (DIGEST, "f" * 64):
        system = make()
        service(system, release=release(system, sha256=sha256))
        templates.append(rendered(system))
    old, new = templates
    changed = [name for name in old if old[name] != new[name]]
    (changed_name,) = changed
    assert old[changed_name]["Type"] == "AWS::EC2::LaunchTemplate"
    (group,) = (r for r in new.values() if r["Type"] == "AWS::AutoScaling::AutoScalingGroup")
    assert changed_name in json.dumps(group["Properties"]["LaunchTemplate"]["Version"])
    assert "AutoScalingInstanceRefresh" in group["UpdatePolicy"]


# What instances may


def test_instances_may_read_exactly_what_they_fetch(system: TtsSystem) -> None:
    named = secretsmanager.Secret.from_secret_name_v2(system, "Named", "forms/login")
    complete = secretsmanager.Secret.from_secret_complete_arn(
        system, "Complete", f"arn:aws:secretsmanager:us-west-2:{ACCOUNT}:secret:forms/key-AbCdEf"
    )
    service(
        system,
        release=release(system),
        secrets=[
            Secret.from_secrets_manager(named, env="LOGIN"),
            Secret.from_secrets_manager(complete, env="KEY"),
            Secret.from_ssm("/forms/token", env="TOKEN"),
            Secret.from_ssm("plain", env="PLAIN"),
        ],
    )
    assert list(grants(system)) == [
        ("s3:GetObject", "arn:aws:s3:::benefits-releases/web-1.4.0.tar.gz", None),
        (
            "secretsmanager:GetSecretValue",
            f"arn:aws:secretsmanager:us-east-1:{ACCOUNT}:secret:forms/login-??????",
            None,
        ),
        (
            "secretsmanager:GetSecretValue",
            f"arn:aws:secretsmanager:us-west-2:{ACCOUNT}:secret:forms/key-AbCdEf",
            None,
        ),
        ("ssm:GetParameter", f"arn:aws:ssm:us-east-1:{ACCOUNT}:parameter/forms/token", None),
        ("ssm:GetParameter", f"arn:aws:ssm:us-east-1:{ACCOUNT}:parameter/plain", None),
    ]


def test_a_key_decrypts_only_by_the_service_that_uses_it(system: TtsSystem) -> None:
    keys = {
        name: kms.Key.from_key_arn(system, name, f"arn:aws:kms:us-east-1:{ACCOUNT}:key/{name}")
        for name in ("bucket", "secret", "parameter")
    }
    bucket = imported_bucket(system, encryption_key=keys["bucket"])
    secret = secretsmanager.Secret.from_secret_attributes(
        system,
        "Secret",
        secret_complete_arn=f"arn:aws:secretsmanager:us-east-1:{ACCOUNT}:secret:forms/key-AbCdEf",
        encryption_key=keys["secret"],
    )
    service(
        system,
        release=Release.from_bucket(bucket, "web", sha256=DIGEST),
        secrets=[
            Secret.from_secrets_manager(secret, env="SECRET"),
            Secret.from_ssm("/forms/token", env="TOKEN", key=keys["parameter"]),
        ],
    )
    decrypted = {arn: condition for action, arn, condition in grants(system) if action == "kms:Decrypt"}
    assert decrypted == {
        f"arn:aws:kms:us-east-1:{ACCOUNT}:key/{key}": {
            "StringEquals": {"kms:ViaService": f"{name}.us-east-1.amazonaws.com"}
        }
        for key, name in {"bucket": "s3", "secret": "secretsmanager", "parameter": "ssm"}.items()
    }


def test_a_bucket_of_the_system_is_decrypted_with_its_key(system: TtsSystem) -> None:
    bucket = TtsBucket(system, "Releases")
    service(system, release=Release.from_bucket(bucket, "web", sha256=DIGEST))
    get, decrypt = grants(system)
    (key,) = (n for n, r in rendered(system).items() if r["Type"] == "AWS::KMS::Key")
    assert get[:2] == ("s3:GetObject", f"{system.stack.resolve(bucket.bucket_arn)}/web")
    assert decrypt[:2] == ("kms:Decrypt", {"Fn::GetAtt": [key, "Arn"]})


def test_instances_start_when_they_may_fetch(system: TtsSystem) -> None:
    service(system, release=release(system))
    (policy,) = (name for name in rendered(system) if "FetchPolicy" in name)
    assert policy in only(system, "AWS::AutoScaling::AutoScalingGroup")["DependsOn"]


@pytest.mark.parametrize("region", ["us-east-1", "us-gov-west-1"])
def test_a_service_that_fetches_meets_every_rule(region: str, make: MakeSystem) -> None:
    system = make(region)
    own = secretsmanager.Secret(system, "Own", encryption_key=system.key)
    service(
        system,
        release=Release.from_bucket(TtsBucket(system, "Releases"), "web.tar.gz", sha256=DIGEST),
        secrets=[
            Secret.from_secrets_manager(own, env="API_TOKEN"),
            Secret.from_ssm("/forms/password", env="PASSWORD"),
        ],
    )
    # GSA has not reviewed Secrets Manager, which the list says of any app that has a secret.
    assert {(finding.rule_id, finding.level) for finding in findings(system.stack)} == {
        ("TTS-SVC-001", "warn")
    }


# What is refused


def test_all_faults_of_a_release_are_named_at_once() -> None:
    wrong: Any = "releases"
    said = refused(lambda: Release.from_bucket(wrong, "", sha256="abc"))
    assert "bucket='releases' is text; write s3.Bucket.from_bucket_name(self, 'Bucket', 'releases')" in said
    assert "key is empty; write the key of the object, such as 'web-1.4.0.tar.gz'" in said
    assert "sha256='abc' is not a digest; write the 64 hexadecimal digits that `sha256sum` prints" in said


@pytest.mark.parametrize(
    ("key", "fault"),
    [
        (None, "key=None; write text"),
        ("/web.tar.gz", "key='/web.tar.gz' begins or ends with a slash; write 'web.tar.gz'"),
        ("web/", "write 'web'"),
        ("web-*.tar.gz", "contains '*', which an IAM policy doesn't take literally"),
        ("${aws:username}", "contains '$'"),
        ("a\nb", "contains '\\n'"),
        ("web.zip", "pack the release as .tar.gz"),
        (cdk.Aws.STACK_NAME, "key= is a token, whose value is known only at deployment; write the text"),
    ],
)
def test_a_key_that_no_instance_could_fetch_is_refused(key: Any, fault: str, system: TtsSystem) -> None:
    assert fault in refused(lambda: release(system, key))


@pytest.mark.parametrize(
    ("sha256", "fault"),
    [
        (None, "sha256=None; write text"),
        (DIGEST[1:], "is not a digest"),
        ("g" * 64, "is not a digest"),
        (f"{DIGEST}\n", "is not a digest"),
        (cdk.Aws.STACK_NAME, "sha256= is a token, whose value is known only at deployment; write the text"),
    ],
)
def test_what_is_no_digest_is_refused(sha256: Any, fault: str, system: TtsSystem) -> None:
    assert fault in refused(lambda: release(system, sha256=sha256))


def test_all_faults_of_a_secret_are_named_at_once() -> None:
    wrong: Any = "forms/token"
    said = refused(lambda: Secret.from_secrets_manager(wrong, env="my-token", field=""))
    assert "secret='forms/token' is text; write secretsmanager.Secret.from_secret_" in said
    assert "env='my-token' is not a name of an environment variable" in said
    assert "field is empty; write the field's name" in said


@pytest.mark.parametrize("env", ["", "1TOKEN", "MY TOKEN", "TOKEN=", "É", "TOKEN\n"])
def test_what_is_no_name_of_a_variable_is_refused(env: Any) -> None:
    assert "is not a name of an environment variable" in refused(
        lambda: Secret.from_ssm("/forms/token", env=env)
    )


@pytest.mark.parametrize(
    ("parameter", "fault"),
    [
        ("", "parameter='' is not a name of a parameter"),
        ("/forms/", "parameter='/forms/' is not a name"),
        ("//token", "parameter='//token' is not a name"),
        ("/forms/*", "parameter='/forms/*' is not a name"),
        (None, "parameter=None; write text"),
        ("/aws/reference/secretsmanager/token", "write Secret.from_secrets_manager(...)"),
        (cdk.Aws.STACK_NAME, "parameter= is a token"),
    ],
)
def test_what_is_no_name_of_a_parameter_is_refused(parameter: Any, fault: str) -> None:
    assert fault in refused(lambda: Secret.from_ssm(parameter, env="TOKEN"))


def test_what_is_no_key_of_a_parameter_is_refused() -> None:
    wrong: Any = "alias/forms"
    said = refused(lambda: Secret.from_ssm("/forms/token", env="TOKEN", key=wrong))
    assert "key='alias/forms' is text; write kms.Key.from_key_arn(" in said


def test_two_secrets_for_one_variable_are_refused(system: TtsSystem) -> None:
    secrets = [Secret.from_ssm(f"/forms/{name}", env="TOKEN") for name in "ab"]
    said = refused(lambda: service(system, secrets=secrets))
    assert "secrets= has 2 secrets for the variable TOKEN" in said


@pytest.mark.parametrize(
    ("arguments", "fault"),
    [
        ({"release": "web.tar.gz"}, "release='web.tar.gz' is text; write Release.from_bucket("),
        ({"secrets": "/forms/token"}, "secrets='/forms/token' is text; write a list"),
        ({"secrets": Secret.from_ssm("/forms/token", env="TOKEN")}, "write a list that holds it"),
        ({"secrets": None}, "secrets=None; write a list"),
        (
            {"secrets": ["/forms/token"]},
            "secrets[0]='/forms/token' is text; write Secret.from_secrets_manager(",
        ),
    ],
)
def test_a_service_refuses_anything_else(arguments: dict[str, Any], fault: str, system: TtsSystem) -> None:
    assert fault in refused(lambda: service(system, **arguments))


# The way there


def everything(system: TtsSystem) -> dict[str, Any]:
    named = secretsmanager.Secret.from_secret_name_v2(system, "Named", "forms/login")
    return {
        "release": release(system),
        "secrets": [
            Secret.from_secrets_manager(named, env="LOGIN"),
            Secret.from_ssm("/forms/token", env="TOKEN"),
        ],
    }


def warned(system: TtsSystem) -> bool:
    found = Annotations.from_stack(system.stack).find_warning(
        "*", Match.string_like_regexp("Instances fetch from .* at boot")
    )
    return bool(found)


def test_without_a_flow_and_an_endpoint_synth_fails(make: MakeSystem) -> None:
    system = make(network=NO_WAY_OUT)
    service(system, **everything(system))
    with pytest.raises(RuntimeError, match=r"fetch from S3 and Secrets Manager and Systems Manager at boot"):
        Template.from_stack(system.stack)


def test_endpoints_lead_there_without_a_flow(make: MakeSystem) -> None:
    names = ec2.InterfaceVpcEndpointAwsService
    system = make(
        network=NO_WAY_OUT,
        nat_gateways=0,
        interface_endpoints=[names.S3, names.SECRETS_MANAGER],
    )
    service(system, **everything(system))
    group = ec2.SecurityGroup(system, "Endpoint", vpc=system.vpc, allow_all_outbound=False)
    system.vpc.add_interface_endpoint("Later", service=names.SSM, security_groups=[group], open=False)
    assert not warned(system)


def test_without_a_nat_gateway_and_an_endpoint_synth_warns(make: MakeSystem) -> None:
    system = make(nat_gateways=0)
    service(system, **everything(system))
    assert warned(system)


def test_the_gateway_of_s3_leads_to_a_release(make: MakeSystem) -> None:
    system = make(nat_gateways=0)
    service(system, release=release(system))
    assert not warned(system)


def test_a_service_that_fetches_nothing_needs_no_way_out(make: MakeSystem) -> None:
    system = make(network=NO_WAY_OUT, nat_gateways=0)
    service(system)
    assert not warned(system)


def test_a_nat_gateway_leads_everywhere(system: TtsSystem) -> None:
    service(system, **everything(system))
    assert not warned(system)


def test_a_flow_to_another_port_leads_nowhere(make: MakeSystem) -> None:
    system = make(network=NetworkPolicy(outbound=[Flow.tcp_to("192.0.2.0/24", 587)]))
    service(system, release=release(system))
    with pytest.raises(RuntimeError, match="no outbound flow at port 443"):
        Template.from_stack(system.stack)
