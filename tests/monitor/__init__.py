"""Pure tests of what the monitor is made of; too many for the quick ones in tests/unit."""
