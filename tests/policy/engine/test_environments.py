"""The order in which a stack's environment is found."""

from collections.abc import Callable

import pytest

from tts_constructs.policy.engine.environments import Guardrails, environment_of, stated_environment
from tts_constructs.policy.loading.reader import add_nested
from tts_constructs.policy.model.stack import Stack
from tts_constructs.policy.settings.model import Settings
from tts_constructs.system_metadata import Environment

StackMaker = Callable[..., Stack]
PRODUCTION, SANDBOX, DEVELOPMENT = Environment.PRODUCTION, Environment.SANDBOX, Environment.DEVELOPMENT

CLAIM = "{TTS: {environment: sandbox}}"


def claiming(make_stack: StackMaker) -> Stack:
    return make_stack(f"Metadata: {CLAIM}\nResources: {{}}")


def test_a_stack_of_which_nothing_is_known_is_production(make_stack: StackMaker) -> None:
    assert environment_of(make_stack("Resources: {}"), Settings()) is PRODUCTION


def test_the_settings_say_the_environment_where_nothing_else_does(make_stack: StackMaker) -> None:
    assert environment_of(make_stack("Resources: {}"), Settings(environment=DEVELOPMENT)) is DEVELOPMENT


def test_guardrails_win_over_the_settings(make_stack: StackMaker) -> None:
    stack = make_stack("Resources: {}")
    assert environment_of(stack, Settings(environment=DEVELOPMENT), Guardrails(SANDBOX)) is SANDBOX


def test_the_command_wins_over_guardrails(make_stack: StackMaker) -> None:
    stack = make_stack("Resources: {}")
    assert environment_of(stack, Settings(), Guardrails(SANDBOX), override=DEVELOPMENT) is DEVELOPMENT


def test_the_systems_claim_wins_over_guardrails_settings_and_command(make_stack: StackMaker) -> None:
    stack = claiming(make_stack)
    assert (
        environment_of(stack, Settings(environment=PRODUCTION), Guardrails(PRODUCTION), PRODUCTION) is SANDBOX
    )


def test_the_tie_of_the_account_wins_over_the_claim(make_stack: StackMaker) -> None:
    stack = make_stack(f"Metadata: {CLAIM}\nResources: {{}}", account="111122223333")
    assert environment_of(stack, Settings(accounts={"111122223333": PRODUCTION})) is PRODUCTION


def test_a_stack_whose_account_is_not_known_is_the_strictest_of_the_ties(make_stack: StackMaker) -> None:
    stack = claiming(make_stack)
    ties = {"111122223333": SANDBOX, "222222222222": DEVELOPMENT}
    assert environment_of(stack, Settings(accounts=ties)) is DEVELOPMENT
    assert environment_of(stack, Settings(accounts={**ties, "333333333333": PRODUCTION})) is PRODUCTION


@pytest.mark.parametrize("minimum", [None, DEVELOPMENT])
def test_ties_of_sandboxes_make_no_stack_laxer(make_stack: StackMaker, minimum: Environment | None) -> None:
    settings = Settings(accounts={"111122223333": SANDBOX})
    assert environment_of(make_stack("Resources: {}"), settings) is PRODUCTION
    lax = Guardrails(environment=SANDBOX, minimum=minimum)
    assert environment_of(make_stack("Resources: {}"), settings, lax) is (minimum or SANDBOX)


def test_a_known_account_that_is_not_tied_leaves_the_claim(make_stack: StackMaker) -> None:
    stack = make_stack(f"Metadata: {CLAIM}\nResources: {{}}", account="444455556666")
    assert environment_of(stack, Settings(accounts={"111122223333": PRODUCTION})) is SANDBOX


def test_a_nested_stack_goes_where_its_parent_goes(make_stack: StackMaker) -> None:
    nesting = f"Metadata: {CLAIM}\nResources: {{N: {{Type: AWS::CloudFormation::Stack}}}}"
    settings = Settings(accounts={"111122223333": PRODUCTION})
    for account, expected in ((None, PRODUCTION), ("444455556666", SANDBOX)):
        parent = make_stack(nesting, account=account)
        add_nested(parent.resources["N"], {"Resources": {}})
        assert environment_of(parent.nested["N"], settings) is expected


def test_what_a_stack_states_leaves_out_the_tie_of_its_account(make_stack: StackMaker) -> None:
    stack = make_stack(f"Metadata: {CLAIM}\nResources: {{}}", account="111122223333")
    settings = Settings(accounts={"111122223333": PRODUCTION})
    assert stated_environment(stack, settings) is SANDBOX


@pytest.mark.parametrize("minimum", [None, DEVELOPMENT])
def test_a_stack_of_which_nothing_is_known_states_nothing(
    make_stack: StackMaker, minimum: Environment | None
) -> None:
    stack = make_stack("Resources: {}")
    assert stated_environment(stack, Settings(), Guardrails(minimum=minimum)) is None


def test_a_minimum_allows_nothing_laxer(make_stack: StackMaker) -> None:
    stack = claiming(make_stack)
    assert environment_of(stack, Settings(), Guardrails(minimum=DEVELOPMENT)) is DEVELOPMENT


def test_a_minimum_does_not_make_a_stricter_stack_laxer(make_stack: StackMaker) -> None:
    stack = make_stack("Resources: {}")
    assert environment_of(stack, Settings(), Guardrails(minimum=SANDBOX)) is PRODUCTION


def test_a_claim_that_is_no_environment_does_not_count(make_stack: StackMaker) -> None:
    stack = make_stack("Metadata: {TTS: {environment: [sandbox]}}\nResources: {}")
    assert environment_of(stack, Settings()) is PRODUCTION


def test_a_nested_stack_is_where_its_parent_is(make_stack: StackMaker) -> None:
    parent = make_stack(f"Metadata: {CLAIM}\nResources: {{N: {{Type: AWS::CloudFormation::Stack}}}}")
    add_nested(parent.resources["N"], {"Resources": {}})
    assert environment_of(parent.nested["N"], Settings()) is SANDBOX
