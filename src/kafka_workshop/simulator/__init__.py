"""A seeded population and its behaviour: the source of every simulated transaction."""
