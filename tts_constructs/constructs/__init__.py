"""The constructs: what an app team builds a system from. `aws_cdk` lives here."""

import tts_constructs.synth  # noqa: F401 - an argument that cannot be used is told without a traceback
