"""The two deployments of the system."""

import aws_cdk as cdk
from aws_cdk import aws_budgets as budgets
from constructs import Construct

from .data import Database, Drafts, Tasks
from .edge import Pages, Partners
from .keys import make_key
from .network import ANYWHERE, Network
from .service import Service
from .storage import Storage
from .watch import Watch

PROJECT = "forms"
OWNER = "forms@example.gov"
REGION = "us-east-1"
_OFFICE = "192.0.2.0/24"


class Production(cdk.Stack):
    """The system as the public uses it."""

    def __init__(self, scope: Construct) -> None:
        env = cdk.Environment(account="222233334444", region=REGION)
        super().__init__(scope, "Production", env=env, termination_protection=True)
        tags = {"Project": PROJECT, "Environment": "production"}
        _tag(self, tags)
        self.key = make_key(self)
        self.network = Network(self, self.key)
        self.storage = Storage(self, self.key)
        self.service = Service(
            self,
            self.network,
            self.storage,
            visitors=ANYWHERE,
            domain="*.forms.example.gov",
            size=2,
            tags=tags,
        )
        self.database = Database(self, self.network, self.key, self.service.instance_group)
        self.drafts = Drafts(self, self.key, tags)
        self.tasks = Tasks(self, self.key)
        self.pages = Pages(self, self.service, self.storage, "www.forms.example.gov")
        self.partners = Partners(self, self.service, self.key, "partners.forms.example.gov")
        self.watch = Watch(self, self.service, self.database, self.key)


class Sandbox(cdk.Stack):
    """A smaller one, with made-up data, for the office alone."""

    def __init__(self, scope: Construct) -> None:
        super().__init__(scope, "Sandbox", env=cdk.Environment(account="444455556666", region=REGION))
        tags = {"Project": PROJECT, "Environment": "sandbox"}
        _tag(self, tags)
        self.record = {
            "version": 1,
            "system": self.node.path,
            "project": PROJECT,
            "environment": "sandbox",
            "owner": OWNER,
            "data_sensitivity": "synthetic",
        }
        self.add_metadata("TTS", self.record)
        self.key = make_key(self)
        self.network = Network(self, self.key)
        self.storage = Storage(self, self.key)
        self.service = Service(
            self,
            self.network,
            self.storage,
            visitors=_OFFICE,
            domain="*.forms-dev.example.gov",
            size=1,
            tags=tags,
        )
        self.budget = budgets.CfnBudget(
            self,
            "Budget",
            budget=budgets.CfnBudget.BudgetDataProperty(
                budget_type="COST",
                time_unit="MONTHLY",
                budget_limit=budgets.CfnBudget.SpendProperty(amount=500, unit="USD"),
            ),
            resource_tags=[
                budgets.CfnBudget.ResourceTagProperty(key=key, value=value) for key, value in tags.items()
            ],
        )


def _tag(stack: cdk.Stack, tags: dict[str, str]) -> None:
    for key, value in tags.items():
        cdk.Tags.of(stack).add(key, value)
