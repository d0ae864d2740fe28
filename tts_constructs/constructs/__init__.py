"""The constructs that an app team builds a system from, on `aws_cdk`."""

import tts_constructs.synth  # noqa: F401 - an argument that cannot be used is told without a traceback
