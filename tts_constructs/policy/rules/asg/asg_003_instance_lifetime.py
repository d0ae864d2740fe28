"""TTS-ASG-003: Instances must be replaced at least every 30 days."""

from __future__ import annotations

from collections.abc import Iterator

from tts_constructs import standards
from tts_constructs.policy.aws.launch_templates import GROUP
from tts_constructs.policy.model.rule import Rule
from tts_constructs.policy.model.stack import Resource
from tts_constructs.policy.result import Result


def _replaced_in_time(group: Resource) -> Iterator[Result]:
    lifetime = group["MaxInstanceLifetime"]
    longest = standards.MAX_INSTANCE_LIFETIME_SECONDS
    if not 0 < (lifetime.number() or 0) <= longest:  # 0 means no limit
        yield lifetime.violation(f"MaxInstanceLifetime is {lifetime.shown}; write {longest} or less.")


RULE = Rule(
    id="TTS-ASG-003",
    title="Instances must be replaced at least every 30 days",
    why=(
        "TTS patches the image, not the running instances. If you replace instances each month, they are "
        "never more than a month behind, and changes that somebody made on them don't last."
    ),
    source="Handbook, “Operating system (OS) baseline”: “You should always launch new instances from "
    "this baseline”, “the most recent AMI”; NIST SP 800-53 SI-2",
    section="Operating system (OS) baseline",
    fix=(
        "Use TtsAsgService (replace_after of 1 to 30 days), or write "
        "`max_instance_lifetime=cdk.Duration.days(30)`."
    ),
    template_fix=(
        f"Write `MaxInstanceLifetime: {standards.MAX_INSTANCE_LIFETIME_SECONDS}` (seconds) or less."
    ),
    decides=(
        f"MaxInstanceLifetime must be more than 0 and at most {standards.MAX_INSTANCE_LIFETIME_SECONDS} "
        "seconds. There is no limit if it is 0 or missing."
    ),
    controls=("CM-2", "CM-3", "SI-2"),
    force="P",
    production="warn",
    sandbox=None,
    checks={GROUP: _replaced_in_time},
)
