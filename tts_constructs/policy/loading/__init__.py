"""Files to an `Assembly`: the one way in for everything that is judged."""
