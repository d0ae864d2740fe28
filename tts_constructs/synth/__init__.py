"""The judge at `cdk synth`: `TtsGuardrails`, an Aspect and a validation plugin in one."""

from tts_constructs.synth import stderr
from tts_constructs.synth.guardrails import TtsGuardrails

__all__ = ["TtsGuardrails"]

stderr.shorten_tracebacks()
