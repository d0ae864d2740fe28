import aws_cdk as cdk
from aws_cdk import aws_certificatemanager as acm

from tts_constructs import Access, Alarms, Environment, TtsApp, TtsAsgService, TtsBucket, TtsSystem

ARN = "arn:aws:acm:us-west-2:111122223333:certificate/0f15a4ea-d000-4000-8000-000000000001"
TEAM = "forms@example.gov"


def build(app: cdk.App) -> cdk.Stack:
    stack = cdk.Stack(app, "Forms", env=cdk.Environment(account="111122223333", region="us-west-2"))
    system = TtsSystem(stack, "System", project="forms", environment=Environment.PRODUCTION, owner=TEAM)
    cert = acm.Certificate.from_certificate_arn(stack, "Certificate", ARN)
    web = TtsAsgService(
        system, "Web", access=Access.public(), certificate=cert, port=8080, alarms=Alarms.to_email(TEAM)
    )
    TtsBucket(system, "Uploads").grant_read_write(web)
    return stack


if __name__ == "__main__":
    app = TtsApp()
    build(app)
    app.synth()
