"""Reading the dead letters, and sending them back to where they came from, each exactly once."""
