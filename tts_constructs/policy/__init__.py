"""The judge: pure Python over CloudFormation, importing neither `aws_cdk` nor `jsii`."""
