"""Rules of the judge itself, apart from the catalog."""

from __future__ import annotations

from tts_constructs.policy.model.rule import Rule
from tts_constructs.system_metadata import strictest as strictest

ENGINE = "TTS-ENGINE"

ENGINE_RULE = Rule(
    id=ENGINE,
    title="Every rule must be evaluated",
    why=(
        "If a rule fails with an error, nobody knows whether your app meets it. The guardrails never pass "
        "what they couldn't check."
    ),
    source="This library: a failure of the judge is never a pass.",
    fix=(
        "Report the error with the template that shows it. Until it is fixed, write the values of this "
        "resource as plain values, without functions."
    ),
    decides="A rule raised an error.",
    controls=("CM-6",),
    force="M",
    production="block",
    sandbox="block",
)


BASELINE = "TTS-BASELINE"

BASELINE_RULE = Rule(
    id=BASELINE,
    title="The baseline must be signed, in force, and free of fixed findings",
    why=(
        "An entry that matches nothing would let the same problem in again, unseen. If nobody signed the "
        "baseline, or its end date has passed, nobody is responsible for what it allows."
    ),
    source="NIST SP 800-53 CM-3, configuration change control; CA-5, plan of action and milestones.",
    fix="Remove the entry: run tts baseline --prune with the paths that you give to tts check.",
    decides=(
        "Each entry is compared with the findings of its stack. A baseline whose last day in the settings "
        "has passed blocks. A baseline that doesn't say who recorded it and when warns."
    ),
    controls=("CM-3", "CA-5"),
    force="M",
    production="block",
    sandbox="block",
)


WAIVER = "TTS-WAIVER"

WAIVER_RULE = Rule(
    id=WAIVER,
    title="Every waiver must be approved, narrow, needed, and in force",
    why=(
        "An exception that nobody reviews becomes the rule. A waiver that has expired, covers a whole app, "
        "or covers nothing can hide the next problem."
    ),
    source="NIST SP 800-53 CM-3, configuration change control; CA-5, plan of action and milestones.",
    fix="Remove the waiver, or ask its approver to write one that fits.",
    decides="Each waiver is compared with the findings of the stacks that its path can match.",
    controls=("CM-3", "CA-5"),
    force="M",
    production="block",
    sandbox="block",
)


ENVIRONMENT = "TTS-ENVIRONMENT"

ENVIRONMENT_RULE = Rule(
    id=ENVIRONMENT,
    title="Stacks must be deployed to an account of their environment",
    why=(
        "Production and sandboxes have separate accounts. If a stack names another environment than its "
        "account has, it goes to the wrong account, or its readers believe something false about it."
    ),
    source='TTS handbook, AWS: "We have separate AWS accounts for our production systems and sandboxes".',
    fix="Deploy the stack to an account of that environment, or state the environment of its account.",
    decides=(
        "The stack must state the environment that the settings tie to its account. If the account isn't "
        "known, the stack is judged as the strictest environment in the settings, and a warning says so."
    ),
    controls=("CM-2", "CM-6", "AC-3"),
    force="M",
    production="block",
    sandbox="block",
)


BUILTIN_RULES = (ENGINE_RULE, WAIVER_RULE, BASELINE_RULE, ENVIRONMENT_RULE)
"""The judge's own requirements. They are not in the catalog and have no examples."""
