"""The entries to the service: a distribution for its pages, and an API for the partners."""

from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_cloudfront as cloudfront
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from constructs import Construct

from .service import Service
from .storage import Storage

_ORIGIN = "service"


class Pages(Construct):
    """A distribution that fetches from the load balancer of the service."""

    def __init__(self, scope: Construct, service: Service, storage: Storage, domain: str) -> None:
        super().__init__(scope, "Pages")
        distribution = cloudfront.CfnDistribution
        headers = cloudfront.CfnResponseHeadersPolicy
        self.headers = headers(
            self,
            "Headers",
            response_headers_policy_config=headers.ResponseHeadersPolicyConfigProperty(
                name="forms-hsts",
                security_headers_config=headers.SecurityHeadersConfigProperty(
                    strict_transport_security=headers.StrictTransportSecurityProperty(
                        access_control_max_age_sec=31_536_000, include_subdomains=True, override=True
                    )
                ),
            ),
        )
        self.distribution = distribution(
            self,
            "Distribution",
            distribution_config=distribution.DistributionConfigProperty(
                enabled=True,
                aliases=[domain],
                origins=[
                    distribution.OriginProperty(
                        id=_ORIGIN,
                        domain_name=service.balancer.attr_dns_name,
                        custom_origin_config=distribution.CustomOriginConfigProperty(
                            origin_protocol_policy="https-only", origin_ssl_protocols=["TLSv1.2"]
                        ),
                    )
                ],
                default_cache_behavior=distribution.DefaultCacheBehaviorProperty(
                    target_origin_id=_ORIGIN,
                    viewer_protocol_policy="redirect-to-https",
                    response_headers_policy_id=self.headers.ref,
                    cache_policy_id="658327ea-f89d-4fab-a63d-7e88639e58f6",
                ),
                viewer_certificate=distribution.ViewerCertificateProperty(
                    acm_certificate_arn=service.certificate.ref,
                    minimum_protocol_version="TLSv1.2_2021",
                    ssl_support_method="sni-only",
                ),
                logging=distribution.LoggingProperty(
                    bucket=storage.logs.attr_regional_domain_name, prefix="pages/"
                ),
            ),
        )


class Partners(Construct):
    """An API whose callers sign their requests."""

    def __init__(self, scope: Construct, service: Service, key: kms.CfnKey, domain: str) -> None:
        super().__init__(scope, "Partners")
        log_group = logs.CfnLogGroup(self, "Calls", kms_key_id=key.attr_arn, retention_in_days=1096)
        api = apigateway.CfnRestApi(
            self,
            "Api",
            name="forms-partners",
            endpoint_configuration=apigateway.CfnRestApi.EndpointConfigurationProperty(types=["REGIONAL"]),
        )
        method = apigateway.CfnMethod(
            self,
            "Status",
            rest_api_id=api.ref,
            resource_id=api.attr_root_resource_id,
            http_method="GET",
            authorization_type="AWS_IAM",
            integration=apigateway.CfnMethod.IntegrationProperty(type="MOCK"),
        )
        deployment = apigateway.CfnDeployment(self, "Deployment", rest_api_id=api.ref)
        deployment.node.add_dependency(method)
        self.stage = apigateway.CfnStage(
            self,
            "Stage",
            rest_api_id=api.ref,
            deployment_id=deployment.ref,
            stage_name="v1",
            access_log_setting=apigateway.CfnStage.AccessLogSettingProperty(
                destination_arn=log_group.attr_arn, format="$context.requestId $context.status"
            ),
            cache_cluster_enabled=True,
            cache_cluster_size="0.5",
            method_settings=[
                apigateway.CfnStage.MethodSettingProperty(
                    http_method="*", resource_path="/*", caching_enabled=True, cache_data_encrypted=True
                )
            ],
        )
        self.domain = apigateway.CfnDomainName(
            self,
            "Domain",
            domain_name=domain,
            regional_certificate_arn=service.certificate.ref,
            endpoint_configuration=apigateway.CfnDomainName.EndpointConfigurationProperty(types=["REGIONAL"]),
            security_policy="TLS_1_2",
        )
