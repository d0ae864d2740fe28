"""TTS-EC2-003: Instances must start from the most recent FISMA Ready baseline image."""

from __future__ import annotations

from collections.abc import Iterator

from tts_constructs.policy.aws.beanstalk import LAUNCH_OPTIONS, OPTION_HOLDERS, options
from tts_constructs.policy.aws.launch_templates import (
    COMPUTE_ENVIRONMENT,
    CONFIGURATION,
    FLEET,
    GROUP,
    INSTANCE,
    MANAGED_INSTANCE,
    MIXED,
    NODE_GROUP,
    SPOT_FLEET,
    TEMPLATE,
    has_no_instances,
    launch_template,
    settings_of,
    specifications,
)
from tts_constructs.policy.model.checks import check_each, stop_at_unknown
from tts_constructs.policy.model.node import Node
from tts_constructs.policy.model.rule import Rule, fixed_by
from tts_constructs.policy.model.stack import Resource
from tts_constructs.policy.result import Result
from tts_constructs.policy.rules.ec2._image_provenance import unproven
from tts_constructs.policy.rules.ec2._shared import unseen

_ITS_IMAGE = "its image"


def _image(image: Node) -> Iterator[Result]:
    if image.exists:
        yield from unproven(image)


def _stated_image(resource: Resource) -> Iterator[Result]:
    yield from check_each(list(settings_of(resource)), lambda settings: _image(settings["ImageId"]))


def _image_of_instance(instance: Resource) -> Iterator[Result]:
    if instance["ImageId"].exists:
        yield from _image(instance["ImageId"])
    elif instance["LaunchTemplate"].exists:
        yield from _template_names_image(instance["LaunchTemplate"])


def _image_of_fleet(fleet: Resource) -> Iterator[Result]:
    yield from stop_at_unknown(_stated_image(fleet))
    yield from check_each(list(specifications(fleet)), _template_names_image)


def _image_of_group(group: Resource) -> Iterator[Result]:
    for specification in specifications(group):
        yield from stop_at_unknown(_template_names_image(specification))
    overrides = group.properties.at(MIXED)["Overrides"].items()
    yield from check_each(overrides, lambda override: _image(override["ImageId"]))


def _image_of_node_group(nodes: Resource) -> Iterator[Result]:
    if nodes["LaunchTemplate"].exists:
        yield from _template_names_image(nodes["LaunchTemplate"])
    else:
        yield nodes["LaunchTemplate"].violation("Without a launch template EKS starts an image of its own.")


def _image_of_environment(environment: Resource) -> Iterator[Result]:
    if has_no_instances(environment):
        return
    resources = environment["ComputeResources"]
    configurations = resources["Ec2Configuration"].items()
    yield from stop_at_unknown(_image(resources["ImageId"]))
    yield from check_each(configurations, lambda configuration: _image(configuration["ImageIdOverride"]))
    overrides = resources["LaunchTemplate"]["Overrides"].items()
    yield from check_each(overrides, lambda override: unseen(override, _ITS_IMAGE))
    overridden = bool(configurations) and all(item["ImageIdOverride"].exists for item in configurations)
    if not (overridden or resources["ImageId"].exists):
        yield from _base_image(resources)


def _base_image(resources: Node) -> Iterator[Result]:
    if resources["LaunchTemplate"].exists:
        yield from _template_names_image(resources["LaunchTemplate"])
    else:
        yield resources.violation("Neither an image nor a launch template is named; Batch starts its own.")


def _template_names_image(specification: Node) -> Iterator[Result]:
    """Yield a finding if a launch template names no image, or its most recent version isn't used.

    The image itself is judged at the launch template.
    """
    yield from stop_at_unknown(_most_recent_version(specification["Version"]))
    yield from unseen(specification, _ITS_IMAGE)
    template = launch_template(specification)
    if template and not template.properties.at("LaunchTemplateData/ImageId").exists:
        yield specification.violation(f"The launch template {template.logical_id} names no image.")


