"""The pages that are made: the list of katas from their tables, strength and speed from committed figures."""
