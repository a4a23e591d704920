"""The detector offline: over a simulated seed, a file, or a topic's past."""