def _most_recent_version(version: Node) -> Iterator[Result]:
    """Yield a violation if a launch template is used in a version that a newer image doesn't change."""
    reference = version.reference()
    if reference and reference.attribute == "LatestVersionNumber":
        return
    default = reference and reference.attribute == "DefaultVersionNumber"
    written = "$Default" if default else version.text()
    if written and (written == "$Default" or written.isdigit()):
        yield version.violation(
            f"Version is {written}, so instances start from the image of that version also when a newer one "
            "names a newer image.",
            fix="Give the group the launch template itself (`launch_template=`), or write "
            "`version=template.latest_version_number`.",
            template_fix='Write `{"Fn::GetAtt": […, LatestVersionNumber]}`, or `$Latest` where the '
            "launch template is not in the same stack.",
        )


def _image_of_beanstalk(environment: Resource) -> Iterator[Result]:
    images = [place for name, place in options(environment, LAUNCH_OPTIONS) if name == "ImageId"]
    yield from check_each(images, _image)
    if not images:
        yield environment["OptionSettings"].unknown(
            "Elastic Beanstalk makes groups of its own, from an image of its platform."
        )


_BEANSTALK_IMAGE = (
    "Use TtsAsgService. Or set the option `ImageId` of `aws:autoscaling:launchconfiguration` to the image of "
    "`ec2.MachineImage.lookup(…)`.",
    "Set the option `ImageId` of `aws:autoscaling:launchconfiguration` to an SSM parameter that the settings "
    "name ([image] ssm_parameters in tts.toml).",
)


RULE = Rule(
    id="TTS-EC2-003",
    title="Instances must start from the most recent FISMA Ready baseline image",
    why=(
        "TTS hardens one Ubuntu image and keeps it patched. Other images don't have this hardening. Anybody "
        "can publish an image with the same name, so you must prove where the image comes from."
    ),
    source="Handbook, “Operating system (OS) baseline”: “You should always launch new instances from "
    "this baseline. You can find them by searching for the most recent AMI with the name `FISMA Ready "
    "Baseline Ubuntu (TIMESTAMP - Packer)`”.",
    section="Operating system (OS) baseline",
    fix=(
        "Use TtsAsgService, which finds the image with FismaReadyImage. Or write "
        "`ec2.MachineImage.lookup(name=…, owners=[…])` with the name and owner from the settings ([image] "
        "in tts.toml), and commit cdk.context.json. Or read an SSM parameter that the settings name."
    ),
    template_fix=(
        "Read the image from an SSM parameter that the settings name ([image] ssm_parameters in tts.toml). "
        "Use a parameter of type `AWS::SSM::Parameter::Value<AWS::EC2::Image::Id>`, or `{{resolve:ssm:…}}`."
    ),
    decides=(
        "The rule checks every ImageId of a launch template, a launch configuration, an override of a "
        "mixed-instances policy, a Batch compute environment, an instance, or a fleet, and every launch "
        "template that a group, an EKS node group, an instance, or a fleet uses. An image passes if it is "
        "the recorded result of a lookup by exactly the settings' name and owner, or an SSM parameter that "
        "the settings name. It must be the most recent image. These break the rule: a lookup by a filter "
        "that may pick an older image, a version of the SSM parameter, a launch template's version that is "
        "a number or $Default, any other literal, and no image where EKS or Batch would choose one. The "
        "rule can't decide about a launch template outside the app, or about the image of Elastic Beanstalk "
        "unless the option ImageId names it. A lookup that hasn't run yet warns at synth, and can't be "
        "decided in tts check."
    ),
    controls=("CM-2", "CM-3", "CM-6", "SI-2"),
    force="M",
    production="block",
    sandbox="warn",
    checks={
        **dict.fromkeys((TEMPLATE, CONFIGURATION, MANAGED_INSTANCE), _stated_image),
        INSTANCE: _image_of_instance,
        **dict.fromkeys((FLEET, SPOT_FLEET), _image_of_fleet),
        **dict.fromkeys(OPTION_HOLDERS, fixed_by(_image_of_beanstalk, *_BEANSTALK_IMAGE)),
        GROUP: _image_of_group,
        NODE_GROUP: _image_of_node_group,
        COMPUTE_ENVIRONMENT: _image_of_environment,
    },
)
