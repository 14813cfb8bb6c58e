"""The runner: grades katas, remembers attempts, and keeps time."""
