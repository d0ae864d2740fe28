"""The CDK app: the benefits system in production and in a sandbox."""

import aws_cdk as cdk

from sample_app.benefits import PRODUCTION, SANDBOX, BenefitsStack
from tts_constructs import TtsApp


def build(app: cdk.App) -> cdk.App:
    """Both deployments of the system, in `app`."""
    BenefitsStack(app, "Benefits-Production", PRODUCTION)
    BenefitsStack(app, "Benefits-Sandbox", SANDBOX)
    return app


if __name__ == "__main__":
    build(TtsApp()).synth()
