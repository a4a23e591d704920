"""Real-time monitoring of financial transactions on Apache Kafka."""

__version__ = "0.1.0"
