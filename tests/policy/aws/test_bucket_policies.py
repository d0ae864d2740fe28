"""Which policies speak of a bucket, and which ARNs name it."""

from collections.abc import Callable

import pytest

from tts_constructs.policy.aws.bucket_policies import ANY_KEY, names, policies_of, undecided_policies
from tts_constructs.policy.model.stack import Resource, Stack

StackMaker = Callable[..., Stack]


def bucket_of(make_stack: StackMaker, resource: str, bucket: str = "{}") -> tuple[Resource, object]:
    text = f"""
Resources:
  Bucket: {{Type: "AWS::S3::Bucket", Properties: {bucket}}}
  Other: {{Type: "AWS::S3::Bucket"}}
  Statement: {{Type: T, Properties: {{Resource: {resource}}}}}
"""
    resources = make_stack(text).resources
    return resources["Bucket"], resources["Statement"]["Resource"].value


@pytest.mark.parametrize(
    ("resource", "the_bucket", "every_object"),
    [
        ("!GetAtt Bucket.Arn", True, False),
        ("!Sub '${Bucket.Arn}/*'", False, True),
        ("!Sub '${Bucket.Arn}*'", True, True),
        ("!Sub '${Bucket.Arn}/reports/*'", False, False),
        ("!Sub 'arn:${AWS::Partition}:s3:::${Bucket}/*'", False, True),
        ("!Sub '${Other.Arn}/*'", False, False),
        ("'*'", True, True),
        ("arn:aws:s3:::*", True, True),
        ("arn:aws:s3:::named", True, False),
        ("arn:aws-us-gov:s3:::named/*", False, True),
        ("arn:aws:s3:::nam?d/*", False, True),
        ("arn:aws:s3:::other/*", False, False),
        ("'arn:aws:s3:::[n]amed'", False, False),
        ("!Sub 'arn:aws:s3:::former-${Bucket}*'", False, False),
        ("!Sub '${Bucket.Arn}/${Unknown}'", False, None),
    ],
)
def test_a_resource_of_a_statement_names_a_bucket_or_all_its_objects(
    make_stack: StackMaker, resource: str, the_bucket: bool | None, every_object: bool | None
) -> None:
    bucket, value = bucket_of(make_stack, resource, "{BucketName: named}")
    assert names(value, bucket) is the_bucket
    assert names(value, bucket, ANY_KEY) is every_object


def test_brackets_in_the_key_of_an_object_stand_for_themselves(make_stack: StackMaker) -> None:
    bucket, value = bucket_of(make_stack, "!Sub '${Bucket.Arn}/[draft]/*'")
    assert names(value, bucket, "[draft]/form.pdf")
    assert not names(value, bucket, "d/form.pdf")


def test_a_literal_name_means_nothing_to_a_bucket_without_a_name(make_stack: StackMaker) -> None:
    bucket, value = bucket_of(make_stack, "arn:aws:s3:::named")
    assert names(value, bucket) is False
    bucket, value = bucket_of(make_stack, "'arn:aws:s3:::/*'")
    assert names(value, bucket, ANY_KEY) is False


PARAMETERS = "Parameters: {Name: {Type: String}, Other: {Type: String}}\n"


