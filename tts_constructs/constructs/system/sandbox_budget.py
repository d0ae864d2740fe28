"""The budget of a sandbox system."""

from __future__ import annotations

from collections.abc import Mapping

from aws_cdk import aws_budgets as budgets
from constructs import Construct

from tts_constructs import standards


def sandbox_budget(
    scope: Construct, id_: str, *, project: str, owner: str, tags: Mapping[str, str]
) -> budgets.CfnBudget:
    """A monthly budget of 500 USD of which `owner` is told at 80 %, and when more than all is forecast.

    It counts what carries the system's `Project` tag, which the payer's account has to have activated as a
    cost allocation tag. Source: TTS-SBX-003 (more than 500 USD a month needs agreement).

    Args:
        scope: Where it belongs.
        id_: Its construct id.
        project: Value of the `Project` tag.
        owner: E-mail address.
        tags: Tags of the system, which the CDK's own `Tags` bring to a budget only after our floor.
    """
    return budgets.CfnBudget(
        scope,
        id_,
        budget=budgets.CfnBudget.BudgetDataProperty(
            budget_type="COST",
            time_unit="MONTHLY",
            budget_limit=budgets.CfnBudget.SpendProperty(amount=standards.SANDBOX_BUDGET_USD, unit="USD"),
            cost_filters={"TagKeyValue": [f"user:Project${project}"]},
        ),
        notifications_with_subscribers=[
            _notification("ACTUAL", 80, owner),
            _notification("FORECASTED", 100, owner),
        ],
        resource_tags=[
            budgets.CfnBudget.ResourceTagProperty(key=key, value=value) for key, value in sorted(tags.items())
        ],
    )


def _notification(
    kind: str, percent: int, owner: str
) -> budgets.CfnBudget.NotificationWithSubscribersProperty:
    return budgets.CfnBudget.NotificationWithSubscribersProperty(
        notification=budgets.CfnBudget.NotificationProperty(
            notification_type=kind,
            comparison_operator="GREATER_THAN",
            threshold=percent,
            threshold_type="PERCENTAGE",
        ),
        subscribers=[budgets.CfnBudget.SubscriberProperty(subscription_type="EMAIL", address=owner)],
    )
