"""Our own programs as processes, and what supervises them; no cluster."""
