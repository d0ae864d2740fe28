"""The forms system, as a team would write it with the CDK's raw resources.

Of this library it uses the guardrails alone, so its values are its own, as a team would write them.
"""
