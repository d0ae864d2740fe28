"""Judges who may take a role."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tts_constructs.policy.aws.iam_conditions import STATED_CALLERS, is_narrowed, pattern_of
from tts_constructs.policy.aws.iam_statements import Statement, statement_list
from tts_constructs.policy.model.checks import check_items, stop_at_unknown
from tts_constructs.policy.model.node import Node, UnknownValue
from tts_constructs.policy.model.stack import Resource
from tts_constructs.policy.model.values import Pseudo, Reference, Unknown, Value
from tts_constructs.policy.result import Result

_OF_SIGNED_REQUESTS = frozenset({"aws:principalaccount", "aws:principalarn", "aws:userid"})
"""Keys that each request to take a role has, as no one can take a role without credentials."""

_WEB_IDENTITY = "sts:AssumeRoleWithWebIdentity"
_IDENTITY_POOLS = re.compile(r"cognito-identity(-us-gov)?\.amazonaws\.com")
_SOCIAL = frozenset({"accounts.google.com", "graph.facebook.com", "www.amazon.com"})
_PROVIDERS = {
    "AWS::IAM::OIDCProvider": "sub",
    "Custom::AWSCDKOpenIdConnectProvider": "sub",
    "AWS::IAM::SAMLProvider": "",
}
"""The claim that narrows trust in a provider that the app makes; empty: it needs none."""

_ACCOUNT = re.compile(r"\d{12}")


def trusts_stated_callers(role: Resource) -> Iterator[Result]:
    """Yield what is wrong with the trust policy of a role."""
    yield from check_items(statement_list(role["AssumeRolePolicyDocument"]), _statement)


def _statement(node: Node) -> Iterator[Result]:
    principal = node["Principal"]
    if type(principal.value) is dict and principal.value.keys() <= {"Service"}:
        return
    statement = Statement.read(node)
    if not statement.allows:
        return
    yield from stop_at_unknown(_people_and_roles(statement))
    for kind, value in statement.principals:
        if kind == "Federated":
            yield from stop_at_unknown(_provider(statement, value))


def _people_and_roles(statement: Statement) -> Iterator[Result]:
    node = statement.node
    unknown = [
        value
        for kind, value in statement.principals
        if kind in {"*", "AWS"} and isinstance(value, Unknown) and not isinstance(value, Pseudo)
    ]
    others = _other_accounts(statement)
    if not (statement.to_anyone or unknown or others):
        return
    if is_narrowed(statement, STATED_CALLERS, present=_OF_SIGNED_REQUESTS):
        return
    if statement.to_anyone:
        yield node.violation(
            "The trust policy lets everyone in every account take the role.",
            fix="Name who may take the role, such as `assumed_by=iam.ServicePrincipal(…)`.",
            template_fix="Name who may take the role in `Principal`.",
        )
    elif unknown:
        yield node["Principal"].unknown("The trust policy lets an unknown principal take the role.")
    else:
        own = "that is not the stack's" if node.stack.account else "and the stack's account is not known"
        fix = "Name only accounts that are yours. If this one is, write it in tts.toml: [accounts] trusted."
        yield node["Principal"].violation(
            f"The trust policy lets an account take the role {own}.", fix=fix, at_most="warn"
        )


def _other_accounts(statement: Statement) -> list[str]:
    """Return the literal accounts of the principals that are neither the stack's nor trusted."""
    stack = statement.node.stack
    own = {stack.account, *stack.assembly.settings.trusted_accounts}
    found = [_account(value) for kind, value in statement.principals if kind == "AWS"]
    return [account for account in found if account and account not in own]


def _account(principal: Value) -> str | None:
    """Return the literal account of a principal: an id, or that of an ARN."""
    text = str(principal).strip()
    fields = text.split(":", 5)
    stated = fields[4] if len(fields) == 6 else text
    return stated if _ACCOUNT.fullmatch(stated) else None


def _provider(statement: Statement, provider: Value) -> Iterator[Result]:
    """Yield what is wrong with the trust in an identity provider."""
    if not statement.covers(_WEB_IDENTITY):
        return
    claim = _claim_of(provider)
    place = statement.node
    if claim == "":
        return
    if claim == "aud":
        if not _states(statement, "aud"):
            yield place.violation(
                "The trust policy lets each identity pool of Cognito take the role, in whichever account.",
                fix='Add a condition on the pool: `{"StringEquals": {"cognito-identity.amazonaws.com:aud": '
                "pool.ref}}`.",
                template_fix="Add a `StringEquals` condition on `cognito-identity.amazonaws.com:aud` with "
                "the id of the pool.",
            )
    elif claim == "sub":
        if not _states(statement, "sub"):
            yield place.violation(
                "The trust policy lets everyone that the identity provider knows take the role: no "
                "condition on `sub` says who.",
                fix="Add a condition on `sub` that names who, such as the repository: "
                '`{"StringEquals": {"token.actions.githubusercontent.com:sub": '
                '"repo:agency/benefits:ref:refs/heads/main"}}`.',
                template_fix="Add a `StringEquals` condition on the provider's `sub` that names who, such as "
                "`repo:agency/benefits:ref:refs/heads/main`.",
            )
    elif not any(_states(statement, name) for name in ("sub", "aud", "app_id")):
        yield place.violation(
            "The trust policy lets everyone that the identity provider knows take the role.",
            fix="Add a condition on `sub`, or on `aud` for an identity pool, that names who.",
        )
    elif claim is None and not _states(statement, "sub"):
        yield place["Principal"].unknown(
            "The identity provider in the trust policy is not known. An OIDC provider needs a condition "
            "on `sub`."
        )


def _claim_of(provider: Value) -> str | None:
    """Return the claim that must narrow trust in a provider.

    Returns:
        `sub` or `aud`; `any` of them for a provider of social logins; empty: none is needed; None: it is not
        known what it is.
    """
    if isinstance(provider, Reference):
        return _PROVIDERS.get(provider.resource.type)
    text = str(provider).strip()
    if _IDENTITY_POOLS.fullmatch(text):
        return "aud"
    if ":saml-provider/" in text:
        return ""
    if text in _SOCIAL:
        return "any"
    return "sub" if ":oidc-provider/" in text or text == "*" else None


def _states(statement: Statement, claim: str) -> bool:
    """Return whether a condition says which value of a claim may take the role.

    Raises:
        UnknownValue: It depends on a value that is not known.
    """
    undecided: UnknownValue | None = None
    for (operator, key), values in statement.conditions.items():
        if not key.endswith(f":{claim}") or not values:
            continue
        patterns = [pattern_of(operator, value) for value in values]
        if not all(pattern and _names_who(pattern) for pattern in patterns):
            continue
        like = "like" in operator
        if not (like and any(isinstance(v, Unknown) and not isinstance(v, Pseudo) for v in values)):
            return True
        message = f"Its condition on {key} depends on a value that is not known."
        undecided = UnknownValue(statement.node["Condition"].unknown(message))
    if undecided:
        raise undecided
    return False


_WILDCARD = re.compile(r"[*?]")


def _names_who(pattern: str) -> bool:
    """Return whether a pattern of a claim names an organization, or somebody.

    More than the scheme must come before the first wildcard: `repo:agency/*` names the organization, `repo:*`
    and `repo:ag*` don't, as anybody can have an organization of that name.
    """
    fields = re.split(r"[:/]", pattern)
    if len(fields) == 1:
        return not _WILDCARD.search(pattern)
    return not _WILDCARD.search(fields[0]) and bool(fields[1]) and not _WILDCARD.search(fields[1])
