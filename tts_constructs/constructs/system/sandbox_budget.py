"""The budget of a sandbox system."""

from __future__ import annotations

from collections.abc import Mapping

from aws_cdk import aws_budgets as budgets
from constructs import Construct

from tts_constructs import standards


def sandbox_budget(
    scope: Construct, id_: str, *, project: str, owner: str, tags: Mapping[str, str]
) -> budgets.CfnBudget:
    """Makes a monthly budget of 500 USD. It tells `owner` at 80 %, and when the forecast exceeds it.

    It counts resources with the system's `Project` tag, which the payer account must activate as a cost
    allocation tag. Source: TTS-SBX-003 (more than 500 USD a month needs agreement).

    Args:
        scope: Parent construct.
        id_: Construct id.
        project: Value of the `Project` tag.
        owner: E-mail address that gets the notifications.
        tags: Tags of the system. The oldest CDK that we support doesn't tag budgets by itself.
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
