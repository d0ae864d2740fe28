"""Monitoring and auditing: requests are logged, logs are kept, and somebody is told of failures."""

from __future__ import annotations

from tts_constructs.policy.rules.audit import alarms, requests, retention

RULES = (requests.LOGGED, retention.KEPT, alarms.TOLD)
