"""One evaluator for code and for live resources: CIDR algebra, IAM documents, exposure."""
