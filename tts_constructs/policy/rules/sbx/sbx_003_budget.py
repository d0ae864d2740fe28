"""TTS-SBX-003: Sandboxes must have a budget of at most 500 USD a month."""

from __future__ import annotations

from collections.abc import Iterator

from tts_constructs import standards
from tts_constructs.policy.aws.tags import PROJECT
from tts_constructs.policy.model.checks import stop_at_unknown
from tts_constructs.policy.model.node import Node
from tts_constructs.policy.model.rule import Rule
from tts_constructs.policy.model.stack import Resource, Stack
from tts_constructs.policy.model.values import Text
from tts_constructs.policy.result import Result

_BUDGET = "AWS::Budgets::Budget"


def _budget(stack: Stack) -> Iterator[Result]:
    if stack.parent or not stack.resources or (stack.region or "").startswith("us-gov-"):
        return
    budgets = [b for b in stack.assembly.of_type(_BUDGET) if b.stack.account == stack.account]
    faults = [list(stop_at_unknown(_budget_faults(budget))) for budget in budgets]
    if not all(faults):
        return
    undecided = [fault for found in faults for fault in found if fault.verdict == "unknown"]
    if undecided:
        yield Result("unknown", "", f"The app may have no budget that fits. {undecided[0].message}")
    else:
        limit = f"a monthly budget of at most {standards.SANDBOX_BUDGET_USD} USD for all that it costs"
        yield Result("violation", "", f"The app has {len(budgets)} budgets, and none is {limit}.")


def _budget_faults(budget: Resource) -> Iterator[Result]:
    data = budget["Budget"]
    kind, period = data["BudgetType"].text(), data["TimeUnit"].text()
    amount, unit = data.at("BudgetLimit/Amount").number(), data.at("BudgetLimit/Unit").text()
    within = amount is not None and amount <= standards.SANDBOX_BUDGET_USD
    # Over a longer time the same amount is less per month.
    if not (within and unit == "USD" and kind == "COST" and period in {"MONTHLY", "QUARTERLY", "ANNUALLY"}):
        yield data.violation("It allows more.")
    yield from _left_out(data)


_WHOLE_ACCOUNT = "LinkedAccount"
_BY_TAG = "TagKeyValue"


def _left_out(data: Node) -> Iterator[Result]:
    """Yield what filters leave out, unless they ask for a whole account or a `Project`."""
    for name, values in data["CostFilters"].entries():
        of_project = name == _BY_TAG and all(map(_names_project, values.items()))
        if name != _WHOLE_ACCOUNT and not of_project:
            yield values.violation(f"It counts some {name} alone.")
    expression = data["FilterExpression"]
    if expression.exists and expression["Tags"]["Key"].text() != PROJECT:
        yield expression.violation("It counts what its FilterExpression leaves.")


def _names_project(value: Node) -> bool:
    text = str(value.value) if isinstance(value.value, Text) else value.text() or ""
    return text.startswith(f"user:{PROJECT}$")


RULE = Rule(
    id="TTS-SBX-003",
    title="Sandboxes must have a budget of at most 500 USD a month",
    why=(
        "Other people pay for the sandbox, from a contract with a ceiling. A budget tells you in time that "
        "something is still running. More than 500 USD a month needs agreement."
    ),
    source="TTS rule for sandboxes (handbook, “Tagging”, which refers to “other people's money” of "
    "the sandbox): more than 500 USD a month needs agreement",
    section="Tagging",
    fix="Use TtsSystem, which makes the budget in a sandbox. Or write a `budgets.CfnBudget` with "
    '`budget_type="COST"`, `time_unit="MONTHLY"`, and a `budget_limit=` of at most '
    f"{standards.SANDBOX_BUDGET_USD} USD.",
    template_fix="Write an `AWS::Budgets::Budget` with `BudgetType: COST`, `TimeUnit: MONTHLY`, and a "
    f"`BudgetLimit` of at most {standards.SANDBOX_BUDGET_USD} USD.",
    decides=(
        "A stack of the app for the same account must have an AWS::Budgets::Budget of costs, monthly or "
        "longer, of at most 500 USD. Its filters must name a Project or an account, or there must be none: "
        "a budget that counts a single service leaves out the others. The rule isn't evaluated in us-gov "
        "regions, because CloudFormation has no budgets there."
    ),
    controls=("SA-2", "PM-3"),
    force="M",
    production=None,
    sandbox="warn",
    stack_check=_budget,
)
