"""What authors of katas run: stubs, README and the strength of graders."""
