"""One file a command that a learner types."""
