"""The workshop's own diagram, alive: what it shows, and how that is drawn."""
