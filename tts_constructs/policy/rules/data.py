"""x"""

from tts_constructs.policy.rule import Rule

RULES: tuple[Rule, ...] = ()
