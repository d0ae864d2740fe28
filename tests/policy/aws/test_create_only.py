"""The table of create-only properties."""

import json

from scripts.make_create_only import rendered
from tts_constructs.policy.aws.create_only import TABLE, update_behaviors


def test_the_table_is_what_the_schemas_of_cfn_lint_say() -> None:
    assert TABLE.read_text(encoding="utf-8") == rendered(), "run python scripts/make_create_only.py"


def test_the_table_names_its_source() -> None:
    source = json.loads(TABLE.read_text(encoding="utf-8"))["source"]
    assert source.startswith("CloudFormation resource schemas of 20")


def test_a_type_says_how_it_is_updated() -> None:
    balancer = update_behaviors()["AWS::ElasticLoadBalancingV2::LoadBalancer"]
    assert balancer.create_only == ("Name", "Scheme", "Type")
    assert balancer.identifier == ("LoadBalancerArn",)
    assert not balancer.immutable


def test_a_type_of_govcloud_alone_or_of_code_is_no_guess() -> None:
    assert "AWS::CloudFormation::CustomResource" not in update_behaviors()
