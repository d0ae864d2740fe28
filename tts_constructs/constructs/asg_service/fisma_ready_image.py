"""The image that instances start from: the most recent FISMA Ready baseline.

Source: handbook, "You should always launch new instances from this baseline. You can find them by searching
for the most recent AMI with the name `FISMA Ready Baseline Ubuntu (TIMESTAMP - Packer)`".
"""

from __future__ import annotations

import jsii
from aws_cdk import aws_ec2 as ec2
from constructs import Construct

from tts_constructs.arguments import checked, refuse
from tts_constructs.policy.configuration import load_settings
from tts_constructs.policy.settings.model import ImageSettings

_EC2_ARCHITECTURES = {
    ec2.InstanceArchitecture.X86_64: "x86_64",
    ec2.InstanceArchitecture.ARM_64: "arm64",
}


@jsii.implements(ec2.IMachineImage)
class FismaReadyImage:
    """The FISMA Ready baseline image of the account and region of a stack.

    The settings (`[image]` of `tts.toml`) say where it comes from. With `owners` it is the most recent image
    of that name and owner. The CDK looks it up once and records it in `cdk.context.json`, until
    `cdk context --reset` or `tts image` renews it. With an SSM parameter, each launch takes the image that
    the parameter holds at that moment, so a replaced instance is current without a deployment. Whoever
    deploys needs `ssm:GetParameters` for it.

    Args:
        architecture: Architecture that the image is built for. Default: x86-64.
        ssm_parameter: One of the settings' `ssm_parameters`, read instead of a lookup. Default: a lookup if
            the settings name owners; otherwise the only SSM parameter that they name.

    Attributes:
        architecture: Architecture that the image is built for.
        devices: Device names of its volumes, the root device first (`[image] devices` of `tts.toml`).

    Raises:
        InvalidArgumentError: The settings name no owner and no SSM parameter, or not the one given. A lookup
            always needs an owner, as anybody could publish an image of that name.
    """

    @checked(values=True)
    def __init__(
        self,
        *,
        architecture: ec2.InstanceArchitecture = ec2.InstanceArchitecture.X86_64,
        ssm_parameter: str | None = None,
    ) -> None:
        settings = load_settings().image
        fault = _fault(settings, ssm_parameter)
        refuse("FismaReadyImage", [fault] if fault else [])
        self.architecture = architecture
        self.devices = settings.volumes
        self._source = _source(settings, architecture, ssm_parameter)

    @jsii.member(jsii_name="getImage")
    def get_image(self, scope: Construct) -> ec2.MachineImageConfig:
        """Returns the image's id in the account and region of `scope`. The CDK calls this."""
        return self._source.get_image(scope)


def default_image_faults() -> list[str]:
    """Returns why `FismaReadyImage()` finds no image. Empty: it finds one."""
    fault = _fault(load_settings().image, None)
    return [fault] if fault else []


def _source(
    settings: ImageSettings, architecture: ec2.InstanceArchitecture, ssm_parameter: str | None
) -> ec2.IMachineImage:
    if ssm_parameter is None and settings.owners:
        return ec2.MachineImage.lookup(
            name=settings.name,
            owners=list(settings.owners),
            # The name says nothing of the architecture, and the most recent image could be of the other one.
            filters={"architecture": [_EC2_ARCHITECTURES[architecture]]},
        )
    return ec2.MachineImage.resolve_ssm_parameter_at_launch(ssm_parameter or settings.ssm_parameters[0])


def _fault(settings: ImageSettings, ssm_parameter: str | None) -> str | None:
    named = settings.ssm_parameters
    if ssm_parameter is not None:
        if ssm_parameter in named:
            return None
        return (
            f"ssm_parameter={ssm_parameter!r} is not named in the settings; write "
            f'ssm_parameters = ["{ssm_parameter}"] below [image] in tts.toml'
        )
    if settings.owners or len(named) == 1:
        return None
    if named:
        return f"the settings name {len(named)} SSM parameters; choose one: ssm_parameter={named[0]!r}"
    return (
        "nobody is named who owns the FISMA Ready image, and a lookup by name alone would take anybody's; "
        'write owners = ["<account id>"] below [image] in tts.toml, with the account that builds the image '
        '(or ssm_parameters = ["/path"])'
    )
