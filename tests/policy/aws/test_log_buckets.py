"""Which buckets hold logs and nothing else."""

from typing import Any

import pytest

from tts_constructs.policy.aws.log_buckets import is_log_target
from tts_constructs.policy.loading.reader import add_stack, checked_template
from tts_constructs.policy.model.assembly import Assembly
from tts_constructs.policy.model.node import UnknownValue
from tts_constructs.policy.settings.model import Settings

REGION = "us-gov-west-1"
BALANCER_ACCOUNT = "arn:aws-us-gov:iam::048591011584:root"


def judged(**resources: dict[str, Any]) -> bool:
    return judged_in(REGION, resources)


def judged_in(region: str | None, resources: dict[str, Any], bucket: str = "Logs") -> bool:
    assembly = Assembly(Settings())
    body = checked_template({"Resources": resources}, "Stack")
    stack = add_stack(assembly, body, "Stack", stack_name="Benefits", region=region)
    return is_log_target(stack.resources[bucket])


def bucket(**properties: Any) -> dict[str, Any]:
    return {"Type": "AWS::S3::Bucket", "Properties": properties}


def logging_into(bucket_name: Any) -> dict[str, Any]:
    return bucket(LoggingConfiguration={"DestinationBucketName": bucket_name})


def put(**parts: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": "s3:PutObject", "Resource": "*"} | parts


def bucket_policy(*statements: dict[str, Any], of: Any = None) -> dict[str, Any]:
    return {
        "Type": "AWS::S3::BucketPolicy",
        "Properties": {"Bucket": of or {"Ref": "Logs"}, "PolicyDocument": {"Statement": list(statements)}},
    }


def identity_policy(*statements: dict[str, Any], kind: str = "AWS::IAM::Policy") -> dict[str, Any]:
    return {"Type": kind, "Properties": {"PolicyDocument": {"Statement": list(statements)}}}


WEB = logging_into({"Ref": "Logs"})
OBJECTS = {"Fn::Join": ["", [{"Fn::GetAtt": ["Logs", "Arn"]}, "/*"]]}

SOURCES: list[dict[str, Any]] = [
    WEB,
    {
        "Type": "AWS::ElasticLoadBalancingV2::LoadBalancer",
        "Properties": {
            "LoadBalancerAttributes": [
                {"Key": "access_logs.s3.enabled", "Value": "true"},
                {"Key": "access_logs.s3.bucket", "Value": {"Ref": "Logs"}},
            ]
        },
    },
    {
        "Type": "AWS::EC2::FlowLog",
        "Properties": {"LogDestination": {"Fn::Sub": "${Logs.Arn}/flow/"}, "LogDestinationType": "s3"},
    },
    {
        "Type": "AWS::CloudFront::Distribution",
        "Properties": {
            "DistributionConfig": {"Logging": {"Bucket": {"Fn::GetAtt": ["Logs", "RegionalDomainName"]}}}
        },
    },
    {
        "Type": "AWS::WAFv2::LoggingConfiguration",
        "Properties": {"LogDestinationConfigs": [{"Fn::GetAtt": ["Logs", "Arn"]}]},
    },
    {
        "Type": "AWS::Pipes::Pipe",
        "Properties": {"LogConfiguration": {"S3LogDestination": {"BucketName": {"Ref": "Logs"}}}},
    },
    {
        "Type": "AWS::KafkaConnect::Connector",
        "Properties": {
            "LogDelivery": {"WorkerLogDelivery": {"S3": {"Enabled": True, "Bucket": {"Ref": "Logs"}}}}
        },
    },
    {
        "Type": "AWS::EC2::VerifiedAccessInstance",
        "Properties": {"LoggingConfigurations": {"S3": {"Enabled": True, "BucketName": {"Ref": "Logs"}}}},
    },
]


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source["Type"])
def test_a_bucket_that_another_resource_logs_into_is_a_log_target(source: dict[str, Any]) -> None:
    assert judged(Logs=bucket(), Source=source)


def balancer(**attributes: Any) -> dict[str, Any]:
    written = [
        {"Key": key.replace("__", ".s3."), "Value": value}
        for key, value in {"access_logs__bucket": {"Ref": "Logs"}, **attributes}.items()
    ]
    return {
        "Type": "AWS::ElasticLoadBalancingV2::LoadBalancer",
        "Properties": {"LoadBalancerAttributes": written},
    }


def destination() -> dict[str, Any]:
    arn = {"Fn::GetAtt": ["Logs", "Arn"]}
    return {"Type": "AWS::Logs::DeliveryDestination", "Properties": {"DestinationResourceArn": arn}}


