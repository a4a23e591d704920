"""What a transaction is: frozen values, pure functions; no I/O, no clock, no Kafka."""
