"""The Kafka UI: a read model, one frame, one page a module."""