SWITCHED_OFF: list[dict[str, Any]] = [
    balancer(),
    balancer(access_logs__enabled="false"),
    balancer(connection_logs__enabled="true"),
    {
        "Type": "AWS::ElasticLoadBalancing::LoadBalancer",
        "Properties": {"AccessLoggingPolicy": {"Enabled": False, "S3BucketName": {"Ref": "Logs"}}},
    },
    {
        "Type": "AWS::CloudTrail::Trail",
        "Properties": {"IsLogging": "false", "S3BucketName": {"Ref": "Logs"}},
    },
    {
        "Type": "AWS::MSK::Cluster",
        "Properties": {"LoggingInfo": {"BrokerLogs": {"S3": {"Enabled": False, "Bucket": {"Ref": "Logs"}}}}},
    },
    {
        "Type": "AWS::CloudFront::StreamingDistribution",
        "Properties": {
            "StreamingDistributionConfig": {
                "Logging": {"Enabled": False, "Bucket": {"Fn::GetAtt": ["Logs", "DomainName"]}}
            }
        },
    },
    destination(),
]


@pytest.mark.parametrize("source", SWITCHED_OFF, ids=lambda source: source["Type"])
def test_a_log_that_is_switched_off_makes_no_log_target(source: dict[str, Any]) -> None:
    assert not judged(Logs=bucket(), Source=source)


def test_the_log_that_is_on_is_the_one_that_names_the_bucket() -> None:
    assert judged(Logs=bucket(), Source=balancer(access_logs__enabled=True, connection_logs__enabled=False))


def test_a_log_that_may_be_on_leaves_it_open() -> None:
    with pytest.raises(UnknownValue, match="whether the log of Source is on"):
        judged(Logs=bucket(), Source=balancer(access_logs__enabled={"Fn::ImportValue": "Logging"}))


def test_a_log_that_is_on_beside_one_that_may_be_is_enough() -> None:
    perhaps = balancer(access_logs__enabled={"Fn::ImportValue": "Logging"})
    assert judged(Logs=bucket(), Source=perhaps, Web=WEB)


@pytest.mark.parametrize(
    "arn", [{"Fn::GetAtt": ["There", "Arn"]}, "arn:aws:logs:us-east-1:1:delivery-destination:logs"]
)
def test_a_destination_counts_where_a_delivery_uses_it(arn: Any) -> None:
    delivery = {"Type": "AWS::Logs::Delivery", "Properties": {"DeliveryDestinationArn": arn}}
    assert judged(Logs=bucket(), There=destination(), Delivery=delivery)


def test_a_destination_for_other_accounts_counts() -> None:
    there = destination()
    there["Properties"]["DeliveryDestinationPolicy"] = {"Statement": []}
    assert judged(Logs=bucket(), There=there)


def test_a_delivery_to_another_destination_does_not_count() -> None:
    arn = {"Fn::GetAtt": ["Other", "Arn"]}
    delivery = {"Type": "AWS::Logs::Delivery", "Properties": {"DeliveryDestinationArn": arn}}
    other = {"Type": "AWS::Logs::DeliveryDestination", "Properties": {"Name": "other"}}
    assert not judged(Logs=bucket(), There=destination(), Other=other, Delivery=delivery)


@pytest.mark.parametrize(
    "destination", ["our-logs", "our-logs.s3.amazonaws.com", "our-logs.s3.us-gov-west-1.amazonaws.com"]
)
def test_the_destination_can_be_a_name_or_a_domain_name(destination: str) -> None:
    source = {
        "Type": "AWS::CloudFront::Distribution",
        "Properties": {"DistributionConfig": {"Logging": {"Bucket": destination}}},
    }
    assert judged(Logs=bucket(BucketName="our-logs"), Source=source)


def test_a_bucket_that_nothing_logs_into_is_none() -> None:
    assert not judged(Logs=bucket(), Source=bucket())


def test_a_source_that_need_not_stand_with_the_bucket_proves_nothing() -> None:
    assert not judged(Logs=bucket(), Source=WEB | {"Condition": "Sometimes"})


def test_a_bucket_that_logs_into_itself_is_none() -> None:
    assert not judged(Logs=WEB)


@pytest.mark.parametrize("length", [2, 3])
def test_buckets_that_log_into_each_other_are_none(length: int) -> None:
    names = ["Logs", "Second", "Third"][:length]
    circle = {name: logging_into({"Ref": names[(i + 1) % length]}) for i, name in enumerate(names)}
    assert not any(judged_in(REGION, circle, name) for name in names)


