"""HTTPS everywhere: what the examples of the rules do not say."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.policy.judging import findings
from tts_constructs import standards
from tts_constructs.policy.rules.tls.tls_003_hsts import max_age


def listener(**properties: Any) -> dict[str, Any]:
    return {"Https": {"Type": "AWS::ElasticLoadBalancingV2::Listener", "Properties": properties}}


@pytest.mark.parametrize("policy", sorted(standards.TLS_POLICIES_APPROVED))
def test_every_policy_that_the_constructs_take_passes(policy: str) -> None:
    assert findings("TTS-TLS-002", listener(Protocol="HTTPS", SslPolicy=policy)) == ()


@pytest.mark.parametrize(
    ("policy", "verdict", "level"),
    [
        ("2016-08", "violation", "block"),
        ("2015-05", "violation", "block"),
        ("TLS-1-0-2015-04", "violation", "block"),
        ("TLS-1-1-2017-01", "violation", "block"),
        ("TLS-1-2-2017-01", "violation", "block"),
        ("TLS-1-2-Ext-2018-06", "violation", "block"),
        ("FS-1-2-Res-2020-10", "violation", "block"),
        ("FS-2018-06", "violation", "block"),
        ("TLS13-1-0-2021-06", "violation", "block"),
        ("TLS13-1-0-FIPS-2023-04", "violation", "block"),
        ("TLS13-1-1-FIPS-2023-04", "violation", "block"),
        ("TLS13-1-2-Ext1-2021-06", "violation", "block"),
        ("TLS13-1-2-Ext1-FIPS-2023-04", "violation", "block"),
        ("TLS13-1-2-Ext2-FIPS-PQ-2025-09", "violation", "block"),
        ("TLS13-1-2-2021-06", "violation", "warn"),
        ("TLS13-1-2-Res-2021-06", "violation", "warn"),
        ("TLS13-1-3-2021-06", "violation", "warn"),
        ("TLS13-1-2-PQ-2025-09", "violation", "warn"),
        ("TLS13-1-2-Res-PQ-2025-09", "violation", "warn"),
        ("TLS13-1-3-PQ-2025-09", "violation", "warn"),
        ("TLS13-1-2-Ext0-FIPS-PQ-2025-09", "violation", "warn"),
        ("TLS13-1-2-Ext0-2021-06", "unknown", "block"),
        ("TLS13-1-4-FIPS-2030-01", "unknown", "block"),
    ],
)
def test_every_other_policy_of_the_catalog_has_its_verdict(policy: str, verdict: str, level: str) -> None:
    (finding,) = findings("TTS-TLS-002", listener(Protocol="TLS", SslPolicy=f"ELBSecurityPolicy-{policy}"))
    assert (finding.verdict, finding.level) == (verdict, level)


def test_a_name_without_the_prefix_of_balancer_policies_is_unknown() -> None:
    (finding,) = findings("TTS-TLS-002", listener(Protocol="HTTPS", SslPolicy="2016-08"))
    assert finding.verdict == "unknown"


@given(st.integers(min_value=0, max_value=10**12), st.sampled_from(["", "; includeSubDomains", ";preload"]))
def test_the_age_of_an_hsts_header_is_read_wherever_it_stands(seconds: int, rest: str) -> None:
    assert max_age(f"max-age={seconds}{rest}") == seconds
    assert max_age(f'includeSubDomains; MAX-AGE = "{seconds}"{rest}') == seconds


@pytest.mark.parametrize(
    "header",
    ["", "max-age", "max-age=", "max-age=-1", "x-max-age=99999999", "max-age=1y", "max-age=31536000x"],
)
def test_a_header_without_a_readable_age_holds_for_no_time(header: str) -> None:
    assert max_age(header) == 0


def test_of_two_ages_the_shorter_counts() -> None:
    assert max_age("max-age=31536000; max-age=1") == 1


@pytest.mark.parametrize(("seconds", "passes"), [(31_535_999, False), (31_536_000, True)])
def test_a_year_is_enough_and_a_second_less_is_not(seconds: int, passes: bool) -> None:
    attribute = {"Key": standards.HSTS_HEADER_ATTRIBUTE, "Value": f"max-age={seconds}"}
    assert (not findings("TTS-TLS-003", listener(Protocol="HTTPS", ListenerAttributes=[attribute]))) is passes


@pytest.mark.parametrize("protocol", ["TCP", "UDP", "TCP_UDP", "TCP_QUIC", "udp"])
def test_a_network_balancer_that_faces_the_internet_passes_on_nothing_in_the_clear(protocol: str) -> None:
    balancer = {"Type": "AWS::ElasticLoadBalancingV2::LoadBalancer", "Properties": {"Type": "network"}}
    (finding,) = findings(
        "TTS-TLS-001",
        {"Balancer": balancer, **listener(LoadBalancerArn={"Ref": "Balancer"}, Protocol=protocol)},
    )
    assert (finding.verdict, finding.level) == ("violation", "block")


@pytest.mark.parametrize("properties", [{"Protocol": "TCP"}, {}])
def test_an_application_balancer_that_speaks_no_http_at_all_is_a_violation(
    properties: dict[str, Any],
) -> None:
    balancer = {"Type": "AWS::ElasticLoadBalancingV2::LoadBalancer"}
    resources = {"Balancer": balancer, **listener(LoadBalancerArn={"Ref": "Balancer"}, **properties)}
    (finding,) = findings("TTS-TLS-001", resources)
    assert finding.verdict == "violation"


def test_a_redirect_that_keeps_http_is_told_what_follows() -> None:
    action = {"Type": "redirect", "RedirectConfig": {"StatusCode": "HTTP_301"}}
    (finding,) = findings("TTS-TLS-001", listener(Protocol="HTTP", DefaultActions=[action]))
    assert finding.message == "Protocol is not set, so HTTP is not redirected to HTTPS."


@pytest.mark.parametrize(
    ("protocol", "stays"),
    [
        ("HTTPS", True),
        ("https", True),
        ("#{protocol}", True),
        ("#{PROTOCOL}", True),
        ({"Ref": "AWS::NoValue"}, True),
        ("HTTP", False),
    ],
)
def test_a_redirect_of_https_keeps_the_protocol_unless_it_says_http(protocol: Any, stays: bool) -> None:
    action = {"Type": "Redirect", "RedirectConfig": {"StatusCode": "HTTP_301", "Protocol": protocol}}
    found = findings("TTS-TLS-001", listener(Protocol="HTTPS", DefaultActions=[action]))
    assert (found == ()) is stays


@pytest.mark.parametrize(
    ("kinds", "passes"),
    [(["application"], True), (["network"], False), (["application", "network"], False), ([], False)],
)
def test_an_accelerator_forwards_port_80_to_application_balancers_alone(
    kinds: list[str], passes: bool
) -> None:
    endpoints = [{"EndpointId": {"Ref": f"Balancer{number}"}} for number in range(len(kinds))]
    resources: dict[str, Any] = {
        "Fast": {
            "Type": "AWS::GlobalAccelerator::Listener",
            "Properties": {"PortRanges": [{"FromPort": 80, "ToPort": 80}]},
        },
        "Behind": {
            "Type": "AWS::GlobalAccelerator::EndpointGroup",
            "Properties": {"ListenerArn": {"Ref": "Fast"}, "EndpointConfigurations": endpoints},
        },
    }
    for number, kind in enumerate(kinds):
        balancer = {"Type": "AWS::ElasticLoadBalancingV2::LoadBalancer", "Properties": {"Type": kind}}
        resources[f"Balancer{number}"] = balancer
    found = [finding for finding in findings("TTS-TLS-001", resources) if finding.logical_id == "Fast"]
    assert (found == []) is passes


def test_an_action_that_is_not_known_does_not_hide_the_one_after_it() -> None:
    actions = [{"Type": {"Ref": "Nothing"}}, {"Type": "forward"}]
    found = findings("TTS-TLS-001", listener(Protocol="HTTP", DefaultActions=actions))
    assert [(finding.verdict, finding.location[-6:]) for finding in found] == [
        ("unknown", "0/Type"),
        ("violation", "1/Type"),
    ]


def test_a_listener_for_http_without_any_action_is_a_violation() -> None:
    (finding,) = findings("TTS-TLS-001", listener(Protocol="HTTP", DefaultActions=[]))
    assert finding.verdict == "violation"


@pytest.mark.parametrize("key", ["AcmCertificateArn", "IamCertificateId"])
def test_a_distribution_names_its_certificate_in_acm_or_iam(key: str) -> None:
    certificate = {key: "certificate", "MinimumProtocolVersion": "TLSv1.2_2021"}
    behavior = {"ViewerProtocolPolicy": "https-only"}
    config = {"DefaultCacheBehavior": behavior, "ViewerCertificate": certificate}
    distribution = {"Type": "AWS::CloudFront::Distribution", "Properties": {"DistributionConfig": config}}
    assert findings("TTS-TLS-004", {"Distribution": distribution}) == ()


def test_the_single_origin_of_an_old_template_is_an_origin_too() -> None:
    origin = {"OriginProtocolPolicy": "match-viewer", "OriginSSLProtocols": ["TLSv1.2"]}
    distribution = {
        "Type": "AWS::CloudFront::Distribution",
        "Properties": {"DistributionConfig": {"CustomOrigin": origin}},
    }
    found = findings("TTS-TLS-004", {"Distribution": distribution})
    location = "Properties/DistributionConfig/CustomOrigin/OriginProtocolPolicy"
    assert location in {finding.location for finding in found}


STATEMENT = {
    "Effect": "Deny",
    "Principal": "*",
    "Action": "s3:*",
    "Resource": "*",
    "Condition": {"Bool": {"aws:SecureTransport": "false"}},
}


def bucket(*statements: dict[str, Any]) -> dict[str, Any]:
    return {
        "Bucket": {"Type": "AWS::S3::Bucket"},
        "Policy": {
            "Type": "AWS::S3::BucketPolicy",
            "Properties": {"Bucket": {"Ref": "Bucket"}, "PolicyDocument": {"Statement": list(statements)}},
        },
    }


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"Principal": {"AWS": ["*"]}},
        {"Action": ["s3:GetObject", "S3:*"]},
        {"Condition": {"bool": {"AWS:securetransport": False}}},
        {"Condition": {"BoolIfExists": {"aws:SecureTransport": ["false", "true"]}}},
    ],
)
def test_every_way_to_write_the_denial_passes(change: dict[str, Any]) -> None:
    assert findings("TTS-TLS-006", bucket(STATEMENT | change)) == ()


@pytest.mark.parametrize(
    "change",
    [
        {"Effect": "Allow"},
        {"Principal": {"Service": "*"}},
        {"Principal": {"AWS": "arn:aws:iam::111111111111:root"}},
        {"Principal": None, "NotPrincipal": {"AWS": "arn:aws:iam::111111111111:root"}},
        {"Action": "s3:Get*"},
        {"Action": None, "NotAction": "s3:ListBucket"},
        {"Resource": {"Fn::GetAtt": ["Bucket", "Arn"]}},
        {"Resource": None, "NotResource": {"Fn::Sub": "${Bucket.Arn}/open/*"}},
        {"Condition": {"Bool": {"aws:SecureTransport": "true"}}},
        {"Condition": {"StringNotEquals": {"aws:SecureTransport": "false"}}},
        {"Condition": {"Bool": {"aws:ViaAWSService": "false"}}},
        {"Condition": {"Bool": {"aws:SecureTransport": "false", "aws:ViaAWSService": "false"}}},
        {"Condition": {}},
    ],
)
def test_a_denial_that_leaves_a_gap_is_a_violation(change: dict[str, Any]) -> None:
    statement = {key: value for key, value in (STATEMENT | change).items() if value is not None}
    (finding,) = findings("TTS-TLS-006", bucket(statement))
    assert finding.verdict == "violation"


def test_a_bucket_that_no_policy_protects_is_told_of_both_its_parts() -> None:
    (finding,) = findings("TTS-TLS-006", {"Bucket": {"Type": "AWS::S3::Bucket"}})
    assert "on the bucket and its objects to everyone" in finding.message


def test_an_equal_expression_in_the_policy_of_another_stack_may_name_another_bucket() -> None:
    parameters = {"Name": {"Type": "String"}}
    exported = {"Bucket": {"Value": {"Ref": "Bucket"}, "Export": {"Name": "bucket"}}}
    resources = [{"Fn::Sub": "arn:aws:s3:::${Name}"}, {"Fn::Sub": "arn:aws:s3:::${Name}/*"}]
    statement = {**STATEMENT, "Resource": resources}
    owner = {"Bucket": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": {"Ref": "Name"}}}}

    def policy(bucket: Any) -> dict[str, Any]:
        properties = {"Bucket": bucket, "PolicyDocument": {"Statement": [statement]}}
        return {"Policy": {"Type": "AWS::S3::BucketPolicy", "Properties": properties}}

    own = {"Parameters": parameters, "Resources": owner | policy({"Ref": "Bucket"})}
    assert findings("TTS-TLS-006", own) == ()
    (finding,) = findings(
        "TTS-TLS-006",
        {"Parameters": parameters, "Resources": owner, "Outputs": exported},
        {"Parameters": parameters, "Resources": policy({"Fn::ImportValue": "bucket"})},
    )
    assert finding.logical_id == "Bucket"


def test_a_statement_that_is_not_known_does_not_hide_one_that_denies() -> None:
    assert findings("TTS-TLS-006", bucket({"Effect": {"Ref": "Nothing"}}, STATEMENT)) == ()


def test_a_policy_that_is_not_known_does_not_hide_one_that_denies() -> None:
    resources = bucket(STATEMENT)
    properties = {"Bucket": {"Ref": "Bucket"}, "PolicyDocument": {"Ref": "Nothing"}}
    policy = {"Type": "AWS::S3::BucketPolicy", "Properties": properties}
    assert findings("TTS-TLS-006", {"First": policy, **resources}) == ()
    (finding,) = findings("TTS-TLS-006", {"Bucket": resources["Bucket"], "First": policy})
    assert (finding.rule_id, finding.verdict) == ("TTS-TLS-006", "unknown")
    assert "Statement can't be evaluated before deployment: it depends on" in finding.message


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"Effect": {"Ref": "Nothing"}}, "Effect can't be evaluated before deployment: it depends on"),
        ({"Principal": {"Ref": "Nothing"}}, "Principal can't be evaluated before deployment: it depends on"),
        ({"Principal": {"AWS": {"Ref": "Nothing"}}}, "A statement that may deny plain HTTP depends on"),
        ({"Resource": {"Ref": "Nothing"}}, "has a Resource that is not known"),
    ],
)
def test_a_denial_whose_reach_is_not_known_is_unknown(change: dict[str, Any], reason: str) -> None:
    (finding,) = findings("TTS-TLS-006", bucket(STATEMENT | change))
    assert (finding.rule_id, finding.verdict) == ("TTS-TLS-006", "unknown")
    assert reason in finding.message


def test_a_parameter_that_is_not_known_in_another_stack_is_unknown_at_the_database() -> None:
    database = {
        "Type": "AWS::RDS::DBInstance",
        "Properties": {"Engine": "mysql", "DBParameterGroupName": "tls"},
    }
    group = {
        "Type": "AWS::RDS::DBParameterGroup",
        "Properties": {
            "DBParameterGroupName": "tls",
            "Parameters": {"require_secure_transport": {"Ref": "Nothing"}},
        },
    }
    (finding,) = findings("TTS-TLS-007", {"Forms": database}, {"Group": group})
    assert (finding.verdict, finding.logical_id) == ("unknown", "Forms")
    assert finding.location == "Properties/DBParameterGroupName"


@pytest.mark.parametrize("engine", ["postgres", "sqlserver-se", "mysql", "mariadb"])
def test_an_engine_is_asked_for_its_own_parameter(engine: str) -> None:
    wrong = "require_secure_transport" if engine in {"postgres", "sqlserver-se"} else "rds.force_ssl"
    group = {"Type": "AWS::RDS::DBParameterGroup", "Properties": {"Parameters": {wrong: "1"}}}
    database = {
        "Type": "AWS::RDS::DBInstance",
        "Properties": {"Engine": engine, "EngineVersion": "14.9", "DBParameterGroupName": {"Ref": "Group"}},
    }
    (finding,) = findings("TTS-TLS-007", {"Forms": database, "Group": group})
    assert finding.verdict == "violation"


@pytest.mark.parametrize(
    ("kind", "engine", "version", "verdicts"),
    [
        ("AWS::RDS::DBInstance", "postgres", "14.9", ["violation"]),
        ("AWS::RDS::DBInstance", "postgres", 15, []),
        ("AWS::RDS::DBInstance", "postgres", "15.3", []),
        ("AWS::RDS::DBInstance", "postgres", "17", []),
        ("AWS::RDS::DBInstance", "postgres", "newest", ["unknown"]),
        ("AWS::RDS::DBInstance", "postgres", None, ["unknown"]),
        ("AWS::RDS::DBInstance", "mysql", "16.4", ["violation"]),
        ("AWS::RDS::DBCluster", "postgres", "16.4", []),
        ("AWS::RDS::DBCluster", "aurora-postgresql", "16.6", ["violation"]),
        ("AWS::RDS::DBCluster", "aurora-postgresql", "17.4", []),
        ("AWS::RDS::DBCluster", "Aurora-PostgreSQL", "17.4", []),
    ],
)
def test_the_version_of_postgresql_says_what_its_default_is(
    kind: str, engine: str, version: Any, verdicts: list[str]
) -> None:
    properties = {"Engine": engine} if version is None else {"Engine": engine, "EngineVersion": version}
    found = findings("TTS-TLS-007", {"Forms": {"Type": kind, "Properties": properties}})
    assert [one.verdict for one in found] == verdicts


@pytest.mark.parametrize(
    ("family", "found"),
    [
        ("postgres17", []),
        ("aurora-postgresql17", []),
        ("postgres14", [("violation", "Properties/DBParameterGroupName")]),
        ("mysql8.0", [("unknown", "Properties/DBParameterGroupName")]),
        ({"Ref": "AWS::NoValue"}, [("unknown", "Properties/DBParameterGroupName")]),
        ({"Ref": "Nothing"}, [("unknown", "Properties/EngineVersion")]),
    ],
    ids=str,
)
def test_a_group_of_parameters_says_the_version_of_postgresql(
    family: Any, found: list[tuple[str, str]]
) -> None:
    properties = {"Engine": "postgres", "DBParameterGroupName": {"Ref": "Group"}}
    resources = {
        "Forms": {"Type": "AWS::RDS::DBInstance", "Properties": properties},
        "Group": {"Type": "AWS::RDS::DBParameterGroup", "Properties": {"Family": family}},
    }
    results = findings("TTS-TLS-007", resources)
    assert [(one.verdict, one.location) for one in results if one.logical_id == "Forms"] == found


@pytest.mark.parametrize(
    ("name", "verdicts"),
    [("default.postgres17", []), ("default.postgres14", ["violation"]), ("other", ["unknown"])],
)
@pytest.mark.parametrize("version", [{}, {"EngineVersion": "17.2"}])
def test_a_group_from_elsewhere_is_known_by_the_name_of_a_default_alone(
    name: str, verdicts: list[str], version: dict[str, str]
) -> None:
    properties = {"Engine": "postgres", "DBParameterGroupName": name, **version}
    found = findings("TTS-TLS-007", {"Forms": {"Type": "AWS::RDS::DBInstance", "Properties": properties}})
    expected = [] if version and name.startswith("default.") else verdicts
    assert [one.verdict for one in found] == expected


@pytest.mark.parametrize(
    ("protocol", "is_found"),
    [("plaintext", True), ("PLAINTEXT", True), ("ssl-encryption", False), ({"Ref": "AWS::NoValue"}, False)],
)
def test_replication_talks_to_redis_in_tls(protocol: Any, is_found: bool) -> None:
    properties = {"EngineName": "redis", "RedisSettings": {"SslSecurityProtocol": protocol}}
    found = findings("TTS-TLS-007", {"To": {"Type": "AWS::DMS::Endpoint", "Properties": properties}})
    places = ["Properties/RedisSettings/SslSecurityProtocol"] * is_found
    assert [one.location for one in found] == places


def test_a_workgroup_whose_switch_is_not_known_is_unknown_at_its_parameters() -> None:
    parameters = [{"ParameterKey": "require_ssl", "ParameterValue": {"Ref": "Nothing"}}]
    workgroup = {"Type": "AWS::RedshiftServerless::Workgroup", "Properties": {"ConfigParameters": parameters}}
    (finding,) = findings("TTS-TLS-007", {"Forms": workgroup})
    assert (finding.verdict, finding.location) == ("unknown", "Properties/ConfigParameters")


@pytest.mark.parametrize(
    ("address", "verdicts"),
    [
        ("http://example.gov", ["violation"]),
        (" HTTP://example.gov", ["violation"]),
        ("https://example.gov/http://", []),
        ({"Fn::Sub": "http://${Balancer.DNSName}"}, ["violation"]),
        ({"Fn::Join": ["", ["https://", {"Ref": "Nothing"}]]}, []),
        ({"Fn::GetAtt": ["Balancer", "Arn"]}, []),
        ({"Fn::Sub": "${Nothing}/forms"}, ["unknown"]),
        ({"Ref": "Nothing"}, ["unknown"]),
        ({"Fn::If": ["Tls", "https://example.gov", "http://example.gov"]}, ["violation"]),
    ],
)
@pytest.mark.parametrize(
    ("kind", "properties", "path"),
    [
        ("AWS::AppSync::DataSource", {"HttpConfig": {"Endpoint": None}}, "HttpConfig/Endpoint"),
        ("AWS::ApiGateway::Method", {"Integration": {"Type": "HTTP", "Uri": None}}, "Integration/Uri"),
        (
            "AWS::ApiGatewayV2::Integration",
            {"IntegrationType": "HTTP_PROXY", "IntegrationUri": None},
            "IntegrationUri",
        ),
    ],
)
def test_an_api_passes_requests_on_to_an_address_with_tls(
    kind: str, properties: dict[str, Any], path: str, address: Any, verdicts: list[str]
) -> None:
    *above, last = path.split("/")
    properties = json.loads(json.dumps(properties))
    holder = properties
    for key in above:
        holder = holder[key]
    holder[last] = address
    template = {
        "Resources": {
            "Api": {"Type": kind, "Properties": properties},
            "Balancer": {"Type": "AWS::ElasticLoadBalancingV2::LoadBalancer"},
        },
        "Parameters": {"Nothing": {"Type": "String"}},
        "Conditions": {"Tls": {"Fn::Equals": [{"Ref": "Nothing"}, "yes"]}},
    }
    found = [one for one in findings("TTS-TLS-007", template) if one.logical_id == "Api"]
    assert [(one.verdict, one.location) for one in found] == [(v, f"Properties/{path}") for v in verdicts]


@pytest.mark.parametrize(
    ("parameter", "told"), [("rds.force_ssl", False), ("require_secure_transport", True)]
)
def test_aurora_for_postgresql_is_asked_as_postgresql(parameter: str, *, told: bool) -> None:
    group = {"Type": "AWS::RDS::DBClusterParameterGroup", "Properties": {"Parameters": {parameter: "1"}}}
    properties = {"Engine": "aurora-postgresql", "DBClusterParameterGroupName": {"Ref": "Group"}}
    cluster = {"Type": "AWS::RDS::DBCluster", "Properties": properties}
    assert bool(findings("TTS-TLS-007", {"Forms": cluster, "Group": group})) is told


@pytest.mark.parametrize(
    ("resource_type", "policy_type", "named"),
    [
        ("AWS::SNS::Topic", "AWS::SNS::TopicPolicy", {"Topics": [{"Ref": "Thing"}]}),
        ("AWS::SNS::Topic", "AWS::SNS::TopicInlinePolicy", {"TopicArn": {"Ref": "Thing"}}),
        ("AWS::SQS::Queue", "AWS::SQS::QueuePolicy", {"Queues": [{"Ref": "Thing"}]}),
        ("AWS::SQS::Queue", "AWS::SQS::QueueInlinePolicy", {"Queue": {"Ref": "Thing"}}),
    ],
)
def test_a_topic_or_queue_is_protected_by_either_kind_of_policy(
    resource_type: str, policy_type: str, named: dict[str, Any]
) -> None:
    document = {"Statement": STATEMENT | {"Action": "*"}}
    policy = {"Type": policy_type, "Properties": {"PolicyDocument": document, **named}}
    thing = {"Type": resource_type}
    assert findings("TTS-TLS-007", {"Thing": thing, "Policy": policy}) == ()
    sometimes = policy | {"Condition": "Sometimes"}
    (finding,) = findings("TTS-TLS-007", {"Thing": thing, "Policy": sometimes})
    assert finding.verdict == "violation"


def queue_with(**statement: Any) -> dict[str, Any]:
    properties = {"Queues": [{"Ref": "Queue"}], "PolicyDocument": {"Statement": STATEMENT | statement}}
    return {
        "Queue": {"Type": "AWS::SQS::Queue"},
        "Policy": {"Type": "AWS::SQS::QueuePolicy", "Properties": properties},
    }


@pytest.mark.parametrize("action", ["sqs:SendMessage", "sqs:ReceiveMessage"])
def test_a_queue_refuses_plain_http_both_ways(action: str) -> None:
    assert findings("TTS-TLS-007", queue_with(Action=["sqs:sendmessage", "sqs:receivemessage"])) == ()
    (finding,) = findings("TTS-TLS-007", queue_with(Action=action))
    assert finding.message == (
        "No policy of the app denies sqs:SendMessage and sqs:ReceiveMessage to everyone who does not use TLS."
    )


def test_a_topic_refuses_plain_http_when_it_takes_messages() -> None:
    (finding,) = findings("TTS-TLS-007", {"Topic": {"Type": "AWS::SNS::Topic"}})
    assert "denies sns:Publish to everyone" in finding.message


@pytest.mark.parametrize(
    ("named", "protected"),
    [
        ({"Fn::GetAtt": ["Queue", "Arn"]}, True),
        ({"Fn::Sub": "arn:aws:sqs:us-east-1:111111111111:${Queue.QueueName}"}, True),
        ({"Fn::GetAtt": ["Other", "Arn"]}, False),
        ({"Fn::Sub": "arn:aws:sqs:us-east-1:111111111111:${Other.QueueName}"}, False),
    ],
)
def test_a_denial_protects_the_queue_that_it_speaks_of(named: Any, protected: bool) -> None:
    resources = queue_with(Action="sqs:*", Resource=named) | {"Other": {"Type": "AWS::SQS::Queue"}}
    found = [finding for finding in findings("TTS-TLS-007", resources) if finding.logical_id == "Queue"]
    assert (not found) is protected


def test_a_warehouse_names_its_parameters_by_name_too() -> None:
    require = [{"ParameterName": "require_ssl", "ParameterValue": "true"}]
    group = {
        "Type": "AWS::Redshift::ClusterParameterGroup",
        "Properties": {"ParameterGroupName": "strict", "Parameters": require},
    }
    warehouse = {"Type": "AWS::Redshift::Cluster", "Properties": {"ClusterParameterGroupName": "strict"}}
    assert findings("TTS-TLS-007", {"Group": group, "Warehouse": warehouse}) == ()


@pytest.mark.parametrize(
    ("cluster_type", "named", "group_type", "parameters"),
    [
        (
            "AWS::Redshift::Cluster",
            "ClusterParameterGroupName",
            "AWS::Redshift::ClusterParameterGroup",
            [{"ParameterName": "require_ssl", "ParameterValue": {"Ref": "Nothing"}}],
        ),
        (
            "AWS::DocDB::DBCluster",
            "DBClusterParameterGroupName",
            "AWS::DocDB::DBClusterParameterGroup",
            {"tls": {"Ref": "Nothing"}},
        ),
    ],
)
def test_a_parameter_that_is_not_known_is_unknown_where_its_group_is_named(
    cluster_type: str, named: str, group_type: str, parameters: Any
) -> None:
    resources = {
        "Group": {"Type": group_type, "Properties": {"Parameters": parameters}},
        "Cluster": {"Type": cluster_type, "Properties": {named: {"Ref": "Group"}}},
    }
    (finding,) = findings("TTS-TLS-007", resources)
    assert (finding.verdict, finding.location) == ("unknown", f"Properties/{named}")


@pytest.mark.parametrize("mode", ["preferred", "Preferred"])
def test_a_cache_that_prefers_tls_takes_clients_without_it(mode: str) -> None:
    properties = {"TransitEncryptionEnabled": True, "TransitEncryptionMode": mode}
    cache = {"Cache": {"Type": "AWS::ElastiCache::ReplicationGroup", "Properties": properties}}
    (finding,) = findings("TTS-TLS-007", cache)
    assert finding.location == "Properties/TransitEncryptionMode"


def test_what_follows_from_a_switch_that_is_off_is_told() -> None:
    cache = {"Type": "AWS::ElastiCache::ReplicationGroup", "Properties": {}}
    (finding,) = findings("TTS-TLS-007", {"Cache": cache})
    assert finding.message.endswith("so clients talk to the cache unencrypted.")
