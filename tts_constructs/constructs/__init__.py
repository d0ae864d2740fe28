"""The constructs: what an app team builds a system from. `aws_cdk` lives here."""
