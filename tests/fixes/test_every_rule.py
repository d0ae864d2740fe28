"""Every rule has a fix that was followed, in a CDK app or in a template."""

from __future__ import annotations

import importlib
import pkgutil

import pytest

import tests.fixes
from tests.fixes.following import Fix, unwritten
from tts_constructs.policy.examples import load_examples
from tts_constructs.policy.model.rule import Rule
from tts_constructs.policy.rules import library_rules
from tts_constructs.report.rule_docs.example_source import texts


def _followed() -> set[str]:
    names = [module.name for module in pkgutil.iter_modules(tests.fixes.__path__, "tests.fixes.")]
    modules = [importlib.import_module(name) for name in names if name != __name__]
    fixes: list[Fix] = [fix for module in modules for fix in getattr(module, "FIXES", ())]
    return {fix.rule_id for fix in fixes}


def test_the_fix_of_every_rule_is_followed() -> None:
    assert {rule.id for rule in library_rules()} - _followed() == set()


@pytest.mark.parametrize("rule", library_rules(), ids=lambda rule: rule.id)
def test_what_a_fix_says_of_a_template_is_in_an_example_that_keeps_the_rule(rule: Rule) -> None:
    examples = load_examples(rule.id)
    fixes = {
        finding.fix
        for example in examples
        if example.verdict == "violation" and "aws:cdk:path" not in str(example.data["template"])
        for finding in example.judge([rule]).findings
    }
    kept = "\n".join(
        text for example, text in zip(examples, texts(examples), strict=True) if example.verdict == "pass"
    )
    assert set(unwritten(fixes, kept)) == set()
