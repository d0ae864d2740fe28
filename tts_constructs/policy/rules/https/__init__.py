"""HTTPS Everywhere: what is served, and what carries data, is encrypted in transit."""

from __future__ import annotations

from tts_constructs.policy.rules.https import balancers, buckets, edge, services

RULES = (
    balancers.HTTPS_ONLY,
    balancers.TLS_POLICY,
    edge.HSTS,
    edge.CLOUDFRONT,
    edge.API_GATEWAY,
    buckets.SECURE_TRANSPORT,
    services.IN_TRANSIT,
)
