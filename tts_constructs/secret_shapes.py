"""Recognizes secrets by their shape: keys and tokens of services, private keys, URLs with a password.

Each shape is data: a pattern, a text that each match contains, examples, and what looks alike and is none.
The shapes are those that the services publish so that scanners find them; see docs/adr/0083-secrets.md.
Examples are in two parts, so that no scanner takes this file for a leak.

Every pattern takes linear time: it begins with something fixed, and no two repetitions in a row can read the
same character.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

Parts = tuple[str, str]
"""An example as two texts, to be put together."""

_HEX = "0123456789abcdef"
_LETTERS = "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7bC0eF3hJ6kM9nP2rS5tU8wX1zA4cD7fG0iL3oR6uV9xY2"
"""Letters and digits without meaning, of which examples are made."""


@dataclass(frozen=True)
class Shape:
    """How one kind of secret looks.

    Args:
        what: The kind, for a message, such as "an access key of AWS".
        marks: Texts of which each match contains one; most texts contain none of them.
        pattern: Its pattern; a group named `secret` is the secret part of a match.
        examples: Texts that hold such a secret.
        others: Texts that look alike and hold none.
    """

    what: str
    marks: tuple[str, ...]
    pattern: str
    examples: tuple[Parts, ...]
    others: tuple[Parts, ...]


_END = r"(?![A-Za-z0-9_-])"
_START = r"(?<![A-Za-z0-9])"


def _token(
    what: str, prefixes: tuple[str, ...], rest: str, example: str, others: tuple[Parts, ...] = ()
) -> Shape:
    """Return the shape of a token that begins with one of some prefixes."""
    beginning = "|".join(map(re.escape, prefixes))
    return Shape(
        what,
        prefixes,
        rf"{_START}(?:{beginning}){rest}",
        tuple((prefix, example) for prefix in prefixes),
        (*((prefix, "short") for prefix in prefixes), *others),
    )


SHAPES: tuple[Shape, ...] = (
    Shape(
        "an access key of AWS",
        ("AKIA", "ASIA"),
        r"(?<![A-Za-z0-9])(?:AKIA|ASIA)[A-Z0-9]{16}(?![A-Za-z0-9])",
        (("AKIA", "IOSFODNN7EXAMPLE"), ("key=ASIA", "IOSFODNN7EXAMPLE;")),
        (
            ("AIDA", "IOSFODNN7EXAMPLE"),
            ("AROA", "IOSFODNN7EXAMPLE"),
            ("XAKIA", "IOSFODNN7EXAMPLE"),
            ("AKIA", "IOSFODNN7EXAMPLEX"),
            ("akia", "iosfodnn7example"),
            ("AKIA", ""),
            ("AKIA", "*"),
            ("BAHASA_ASIA_", "PACIFIC_REGION_1"),
        ),
    ),
    Shape(
        "a secret access key of AWS",
        ("ecret", "ECRET"),
        r"(?i:secret_?(?:access)?_?key)[\"']?[ \t]{0,8}(?:=|:|=>)[ \t]{0,8}[\"']?"
        r"(?P<secret>[A-Za-z0-9/+]{40})(?![A-Za-z0-9/+=])",
        (
            ("aws_secret_access_key = ", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"),
            ('{"AwsSecretAccessKey": "', 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"}'),
        ),
        (
            ("wJalrXUtnFEMI/K7MDENG/", "bPxRfiCYEXAMPLEKEY"),
            ("aws_secret_access_key = ", "$AWS_SECRET_ACCESS_KEY"),
            ("aws_secret_access_key = ", "${…}"),
        ),
    ),
    _token("a key of Amazon Bedrock", ("ABSK",), r"[A-Za-z0-9+/]{100,}={0,2}", _LETTERS * 2),
    Shape(
        "a private key",
        ("PRIVATE KEY", "PuTTY-User-Key-File", "AGE-SECRET-KEY-"),
        r"-----BEGIN (?:[A-Z0-9]{2,10} ){0,2}PRIVATE KEY(?: BLOCK)?-----|PuTTY-User-Key-File-\d"
        r"|AGE-SECRET-KEY-1[A-Z0-9]{50,}",
        (
            *((f"-----BEGIN {kind}", "PRIVATE KEY-----") for kind in ("", "RSA ", "EC ", "OPENSSH ", "DSA ")),
            ("-----BEGIN ENCRYPTED ", "PRIVATE KEY-----"),
            ("-----BEGIN PGP ", "PRIVATE KEY BLOCK-----"),
            ("PuTTY-User-Key-", "File-2: ssh-rsa"),
            ("AGE-SECRET-KEY-1", _LETTERS.upper()),
        ),
        (
            ("-----BEGIN ", "CERTIFICATE-----"),
            ("-----BEGIN ", "PUBLIC KEY-----"),
            ("-----BEGIN PGP ", "PUBLIC KEY BLOCK-----"),
            ("Keep the ", "PRIVATE KEY safe."),
            ("-----END ", "PRIVATE KEY-----"),
        ),
    ),
    _token(
        "a token of GitHub",
        ("ghp_", "gho_", "ghu_", "ghs_", "ghr_"),
        rf"[A-Za-z0-9]{{30,255}}{_END}",
        _LETTERS[:36],
        (("ghp_", "token_of_the_build_that_is_in_secrets_manager"), ("highp_", _LETTERS[:36])),
    ),
    _token(
        "a token of GitHub", ("github_pat_",), r"[A-Za-z0-9_]{40,255}", f"{_LETTERS[:22]}_{_LETTERS[:59]}"
    ),
    _token(
        "a token of GitLab",
        (
            "glpat-",
            "gldt-",
            "glrt-",
            "glcbt-",
            "glptt-",
            "glft-",
            "glimt-",
            "glagent-",
            "glsoat-",
            "GR1348941",
        ),
        r"[A-Za-z0-9_-]{20,255}",
        _LETTERS[:26],
    ),
    _token(
        "a token of Slack",
        ("xoxb-", "xoxp-", "xoxa-", "xoxr-", "xoxs-", "xoxo-", "xoxe-", "xoxe.xoxp-", "xapp-"),
        r"[0-9A-Za-z]{1,20}-[0-9A-Za-z-]{8,255}",
        f"123456789012-{_LETTERS[:24]}",
        (("xoxb-", "token"), ("boxoxb-", "1-2")),
    ),
    Shape(
        "a webhook of Slack",
        ("hooks.slack",),
        r"https://hooks\.slack(?:-gov)?\.com/(?:services|workflows|triggers)/(?P<secret>[A-Za-z0-9/+]{20,255})",
        (
            ("https://hooks.slack.com/services/", "T00000000/B00000000/XXXXXXXXXXXXXXXXXXXXXXXX"),
            ("https://hooks.slack-gov.com/workflows/", f"T00000000/A00000000/{_LETTERS[:24]}"),
        ),
        (("https://hooks.slack.com/", "services/"), ("https://hooks.slack.com/services/", "${…}/${…}")),
    ),
    Shape(
        "a webhook of Teams",
        ("webhook.office.com/", ".logic.azure.", ".powerplatform.com"),
        r"https://[a-z0-9-]{1,63}\.webhook\.office\.com/webhookb2/(?P<secret>[0-9a-fA-F-]{36}[^\s\"']{0,255})"
        r"|https://[a-z0-9.-]{1,200}\.(?:logic\.azure\.(?:com|us)|powerplatform\.com)(?::443)?/[^\s\"']{0,255}"
        r"[?&]sig=(?P<signature>[A-Za-z0-9_%-]{20,})",
        (
            (
                "https://agency.webhook.office.com/webhookb2/",
                "01234567-89ab-cdef-0123-456789abcdef@01234567/IncomingWebhook/0123456789abcdef",
            ),
            ("https://prod-01.usgov.logic.azure.us:443/workflows/x/triggers?sv=1.0&sig=", _LETTERS[:43]),
        ),
        (
            ("https://agency.webhook.office.com/webhookb2/", "${…}"),
            ("https://prod-01.usgov.logic.azure.us:443/workflows/x/triggers?sv=1.0&", "sig=${…}"),
        ),
    ),
    Shape(
        "a webhook of Discord",
        ("/webhooks/",),
        r"https://(?:ptb\.|canary\.)?discord(?:app)?\.com/api/(?:v\d{1,2}/)?webhooks/"
        r"(?P<secret>\d{15,25}/[A-Za-z0-9_-]{20,100})",
        (("https://discord.com/api/webhooks/", f"123456789012345678/{_LETTERS[:68]}"),),
        (("https://discord.com/api/webhooks/", "${…}/${…}"), ("https://api.example.gov/webhooks/", "1/in")),
    ),
    _token(
        "a token of npm",
        ("npm_",),
        rf"[A-Za-z0-9]{{36}}{_END}",
        _LETTERS[:36],
        (("npm_", "config_cache"), ("npm_", "package_version_of_the_application_is_1")),
    ),
    _token(
        "a token of PyPI", ("pypi-AgEIcHlwaS5vcmc", "pypi-AgENdGVzdC5weXBpLm9yZw"), r"[\w-]{20,}", _LETTERS
    ),
    _token(
        "a key of Stripe",
        ("sk_live_", "sk_test_", "rk_live_", "rk_test_", "whsec_"),
        rf"[A-Za-z0-9]{{16,255}}{_END}",
        _LETTERS[:24],
        (("pk_live_", _LETTERS[:24]), ("sk_test_", "mode_of_the_application"), ("task_live_", _LETTERS[:24])),
    ),
    _token("a key of Google", ("AIza",), rf"[A-Za-z0-9_-]{{35}}{_END}", _LETTERS[:35]),
    _token("a token of Google", ("ya29.", "GOCSPX-"), r"[A-Za-z0-9_-]{20,255}", _LETTERS[:40]),
    Shape(
        "a JSON web token",
        ("eyJ",),
        r"(?<![A-Za-z0-9_.-])eyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{10,}",
        (("eyJhbGciOiJIUzI1NiJ9.", f"eyJzdWIiOiJiZW5lZml0cyJ9.{_LETTERS[:43]}"),),
        (
            ("eyJhbGciOiJIUzI1NiJ9.", "eyJzdWIiOiJiZW5lZml0cyJ9"),
            ("eyJhbGciOiJIUzI1NiJ9", ""),
            ("eyJhbGciOiJub25lIn0.", "eyJzdWIiOiJiZW5lZml0cyJ9."),
        ),
    ),
    Shape(
        "a URL with a password",
        ("@",),
        r"(?<![A-Za-z0-9+.-])[A-Za-z][A-Za-z0-9+.-]{1,30}://[^\s/?#@:\"'<>{}$%()\[\]|]{0,100}:"
        r"(?![*xX.…]+@)(?P<secret>(?![$<{#%\[(])[^\s/?#@\"'<>{}`]{1,200})@[A-Za-z0-9\[$]",
        (
            ("https://build:", "Tr0ub4dor@git.example.gov/o/r.git"),
            ("postgres://app:", "correct-horse@db.example.gov:5432/forms"),
            ("redis://:", "Tr0ub4dor@cache.example.gov:6379"),
            ("amqps://app:", "Pa$$w0rd@${…}:5671"),
        ),
        (
            ("https://git.example.gov:443/", "o/r@main"),
            ("ssh://git@github.com:22/", "o/r.git"),
            ("git@github.com:", "o/r.git"),
            ("https://user@", "example.gov/"),
            ("postgres://app:", "${PASSWORD}@db"),
            ("postgres://app:", "$PASSWORD@db"),
            ("postgres://app:", "<password>@db"),
            ("postgres://app:", "{password}@db"),
            ("postgres://app:", "****@db"),
            ("postgres://app:", "%s@db"),
            ("postgres://${…}:", "${…}@${…}"),
            ("mailto://x:", "y"),
            ("https://example.gov/?mail=", "a:b@example.gov"),
            ("arn:aws:iam::aws:policy/", "x@y"),
            ("http://[::1]:80/", "x@y"),
        ),
    ),
    _token(
        "a token of SendGrid",
        ("SG.",),
        r"[A-Za-z0-9_-]{16,32}\.[A-Za-z0-9_-]{32,64}",
        f"{_LETTERS[:22]}.{_LETTERS[:43]}",
    ),
    _token("a token of HashiCorp Vault", ("hvs.", "hvb.", "hvr."), r"[A-Za-z0-9_-]{24,255}", _LETTERS),
    _token("a token of DigitalOcean", ("dop_v1_", "doo_v1_", "dor_v1_"), rf"[a-f0-9]{{64}}{_END}", _HEX * 4),
    _token("a token of Docker Hub", ("dckr_pat_", "dckr_oat_"), r"[A-Za-z0-9_-]{27,64}", _LETTERS[:27]),
    _token("a token of Databricks", ("dapi",), rf"[a-f0-9]{{32}}(?:-\d)?{_END}", _HEX * 2),
    _token("a key of New Relic", ("NRAK-",), rf"[A-Z0-9]{{27}}{_END}", _LETTERS[:27].upper()),
    _token("a token of Grafana", ("glsa_", "glc_"), r"[A-Za-z0-9_+/=-]{32,400}", _LETTERS),
    _token("a token of Hugging Face", ("hf_",), rf"[A-Za-z0-9]{{34}}{_END}", _LETTERS[:34]),
    _token("a key of Anthropic", ("sk-ant-",), r"[A-Za-z0-9_-]{40,255}", _LETTERS),
    _token("a key of OpenAI", ("sk-proj-", "sk-svcacct-", "sk-admin-"), r"[A-Za-z0-9_-]{40,255}", _LETTERS),
    _token(
        "a token of Shopify", ("shpat_", "shpca_", "shppa_", "shpss_"), rf"[a-fA-F0-9]{{32}}{_END}", _HEX * 2
    ),
)

SHORTEST = min(len("".join(example)) for shape in SHAPES for example in shape.examples)
"""A shorter text holds none of them."""

_MARKS = re.compile(
    "|".join(sorted({re.escape(mark) for shape in SHAPES for mark in shape.marks} - {"@"}))
    + r"|:[^\s/@]{1,200}@"  # an e-mail address has no colon
)


@cache  # most runs meet no secret of most shapes
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


def has_mark_of_shape(text: str) -> bool:
    """Return whether a text may hold a secret that is told by its shape, or begin one. False is certain."""
    return _MARKS.search(text) is not None


def found_shapes(text: str) -> Iterator[tuple[Shape, re.Match[str]]]:
    """Yield each secret in a text that is told by its shape, as shape and match."""
    if len(text) < SHORTEST or not _MARKS.search(text):
        return
    for shape in SHAPES:
        if any(mark in text for mark in shape.marks):
            yield from ((shape, match) for match in _compiled(shape.pattern).finditer(text))


def without_secrets(text: str) -> str:
    """Return a text with `<secret>` in place of each secret that is told by its shape."""
    if len(text) < SHORTEST or not _MARKS.search(text):
        return text
    for shape in SHAPES:
        if any(mark in text for mark in shape.marks):
            text = _compiled(shape.pattern).sub(_hidden, text)
    return text


def _hidden(match: re.Match[str]) -> str:
    named = next((name for name, value in match.groupdict().items() if value), None)
    if named is None:
        return "<secret>"
    start, end = (position - match.start() for position in match.span(named))
    return f"{match[0][:start]}<secret>{match[0][end:]}"
