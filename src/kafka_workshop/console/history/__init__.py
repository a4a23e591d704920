"""Lag and throughput of the last hour and day, kept by the console itself."""
