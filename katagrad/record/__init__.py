"""What happened so far: attempts, sessions, reviews and kept texts."""
