"""The monitor: stages that read the stream, keep state, and say each thing once."""
