"""The producer's labels: which of its transactions were fraud, told days late and each once.

A label is a function of the stream's plan, the number and the transaction's own instant, so nothing
is kept of it but what Kafka holds:

1. A label waits for its transaction's acknowledgement, then for its time (`telling`).
2. A `CompleteUntil` goes to every partition of the labels' topic once every label that it speaks of
   is confirmed. So what a restart has to look at is bounded by the newest one.
3. A producer that goes on reads, in a thread beside its loop, which labels the topic has, and
   regenerates the others from the transactions that are stored (`recall`). Until that is known
   none is told; nobody waits for it.

Times are event times: what the newest transaction says is now, in the history as well as live.
"""

from kafka_workshop.labels.opening import open_labels

__all__ = ["open_labels"]
