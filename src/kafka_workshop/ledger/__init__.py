"""The ledger: is everything that was acknowledged processed, and nothing lost or duplicated?

Two books are compared with the log itself. The producer's (`runs`, `book`) says which ids the
brokers answered; the consumer's (`messaging.tally`) says how many messages its group has done up
to the offset it committed. `reader` and `scan` read the log, `balance` compares.
"""
