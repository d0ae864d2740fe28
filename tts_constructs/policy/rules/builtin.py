"""Rules of the judge itself, apart from the catalog."""

from __future__ import annotations

from tts_constructs.policy.model.rule import Rule
from tts_constructs.system_metadata import strictest as strictest

ENGINE = "TTS-ENGINE"

ENGINE_RULE = Rule(
    id=ENGINE,
    title="Every rule must be evaluated",
    why="A rule that fails has decided nothing; a guardrail must not pass what it could not decide.",
    source="This library: a failure of the judge is never a pass.",
    fix="Report it with the template that shows it, and state the values of this resource plainly.",
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
        "An entry that matches nothing would let the same fault in again, unseen. A baseline that nobody "
        "signed, or that has ended, allows what nobody answers for."
    ),
    source="NIST SP 800-53 CM-3, configuration change control; CA-5, plan of action and milestones.",
    fix="Remove it: tts baseline --prune does, with the paths that tts check is given.",
    decides=(
        "Each entry is compared with the findings of the stack that it is about. A baseline whose last day "
        "in the settings has passed blocks; one that does not say who recorded it and when warns."
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
        "An exception that nobody looks at again becomes the rule: one that has expired, covers a whole app "
        "or covers nothing hides what comes next."
    ),
    source="NIST SP 800-53 CM-3, configuration change control; CA-5, plan of action and milestones.",
    fix="Remove the waiver, or have its approver write one that fits.",
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
        "Production and sandboxes have accounts of their own. A stack that says it is something else than "
        "its account either goes to the wrong account, or is not what those who read it believe."
    ),
    source='TTS handbook, AWS: "We have separate AWS accounts for our production systems and sandboxes".',
    fix="Deploy the stack to an account of that environment, or state the environment of its account.",
    decides=(
        "The environment that is stated for a stack is that to which the settings tie its account. Where "
        "the account is not known, the stack is judged as the strictest environment that they tie, and a "
        "warning says so."
    ),
    controls=("CM-2", "CM-6", "AC-3"),
    force="M",
    production="block",
    sandbox="block",
)


BUILTIN_RULES = (ENGINE_RULE, WAIVER_RULE, BASELINE_RULE, ENVIRONMENT_RULE)
"""The judge's own requirements. They are not in the catalog and have no examples."""
