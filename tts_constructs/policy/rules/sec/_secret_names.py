"""Decides if the name of a variable, a parameter, or a property says that its value is a secret."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import pairwise

_SUSPECT = re.compile(r"pass|pwd|secret|token|key|cred|jwt|webhook|auth", re.IGNORECASE)
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_LAST = re.compile(r"[^/:]*\Z")
_AUTH = re.compile(r"(?:[_-](?i:auth)|[a-z]Auth)\Z")
_MOST = 256
"""The most characters of a name that are read; nobody writes a longer one."""

WORDS = frozenset(
    {
        "pass", "pwd", "passwd", "password", "passphrase", "secret", "token", "apikey", "credential", "jwt",
        "webhook",
    }
)  # fmt: skip
"""Words that make a name one of a secret, in any order and case; their plurals too."""

PAIRS = frozenset({("api", "key"), ("private", "key"), ("access", "key"), ("account", "key")})
"""Words that do so one after the other."""

_RUN_TOGETHER = (
    "pass", "passwd", "password", "passphrase", "secret", "token", "apikey", "credential", "privatekey",
    "accesskey", "secretkey",
)  # fmt: skip
"""Endings of a name without separators, such as `dbpassword`."""

_OTHER_WORDS = frozenset(
    {
        "bypass", "compass", "encompass", "surpass", "trespass", "underpass", "overpass", "eyepass",
        "minipass", "nopass", "nopasswd", "nopassword", "detoken",
    }
)  # fmt: skip
"""Words that end like one of a secret, and are none."""

ENDINGS = frozenset(
    {
        # What says where a secret is, or which
        "name", "arn", "id", "path", "file", "url", "uri", "endpoint", "ref", "reference", "location",
        "directory", "dir", "folder", "bucket", "prefix", "suffix", "host", "hostname", "port", "region",
        "domain", "provider", "manager", "store", "parameter", "param", "field", "column", "header", "label",
        "version", "alias", "identifier", "filename", "source", "issuer", "audience", "role",
        "table", "queue", "topic", "function", "lambda", "stage", "service", "server",
        # What says how it must be, or how it is used
        "ttl", "expiry", "expiration", "expires", "lifetime", "validity", "age", "timeout", "length", "size",
        "limit", "count", "type", "policy", "pattern", "regex", "rule", "format", "mode", "method", "scope",
        "scopes", "algorithm", "alg", "charset", "encoding", "encryption", "hash", "digest", "strategy",
        "description", "hint", "prompt", "message", "title", "placeholder", "enabled", "disabled", "required",
        "rotation",
        "interval", "schedule", "days", "hours", "minutes", "seconds", "stdin", "fd", "through", "use",
        "usage", "status", "attempts", "retries", "budget", "reuse", "complexity", "characters",
        "mount", "volume", "driver", "class", "backend", "plugin", "helper", "handler", "validator",
        "authorizer", "authentication", "auth0", "percentage", "percent", "rate", "ratio",
    }
)  # fmt: skip
"""Last words of a name that is about a secret and not of one."""

_SECRET_TOKENS = frozenset({"api", "auth", "access", "refresh", "bearer", "secret"})

_PHRASES = frozenset(
    {
        ("client", "token"), ("request", "token"), ("next", "token"), ("idempotency", "token"),
        ("service", "token"), ("starting", "token"), ("continuation", "token"), ("pagination", "token"),
        ("task", "token"), ("max", "token"), ("min", "token"), ("num", "token"), ("output", "token"),
        ("input", "token"), ("pass", "through"), ("secret", "manager"), ("stop", "token"),
        ("prompt", "token"), ("public", "token"), ("pass", "role"), ("new", "token"),
        ("total", "token"), ("id", "token"), ("http", "token"),
        ("action", "token"), ("change", "token"), ("creation", "token"), ("lock", "token"),
        ("purchase", "token"), ("retry", "token"),
        ("existing", "secret"), ("pull", "secret"), ("from", "secret"), ("tls", "secret"),
    }
)  # fmt: skip
"""Words that make, one after the other, the name of something else."""


@lru_cache(maxsize=4096)
def names_a_secret(name: str) -> bool:
    """Return whether a name says that its value is a secret, such as `DB_PASS`, `X-Api-Key`, or `NPM_AUTH`.

    A name that is about a secret, such as `SECRET_ARN` or `PasswordLength`, is none.
    """
    if len(name) > _MOST or not _SUSPECT.search(name):
        return False
    last = _LAST.search(name.rstrip("/:"))
    words = [word.lower() for word in _WORD.findall(last[0] if last else name)]
    while words and (words[-1].isdigit() or words[-1] in {"v", "b64"}):
        words.pop()
    if not words or _singular(words[-1]) in ENDINGS or words[-1] in ENDINGS:
        return False
    if _AUTH.search(name):
        return True
    if "tokens" in words and not _SECRET_TOKENS & set(words):
        words.remove("tokens")  # of a model of language, or of the metadata service
    single = [_singular(word) for word in words]
    pairs = set(pairwise(single))
    if pairs & _PHRASES and not pairs & PAIRS:
        return False
    return bool(pairs & PAIRS) or any(map(_is_of_a_secret, single))


def _singular(word: str) -> str:
    return word[:-1] if word.endswith("s") and not word.endswith(("ss", "us", "as")) else word


def _is_of_a_secret(word: str) -> bool:
    return word in WORDS or (word.endswith(_RUN_TOGETHER) and word not in _OTHER_WORDS)


_SWITCHES = frozenset(
    {
        "allow", "ask", "can", "change", "create", "disable", "do", "enable", "force", "generate",
        "has", "hide", "is", "manage", "must", "need", "needs", "not", "require", "reset", "rotate",
        "set", "should", "show", "skip", "use", "uses", "with",
    }
)  # fmt: skip
"""First words of names of what is on or off."""


def is_switched(name: str) -> bool:
    """Return whether a name says that something is on or off, such as `RequirePassword`."""
    first = _WORD.search(name)
    return first is not None and first[0].lower() in _SWITCHES
