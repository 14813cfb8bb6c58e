"""How a text becomes a verdict, and how a verdict is told."""
