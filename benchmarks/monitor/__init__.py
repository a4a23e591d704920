"""What the monitor is capable of: `./workshop bench monitor [PART]...`; see `__main__`."""
