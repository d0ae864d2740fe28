"""The options of Elastic Beanstalk, which makes balancers, groups and databases of its own by them."""

from __future__ import annotations

from collections.abc import Iterator

from tts_constructs.policy.model.node import Node
from tts_constructs.policy.model.stack import Resource

OPTION_HOLDERS = ("AWS::ElasticBeanstalk::ConfigurationTemplate", "AWS::ElasticBeanstalk::Environment")

LAUNCH_OPTIONS = "aws:autoscaling:launchconfiguration"
NETWORK_OPTIONS = "aws:ec2:vpc"


def options(environment: Resource, namespace: str) -> Iterator[tuple[str, Node]]:
    """Yield name and value of the options of a namespace that one of the `OPTION_HOLDERS` sets.

    Raises:
        UnknownValue: The options, or which one is set, are not known before deployment.
    """
    for setting in environment["OptionSettings"].items():
        if setting["Namespace"].text() == namespace:
            yield setting["OptionName"].text() or "", setting["Value"]
