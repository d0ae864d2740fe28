"""Sentences of the handbook that rules of several families come from."""

from __future__ import annotations

NO_BACK_CHANNEL = (
    'TTS handbook, AWS, "Permissions": "There will be no "back channel" access to AWS resources for systems '
    'deployed into production."'
)
