"""The image that instances start from."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_ec2 as ec2

from tts_constructs.constructs.asg_service.fisma_ready_image import FismaReadyImage
from tts_constructs.errors import InvalidArgumentError

Settings = Callable[[str], None]


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Writes `[image]` of the settings and makes them those of the working folder."""
    monkeypatch.chdir(tmp_path)

    def write(image: str) -> None:
        (tmp_path / "tts.toml").write_text(f"[image]\n{image}\n")

    return write


def _image_id(make_stack: Any, make_app: Any, image: FismaReadyImage, recorded: dict[str, str]) -> str:
    stack: cdk.Stack = make_stack("us-gov-west-1", scope=make_app(recorded))
    return str(image.get_image(stack).image_id)


def _lookup(*, name: str = "FISMA Ready Baseline Ubuntu (* - Packer)", architecture: str = "x86_64") -> str:
    return (
        f"ami:account=111122223333:filters.architecture.0={architecture}:filters.image-type.0=machine:"
        f"filters.name.0={name}:filters.state.0=available:owners.0=777788889999:region=us-gov-west-1"
    )


def test_the_most_recent_image_of_the_owner_is_looked_up(
    settings: Settings, make_stack: Any, make_app: Any
) -> None:
    settings('owners = ["777788889999"]')
    recorded = {_lookup(): "ami-0f15a4ead40000001"}
    assert _image_id(make_stack, make_app, FismaReadyImage(), recorded) == "ami-0f15a4ead40000001"


def test_the_lookup_is_for_the_architecture(settings: Settings, make_stack: Any, make_app: Any) -> None:
    settings('owners = ["777788889999"]')
    image = FismaReadyImage(architecture=ec2.InstanceArchitecture.ARM_64)
    recorded = {_lookup(): "ami-0f15a4ead40000001", _lookup(architecture="arm64"): "ami-0f15a4ead40000002"}
    assert _image_id(make_stack, make_app, image, recorded) == "ami-0f15a4ead40000002"


def test_the_settings_say_what_the_image_is_called(
    settings: Settings, make_stack: Any, make_app: Any
) -> None:
    settings('owners = ["777788889999"]\nname = "Hardened (*)"')
    recorded = {_lookup(name="Hardened (*)"): "ami-0f15a4ead40000003"}
    assert _image_id(make_stack, make_app, FismaReadyImage(), recorded) == "ami-0f15a4ead40000003"


def test_a_parameter_is_read_at_each_launch(settings: Settings, make_stack: Any, make_app: Any) -> None:
    settings('ssm_parameters = ["/tts/ami/fisma-ready"]')
    assert _image_id(make_stack, make_app, FismaReadyImage(), {}) == "resolve:ssm:/tts/ami/fisma-ready"


def test_an_owner_is_preferred_to_a_parameter(settings: Settings, make_stack: Any, make_app: Any) -> None:
    settings('owners = ["777788889999"]\nssm_parameters = ["/tts/ami/fisma-ready"]')
    recorded = {_lookup(): "ami-0f15a4ead40000001"}
    assert _image_id(make_stack, make_app, FismaReadyImage(), recorded) == "ami-0f15a4ead40000001"


def test_one_of_the_parameters_can_be_chosen(settings: Settings, make_stack: Any, make_app: Any) -> None:
    settings('owners = ["777788889999"]\nssm_parameters = ["/tts/ami/a", "/tts/ami/b"]')
    image = FismaReadyImage(ssm_parameter="/tts/ami/b")
    assert _image_id(make_stack, make_app, image, {}) == "resolve:ssm:/tts/ami/b"


def test_the_settings_say_which_devices_the_image_has(settings: Settings) -> None:
    settings('owners = ["777788889999"]\ndevices = ["/dev/xvda", "/dev/xvdb"]')
    assert FismaReadyImage().devices == ("/dev/xvda", "/dev/xvdb")


def test_the_default_image_has_two_devices(settings: Settings) -> None:
    settings('owners = ["777788889999"]')
    assert FismaReadyImage().devices == ("/dev/sda1", "/dev/sdk")


def test_without_an_owner_nothing_is_looked_up(settings: Settings) -> None:
    settings("")
    with pytest.raises(InvalidArgumentError) as error:
        FismaReadyImage()
    assert error.value.faults == (
        "nobody is named who owns the FISMA Ready image, and a lookup by name alone would take anybody's; "
        'write owners = ["<account id>"] below [image] in tts.toml, with the account that builds the image '
        '(or ssm_parameters = ["/path"])',
    )


def test_of_several_parameters_one_has_to_be_chosen(settings: Settings) -> None:
    settings('ssm_parameters = ["/tts/ami/a", "/tts/ami/b"]')
    with pytest.raises(InvalidArgumentError) as error:
        FismaReadyImage()
    assert error.value.faults == (
        "the settings name 2 SSM parameters; choose one: ssm_parameter='/tts/ami/a'",
    )


def test_a_parameter_that_the_settings_do_not_name_is_refused(settings: Settings) -> None:
    settings('owners = ["777788889999"]')
    with pytest.raises(InvalidArgumentError) as error:
        FismaReadyImage(ssm_parameter="/mine")
    assert error.value.faults == (
        "ssm_parameter='/mine' is not named in the settings; write "
        'ssm_parameters = ["/mine"] below [image] in tts.toml',
    )