@pytest.mark.parametrize(
    ("name", "resource", "expected"),
    [
        ("!Sub '${Name}-x'", "!Sub 'arn:aws:s3:::${Name}-x/*'", True),
        ("!Sub '${Name}-x'", "!Join ['', ['arn:aws:s3:::', !Ref Name, '-x/*']]", True),
        ("!Ref Name", "!Sub 'arn:${AWS::Partition}:s3:::${Name}/*'", True),
        ("!Sub 'x-${AWS::AccountId}-${AWS::Region}'", "!Sub 'arn:aws:s3:::x-${AWS::AccountId}-*'", True),
        ("!Sub '${Name}-x'", "!Sub 'arn:aws:s3:::${Name}-y/*'", False),
        ("!Sub '${Name}-x'", "!Sub 'arn:aws:s3:::${Name}-x/reports/*'", False),
        ("!Sub '${Name}-x'", "!Sub 'arn:aws:s3:::${Name}-x/${Other}/*'", False),
        ("!Sub '${Name}-x'", "!Sub 'arn:aws:s3:::${Name}-x/${Other}'", None),
        ("!Sub '${Name}-x'", "!Sub 'arn:aws:s3:::${Other}-x/*'", None),
        ("!Sub '${Name}-x'", "arn:aws:s3:::benefits-x/*", None),
        ("!Sub '${Name}-x'", "arn:aws:s3:::benefits-y/*", None),
        ("!Sub 'x-${Name}'", "arn:aws:s3:::benefits/*", False),
        ("!Ref Name", "!Sub 'arn:aws:s3:::${Other}/*'", None),
        ("benefits-x", "!Sub 'arn:aws:s3:::${Name}-x/*'", None),
        ("benefits-x", "!Sub 'arn:aws:s3:::${Name}-y/*'", False),
        ("!Ref Name", "!Sub '${Elsewhere.Arn}/*'", None),
        ("!Sub '${Elsewhere}-x'", "!Sub 'arn:aws:s3:::${Elsewhere}-x/*'", True),
        ("benefits", "!Sub '${Elsewhere.Arn}/*'", False),
        ("benefits", "'arn:aws:s3:::/*'", False),
        ("!Sub '${Elsewhere}-x'", "!Sub 'arn:aws:s3:::${Third}-x/*'", None),
        ("!Sub 'our-${Name}'", "!Sub 'arn:aws:s3:::our-${Elsewhere}/*'", None),
        ("!Sub 'our-${Name}-b'", "!Sub 'arn:aws:s3:::our-a${Other}/*'", None),
        ("!Sub 'our-a${Name}-b'", "!Sub 'arn:aws:s3:::our-${Other}c/*'", None),
        ("!Sub 'a${Name}'", "!Sub 'arn:aws:s3:::${Name}/*'", False),
        (
            "!Join ['-', [x, !Select [2, !Split ['/', !Ref AWS::StackId]]]]",
            "!Join ['', ['arn:aws:s3:::x-', !Select [2, !Split ['/', !Ref AWS::StackId]], '/*']]",
            True,
        ),
        (
            "!Join ['-', [x, !Select [2, !Split ['/', !Ref AWS::StackId]]]]",
            "!Join ['', ['arn:aws:s3:::x-', !Select [1, !Split ['/', !Ref AWS::StackId]], '/*']]",
            None,
        ),
        (
            "!ImportValue {'Fn::Sub': '${Name}-b'}",
            "!Sub ['arn:aws:s3:::${B}/*', {B: !ImportValue {'Fn::Sub': '${Name}-b'}}]",
            True,
        ),
    ],
)
def test_equal_expressions_in_one_stack_name_one_bucket(
    make_stack: StackMaker, name: str, resource: str, expected: bool | None
) -> None:
    resources = make_stack(
        f"""{PARAMETERS}
Resources:
  Bucket: {{Type: "AWS::S3::Bucket", Properties: {{BucketName: {name}}}}}
  Elsewhere: {{Type: "AWS::S3::Bucket"}}
  Third: {{Type: "AWS::S3::Bucket"}}
  Statement: {{Type: T, Properties: {{Resource: {resource}}}}}
"""
    ).resources
    assert names(resources["Statement"]["Resource"].value, resources["Bucket"], ANY_KEY) is expected


def test_equal_expressions_in_two_stacks_can_name_two_buckets(make_stack: StackMaker) -> None:
    template = (
        PARAMETERS
        + """
Resources:
  Bucket: {Type: "AWS::S3::Bucket", Properties: {BucketName: !Ref Name}}
  Statement: {Type: T, Properties: {Resource: !Sub "arn:aws:s3:::${Name}"}}
"""
    )
    bucket = make_stack(template, "One").resources["Bucket"]
    other = make_stack(template, "Two")
    resource = other.resources["Statement"]["Resource"].value
    assert names(resource, bucket, stack=bucket.stack) is True
    assert names(resource, bucket, stack=other) is None


def policies(make_stack: StackMaker, bucket: str, policy: str) -> list[str]:
    text = f"""
Parameters: {{Name: {{Type: String}}}}
Resources:
  Bucket: {{Type: "AWS::S3::Bucket", {bucket}}}
  Policy: {{Type: "AWS::S3::BucketPolicy", {policy}}}
"""
    return [found.logical_id for found in policies_of(make_stack(text).resources["Bucket"])]


