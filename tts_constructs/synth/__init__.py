"""The judge at `cdk synth`: `TtsApp`, and `TtsGuardrails`, an Aspect and a validation plugin in one."""

from tts_constructs.synth import stderr
from tts_constructs.synth.app import TtsApp
from tts_constructs.synth.guardrails import TtsGuardrails

__all__ = ["TtsApp", "TtsGuardrails"]

stderr.shorten_tracebacks()