def test_a_circle_does_not_hide_a_source_outside_it() -> None:
    assert judged(Logs=logging_into({"Ref": "Other"}), Other=WEB, Balancer=SOURCES[1])


def test_a_bucket_that_logs_into_a_circle_is_not_part_of_it() -> None:
    circle = {"Second": logging_into({"Ref": "Third"}), "Third": logging_into({"Ref": "Second"})}
    assert judged(Logs=logging_into({"Ref": "Second"}), Web=WEB, **circle)


DELIVERY: list[Any] = [
    {"Service": "logging.s3.amazonaws.com"},
    {"Service": ["delivery.logs.amazonaws.com", "cloudtrail.amazonaws.com"]},
    {"Service": "logs.us-gov-west-1.amazonaws.com"},
    {"AWS": BALANCER_ACCOUNT},
    {"AWS": "048591011584"},
    {"AWS": {"Fn::Sub": "arn:${AWS::Partition}:iam::048591011584:root"}},
]


@pytest.mark.parametrize("principal", DELIVERY, ids=str)
def test_its_policy_may_let_those_put_who_deliver_logs(principal: Any) -> None:
    assert judged(Logs=bucket(), Web=WEB, Policy=bucket_policy(put(Principal=principal)))


OTHERS: list[Any] = [
    "*",
    {"AWS": "*"},
    {"AWS": "arn:aws-us-gov:iam::111111111111:root"},
    {"AWS": "arn:aws-us-gov:iam::048591011584:role/x"},
    {"AWS": "arn:root"},
    {"AWS": {"Fn::GetAtt": ["Writer", "Arn"]}},
    {"Service": "ec2.amazonaws.com"},
    {"Service": ["logging.s3.amazonaws.com", "lambda.amazonaws.com"]},
    {"CanonicalUser": "048591011584"},
]


@pytest.mark.parametrize("principal", OTHERS, ids=str)
def test_its_policy_must_not_let_others_put(principal: Any) -> None:
    writer = {"Type": "AWS::IAM::Role"}
    policy = bucket_policy(put(Principal=principal))
    assert not judged(Logs=bucket(), Web=WEB, Policy=policy, Writer=writer)


@pytest.mark.parametrize("action", ["s3:*", "S3:PUT*", "*"])
def test_an_action_that_covers_putting_counts_as_putting(action: str) -> None:
    policy = bucket_policy(put(Principal={"Service": "ec2.amazonaws.com"}, Action=action))
    assert not judged(Logs=bucket(), Web=WEB, Policy=policy)


def test_its_policy_may_let_others_read_and_forbid_them_to_put() -> None:
    policy = bucket_policy(
        put(Principal={"AWS": "111111111111"}, Action="s3:GetObject"), put(Principal="*", Effect="Deny")
    )
    assert judged(Logs=bucket(), Web=WEB, Policy=policy)


def test_one_statement_that_lets_others_put_is_enough() -> None:
    delivery, others = put(Principal=DELIVERY[0]), put(Principal={"AWS": "111111111111"})
    assert not judged(Logs=bucket(), Web=WEB, Policy=bucket_policy(delivery, others))


def test_the_load_balancers_of_another_region_do_not_deliver_here() -> None:
    policy = bucket_policy(put(Principal={"AWS": BALANCER_ACCOUNT}))
    resources = {"Logs": bucket(), "Web": WEB, "Policy": policy}
    assert not judged_in("us-gov-east-1", resources)
    assert judged_in(None, resources)


def test_a_policy_that_stands_sometimes_lets_others_put() -> None:
    policy = bucket_policy(put(Principal="*")) | {"Condition": "Sometimes"}
    assert not judged(Logs=bucket(), Web=WEB, Policy=policy)


def test_a_policy_that_names_the_bucket_by_its_name_counts() -> None:
    policy = bucket_policy(put(Principal="*"), of="our-logs")
    web = logging_into("our-logs")
    assert not judged(Logs=bucket(BucketName="our-logs"), Web=web, Policy=policy)


WRITING: list[Any] = [
    OBJECTS,
    {"Fn::Sub": "arn:aws-us-gov:s3:::${Logs}/AWSLogs/*"},
    "*",
    "arn:*",
    "arn:aws-us-gov:s3:::*",
    "arn:aws-us-gov:s3:::benefits-*/*",
    ["arn:aws-us-gov:s3:::other/*", OBJECTS],
]