@pytest.mark.parametrize(
    ("bucket", "policy"),
    [
        ("Properties: {}", "Properties: {Bucket: !Ref Bucket}"),
        ("Properties: {}", "Properties: {Bucket: !Join ['', [!Ref Bucket]]}"),
        ("Properties: {BucketName: named}", "Properties: {Bucket: ' named '}"),
        ("Properties: {BucketName: !Sub 'x-${Name}'}", "Properties: {Bucket: !Sub 'x-${Name}'}"),
        ("Properties: {BucketName: !Sub 'x-${Name}'}", "Properties: {Bucket: !Join ['-', [x, !Ref Name]]}"),
        ("Properties: {BucketName: !Ref Name}", "Properties: {Bucket: !Ref Name}"),
        ("Condition: C, Properties: {}", "Condition: C, Properties: {Bucket: !Ref Bucket}"),
        ("Condition: C, Properties: {}", "Properties: {Bucket: !Ref Bucket}"),
    ],
)
def test_a_policy_belongs_to_the_bucket_that_it_refers_to_or_names(
    make_stack: StackMaker, bucket: str, policy: str
) -> None:
    assert policies(make_stack, bucket, policy) == ["Policy"]


@pytest.mark.parametrize(
    ("bucket", "policy"),
    [
        ("Properties: {}", "Properties: {Bucket: named}"),
        ("Properties: {BucketName: named}", "Properties: {Bucket: other}"),
        ("Properties: {}", "Condition: C, Properties: {Bucket: !Ref Bucket}"),
        ("Condition: D, Properties: {}", "Condition: C, Properties: {Bucket: !Ref Bucket}"),
    ],
)
def test_a_policy_of_another_bucket_or_condition_does_not_count(
    make_stack: StackMaker, bucket: str, policy: str
) -> None:
    assert policies(make_stack, bucket, policy) == []


def test_names_with_parts_that_are_not_known_are_alike_within_one_stack_only(make_stack: StackMaker) -> None:
    template = """
Parameters: {Name: {Type: String}}
Resources: {R: {Type: "AWS::S3::%s", Properties: {%s: !Sub "x-${Name}"}}}
"""
    the_bucket = make_stack(template % ("Bucket", "BucketName"), "One").resources["R"]
    make_stack(template % ("BucketPolicy", "Bucket"), "Two")
    assert policies_of(the_bucket) == []


def test_of_equal_stages_the_policy_of_the_bucket_s_own_counts(make_stack: StackMaker) -> None:
    bucket = 'Bucket: {Type: "AWS::S3::Bucket", Properties: {BucketName: named}}'
    policy = 'Policy: {Type: "AWS::S3::BucketPolicy", Properties: {Bucket: named}}'
    own = make_stack(f"Resources:\n  {bucket}\n  {policy}\n", "Prod/App").resources
    other = make_stack(f"Resources:\n  {bucket}\n  {policy}\n", "Test/App").resources
    alone = make_stack(f"Resources:\n  {bucket}\n", "Dev/App").resources
    assert policies_of(own["Bucket"]) == [own["Policy"]]
    assert policies_of(other["Bucket"]) == [other["Policy"]]
    assert set(policies_of(alone["Bucket"])) == {own["Policy"], other["Policy"]}


def test_a_policy_whose_bucket_is_a_parameter_is_undecided(make_stack: StackMaker) -> None:
    text = """
Parameters: {Name: {Type: String}}
Resources:
  Bucket: {Type: "AWS::S3::Bucket"}
  Policy: {Type: "AWS::S3::BucketPolicy", Properties: {Bucket: !Ref Name}}
"""
    bucket = make_stack(text).resources["Bucket"]
    assert [policy.logical_id for policy in undecided_policies(bucket)] == ["Policy"]
    assert policies_of(bucket) == []


def test_a_policy_of_a_bucket_that_is_named_alike_belongs_to_no_other(make_stack: StackMaker) -> None:
    text = """
Parameters: {Name: {Type: String}}
Resources:
  Bucket: {Type: "AWS::S3::Bucket"}
  Named: {Type: "AWS::S3::Bucket", Properties: {BucketName: !Ref Name}}
  Policy: {Type: "AWS::S3::BucketPolicy", Properties: {Bucket: !Ref Name}}
  Nothing: {Type: "AWS::S3::BucketPolicy", Properties: {Bucket: !If [C]}}
"""
    resources = make_stack(text).resources
    assert undecided_policies(resources["Bucket"]) == [resources["Nothing"]]
    assert policies_of(resources["Named"]) == [resources["Policy"]]
