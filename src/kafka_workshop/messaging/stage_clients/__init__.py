"""The two clients of a stage, each by either library: a group's reader, and a writer beside it."""
