"""The CDK app: the forms system in production and in a sandbox, with guardrails and nothing else of ours."""

from dataclasses import dataclass

import aws_cdk as cdk

from tts_constructs import Environment, TtsGuardrails

from .stacks import OWNER, PROJECT, Production, Sandbox


@dataclass(frozen=True)
class RawApp:
    """The app with its stacks."""

    app: cdk.App
    production: Production
    sandbox: Sandbox


def build(app: cdk.App) -> RawApp:
    """Both deployments of the system, in `app`."""
    built = RawApp(app, Production(app), Sandbox(app))
    cdk.Aspects.of(app).add(TtsGuardrails(environment=Environment.PRODUCTION, project=PROJECT, owner=OWNER))
    return built


if __name__ == "__main__":
    build(cdk.App()).app.synth()
