"""Live figures: what the monitor counts, folded over the last seconds and the last minute."""
