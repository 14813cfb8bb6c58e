"""A sitting at the keyboard: its loop, keys, clock line and hints."""
