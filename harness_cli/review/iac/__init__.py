"""Infrastructure code of a pull request, parsed at base and head (Terraform, CloudFormation)."""