@pytest.mark.parametrize("resource", WRITING, ids=str)
@pytest.mark.parametrize("kind", ["AWS::IAM::Policy", "AWS::IAM::ManagedPolicy", "AWS::IAM::RolePolicy"])
def test_no_identity_policy_may_let_put_objects(kind: str, resource: Any) -> None:
    policy = identity_policy(put(Resource=resource), kind=kind)
    assert not judged(Logs=bucket(), Web=WEB, Policy=policy)


def test_an_identity_policy_may_name_the_bucket_by_an_equal_expression() -> None:
    name = {"Fn::Sub": "${Setting}-logs"}
    policy = identity_policy(put(Resource={"Fn::Sub": "arn:aws-us-gov:s3:::${Setting}-logs/*"}))
    setting = {"Type": "AWS::SSM::Parameter"}
    assert not judged(Logs=bucket(BucketName=name), Web=WEB, Policy=policy, Setting=setting)


def test_an_identity_policy_may_name_other_buckets() -> None:
    others = ["arn:aws:s3:::other/*", {"Fn::Sub": "${Web.Arn}/*"}, "arn:aws:s3:::forms-*", "arn:aws:sqs:*"]
    assert judged(Logs=bucket(), Web=WEB, Policy=identity_policy(put(Resource=others)))


@pytest.mark.parametrize("action", ["sqs:SendMessage", ["sqs:SendMessage", "sns:Publish"]], ids=str)
def test_a_statement_of_other_services_need_not_be_known(action: Any) -> None:
    policy = identity_policy(put(Action=action, Effect=NOWHERE))
    assert judged(Logs=bucket(), Web=WEB, Policy=policy)


def test_a_statement_that_is_not_known_does_not_hide_one_that_lets_put() -> None:
    policy = identity_policy(put(Action=NOWHERE), put(Resource=OBJECTS))
    assert not judged(Logs=bucket(), Web=WEB, Policy=policy)


def test_an_identity_policy_may_let_read() -> None:
    policy = identity_policy(put(Resource=OBJECTS, Action=["s3:GetObject*", "s3:List*"]))
    assert judged(Logs=bucket(), Web=WEB, Policy=policy)


def test_an_inline_policy_and_a_managed_one_of_aws_count() -> None:
    inline = {
        "Type": "AWS::IAM::Role",
        "Properties": {"Policies": [{"PolicyDocument": {"Statement": [put(Resource=OBJECTS)]}}]},
    }
    managed = {
        "Type": "AWS::IAM::Role",
        "Properties": {
            "ManagedPolicyArns": [{"Fn::Sub": "arn:${AWS::Partition}:iam::aws:policy/AmazonS3FullAccess"}]
        },
    }
    assert not judged(Logs=bucket(), Web=WEB, Role=inline)
    assert not judged(Logs=bucket(), Web=WEB, Role=managed)


BOUNDARY = identity_policy(put(Action="s3:*"), kind="AWS::IAM::ManagedPolicy")
BOUNDED = {"Type": "AWS::IAM::Role", "Properties": {"PermissionsBoundary": {"Ref": "Boundary"}}}


def test_a_policy_used_only_as_a_permissions_boundary_grants_nothing() -> None:
    assert judged(Logs=bucket(), Web=WEB, Boundary=BOUNDARY, Role=BOUNDED)


def test_a_boundary_that_is_attached_too_grants() -> None:
    attached = {"Type": "AWS::IAM::Role", "Properties": {"ManagedPolicyArns": [{"Ref": "Boundary"}]}}
    assert not judged(Logs=bucket(), Web=WEB, Boundary=BOUNDARY, Role=BOUNDED, Other=attached)
    itself = {**BOUNDARY, "Properties": {**BOUNDARY["Properties"], "Roles": [{"Ref": "Role"}]}}
    assert not judged(Logs=bucket(), Web=WEB, Boundary=itself, Role=BOUNDED)


def test_a_boundary_can_be_named_by_its_arn() -> None:
    named = {**BOUNDARY, "Properties": {**BOUNDARY["Properties"], "ManagedPolicyName": "OurBoundary"}}
    arn = {"Fn::Sub": "arn:aws-us-gov:iam::${AWS::AccountId}:policy/OurBoundary"}
    bounded = {"Type": "AWS::IAM::Role", "Properties": {"PermissionsBoundary": arn}}
    attached = {"Type": "AWS::IAM::Role", "Properties": {"ManagedPolicyArns": [NOWHERE, arn]}}
    assert judged(Logs=bucket(), Web=WEB, Boundary=named, Role=bounded)
    assert not judged(Logs=bucket(), Web=WEB, Boundary=named, Role=bounded, Other=attached)


