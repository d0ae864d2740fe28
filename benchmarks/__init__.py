"""What guardrails cost, as ratios in one run: `make bench`."""
