"""A waiver as its file has it, for the tests of the file and of what waivers do."""

from datetime import date, timedelta
from typing import Any

TODAY = date(2026, 3, 1)
INSTANCE = "TTS-EC2-001"


def waiver(expires: date = TODAY + timedelta(days=100), **other: Any) -> str:
    fields = {
        "rule": INSTANCE, "path": "Example/Web", "reason": "moves in May", "approved_by": "ada@example.gov",
        "ticket": "OPS-7",
    } | other  # fmt: skip
    lines = [f'{name} = "{value}"' for name, value in fields.items()]
    return "\n".join(["[[waiver]]", *lines, f"expires = {expires}", ""])