def test_an_identity_of_another_account_needs_the_leave_of_the_bucket_policy() -> None:
    assembly = Assembly(Settings())
    logs = add_stack(
        assembly, {"Resources": {"Logs": bucket(), "Web": WEB}}, "Logs", account="1", region=REGION
    )
    writers = {"Resources": {"Writer": identity_policy(put())}}
    add_stack(assembly, writers, "Sandbox", account="2", region="us-east-1")
    assert is_log_target(logs.resources["Logs"])


@pytest.mark.parametrize("account", ["1", None])
def test_an_identity_of_the_same_account_in_another_stack_counts(account: str | None) -> None:
    assembly = Assembly(Settings())
    logs = add_stack(
        assembly, {"Resources": {"Logs": bucket(), "Web": WEB}}, "Logs", account="1", region=REGION
    )
    add_stack(assembly, {"Resources": {"Writer": identity_policy(put())}}, "Other", account=account)
    assert not is_log_target(logs.resources["Logs"])


def handed_over(name: str, reference: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """What the CDK makes in two regions: what exports the ARN of a bucket, and a policy that uses it."""
    exports = {name: {"Fn::GetAtt": [reference, "Arn"]}}
    writer = {"Type": "Custom::CrossRegionExportWriter", "Properties": {"WriterProps": {"exports": exports}}}
    objects = {"Fn::Join": ["", [{"Fn::GetAtt": ["Reader", "/cdk/exports/arn"]}, "/*"]]}
    policy = identity_policy(put(Resource=[{"Fn::GetAtt": ["Reader", "/cdk/exports/arn"]}, objects]))
    return writer, {"Reader": {"Type": "Custom::CrossRegionExportReader"}, "Policy": policy}


@pytest.mark.parametrize(("written", "is_target"), [("Logs", False), ("Data", True)])
def test_an_identity_in_another_region_counts_by_what_the_cdk_hands_over(
    written: str, is_target: bool
) -> None:
    writer, writing = handed_over("/cdk/exports/arn", written)
    assembly = Assembly(Settings())
    here = {"Logs": bucket(), "Data": bucket(), "Web": WEB, "Writer": writer}
    logs = add_stack(assembly, {"Resources": here}, "Logs", account="1", region="us-east-1")
    add_stack(assembly, {"Resources": writing}, "Other", account="1", region="us-west-2")
    assert is_log_target(logs.resources["Logs"]) is is_target


def test_what_no_stack_of_the_app_hands_over_leaves_it_open() -> None:
    writer, writing = handed_over("/cdk/exports/another", "Data")
    with pytest.raises(UnknownValue, match="buckets that are not known here"):
        judged(Logs=bucket(), Data=bucket(), Web=WEB, Writer=writer, **writing)


def test_an_identity_of_another_account_does_not_hide_one_of_the_same() -> None:
    assembly = Assembly(Settings())
    logs = add_stack(assembly, {"Resources": {"Logs": bucket(), "Web": WEB}}, "Logs", account="1")
    for number, account in enumerate(["2", "1"]):
        writers = {"Resources": {"Writer": identity_policy(put())}}
        add_stack(assembly, writers, f"Writers{number}", account=account)
    assert not is_log_target(logs.resources["Logs"])


NOWHERE = {"Fn::ImportValue": "of-no-stack"}

UNDECIDED: list[dict[str, Any]] = [
    identity_policy(put(Resource=NOWHERE)),
    identity_policy(put(Action=NOWHERE, Resource=OBJECTS)),
    {"Type": "AWS::IAM::Role", "Properties": {"Policies": NOWHERE}},
    bucket_policy(put(Principal={"AWS": NOWHERE})),
    bucket_policy(put(Principal={"AWS": {"Fn::Sub": ["arn:aws:iam::${A}:root", {"A": NOWHERE}]}})),
    bucket_policy(put(Principal="*"), of=NOWHERE),
]


@pytest.mark.parametrize("policy", UNDECIDED, ids=str)
def test_what_cannot_be_decided_is_not_taken_for_a_yes(policy: dict[str, Any]) -> None:
    with pytest.raises(UnknownValue):
        judged(Logs=bucket(), Web=WEB, Policy=policy)


def test_a_principal_that_is_not_known_is_said_to_decide_with_its_policy() -> None:
    policy = bucket_policy(put(Principal={"AWS": NOWHERE}))
    with pytest.raises(UnknownValue, match="its policy Policy: It lets a principal put objects"):
        judged(Logs=bucket(), Web=WEB, Policy=policy)
