"""Values that a construct and its rule share, so that they cannot differ.

Each is defined once here, with its source; `constructs` writes it and `policy.rules` requires it.
"""

REGIONS = ("us-east-1", "us-east-2", "us-west-1", "us-west-2", "us-gov-east-1", "us-gov-west-1")
"""Regions that a system may run in (TTS-REG-001)."""

IMAGE_NAME = "FISMA Ready Baseline Ubuntu (* - Packer)"
"""EC2 name filter of the baseline image (handbook, "Operating system (OS) baseline")."""

ROOT_DEVICE = "/dev/sda1"
"""Root device of the baseline image, as in Ubuntu's images."""

IMAGE_DEVICES = (ROOT_DEVICE, "/dev/sdk")
"""Devices of the baseline image, the root device first. The second holds /var, /var/log/audit, /home, /tmp.

Source: `packer.json` and `files/ubuntu/partitioning.sh` of github.com/fisma-ready/ubuntu-lts.
"""

TLS_POLICY = "ELBSecurityPolicy-TLS13-1-2-FIPS-2023-04"
"""Default TLS policy of a load balancer: TLS 1.3 offered, at least 1.2, FIPS module."""

TLS_POLICIES_APPROVED = frozenset(
    {
        "ELBSecurityPolicy-TLS13-1-3-FIPS-2023-04",
        "ELBSecurityPolicy-TLS13-1-2-FIPS-2023-04",
        "ELBSecurityPolicy-TLS13-1-2-Res-FIPS-2023-04",
        "ELBSecurityPolicy-TLS13-1-3-FIPS-PQ-2025-09",
        "ELBSecurityPolicy-TLS13-1-2-FIPS-PQ-2025-09",
        "ELBSecurityPolicy-TLS13-1-2-Res-FIPS-PQ-2025-09",
    }
)
"""TLS policies that pass TTS-TLS-002 (NIST SP 800-52r2, FIPS 140-3)."""

HSTS_HEADER_ATTRIBUTE = "routing.http.response.strict_transport_security.header_value"
HSTS_MAX_AGE_SECONDS = 31_536_000
HSTS_HEADER = f"max-age={HSTS_MAX_AGE_SECONDS}; includeSubDomains"
"""One year (OMB M-15-13)."""

LOG_RETENTION_DAYS = 1096
"""Shortest CloudWatch Logs retention of at least 30 months (OMB M-21-31); the API does not accept 913."""

LOG_RETENTION_CHOICES = {
    LOG_RETENTION_DAYS: "THREE_YEARS",
    1827: "FIVE_YEARS",
    2192: "SIX_YEARS",
    2557: "SEVEN_YEARS",
    2922: "EIGHT_YEARS",
    3288: "NINE_YEARS",
    3653: "TEN_YEARS",
}
"""Retentions in CloudWatch Logs that are long enough: their days, and what the CDK calls them."""

LOG_BUCKET_RETENTION_DAYS = 913
"""30 months in days: the minimum expiry of a log bucket (OMB M-21-31)."""

MAX_INSTANCE_LIFETIME_SECONDS = 2_592_000
"""30 days (TTS-ASG-003)."""

MIN_INSTANCES = 2
MIN_ZONES = 2
"""Minimum instances and Availability Zones of a group (TTS-ASG-001)."""

SANDBOX_BUDGET_USD = 500
"""Monthly spending of a sandbox above which agreement is needed (TTS-SBX-003)."""

ADMIN_PORTS = (22, 3389, 5985, 5986)
"""Ports of remote administration: SSH, RDP, WinRM over HTTP and HTTPS (TTS-NET-002)."""


def partition(region: str) -> str:
    """Return the partition of one of `REGIONS`: `aws` or `aws-us-gov`."""
    return "aws-us-gov" if region.startswith("us-gov-") else "aws"
