"""Guardrails for AWS CDK apps: constructs and Aspects that apply the TTS rules for systems on AWS.

Names are loaded when they are first used (PEP 562), so code that needs only the judge never loads the CDK.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tts_constructs._lazy import lazy_names

if TYPE_CHECKING:
    from tts_constructs._version import __version__ as __version__
    from tts_constructs.constructs.alarms import Alarms as Alarms
    from tts_constructs.constructs.asg_service.access import Access as Access
    from tts_constructs.constructs.asg_service.cloudwatch_agent import Agent as Agent
    from tts_constructs.constructs.asg_service.fisma_ready_image import FismaReadyImage as FismaReadyImage
    from tts_constructs.constructs.asg_service.release import Release as Release
    from tts_constructs.constructs.asg_service.secret import Secret as Secret
    from tts_constructs.constructs.asg_service.tts_asg_service import TtsAsgService as TtsAsgService
    from tts_constructs.constructs.bucket import TtsBucket as TtsBucket
    from tts_constructs.constructs.system.network_policy import Flow as Flow
    from tts_constructs.constructs.system.network_policy import InboundFlow as InboundFlow
    from tts_constructs.constructs.system.network_policy import NetworkPolicy as NetworkPolicy
    from tts_constructs.constructs.system.network_policy import OutboundFlow as OutboundFlow
    from tts_constructs.constructs.system.network_policy import ServiceFlow as ServiceFlow
    from tts_constructs.constructs.system.tts_system import TtsSystem as TtsSystem
    from tts_constructs.synth import TtsApp as TtsApp
    from tts_constructs.synth import TtsGuardrails as TtsGuardrails
    from tts_constructs.system_metadata import DataSensitivity as DataSensitivity
    from tts_constructs.system_metadata import Environment as Environment

_HOMES = {
    "Access": "tts_constructs.constructs.asg_service.access",
    "Agent": "tts_constructs.constructs.asg_service.cloudwatch_agent",
    "Alarms": "tts_constructs.constructs.alarms",
    "DataSensitivity": "tts_constructs.system_metadata",
    "Environment": "tts_constructs.system_metadata",
    "FismaReadyImage": "tts_constructs.constructs.asg_service.fisma_ready_image",
    "Flow": "tts_constructs.constructs.system.network_policy",
    "InboundFlow": "tts_constructs.constructs.system.network_policy",
    "NetworkPolicy": "tts_constructs.constructs.system.network_policy",
    "OutboundFlow": "tts_constructs.constructs.system.network_policy",
    "Release": "tts_constructs.constructs.asg_service.release",
    "Secret": "tts_constructs.constructs.asg_service.secret",
    "ServiceFlow": "tts_constructs.constructs.system.network_policy",
    "TtsApp": "tts_constructs.synth",
    "TtsAsgService": "tts_constructs.constructs.asg_service.tts_asg_service",
    "TtsBucket": "tts_constructs.constructs.bucket",
    "TtsGuardrails": "tts_constructs.synth",
    "TtsSystem": "tts_constructs.constructs.system.tts_system",
    "__version__": "tts_constructs._version",
}

__getattr__, __dir__, __all__ = lazy_names(__name__, _HOMES)
