import aws_cdk as cdk
from aws_cdk import aws_certificatemanager as acm

from tts_constructs import Access, Alarms, Environment, TtsAsgService, TtsBucket, TtsSystem

CERTIFICATE = "arn:aws:acm:us-west-2:111122223333:certificate/0f15a4ea-d000-4000-8000-000000000001"
app = cdk.App()
stack = cdk.Stack(app, "Forms", env=cdk.Environment(account="111122223333", region="us-west-2"))
system = TtsSystem(
    stack,
    "System",
    project="forms",
    environment=Environment.PRODUCTION,
    owner="forms@example.gov",
)
web = TtsAsgService(
    system,
    "Web",
    access=Access.public(),
    certificate=acm.Certificate.from_certificate_arn(stack, "Certificate", CERTIFICATE),
    port=8080,
    alarms=Alarms.to_email("forms@example.gov"),
)
TtsBucket(system, "Uploads").grant_read_write(web)
app.synth()
