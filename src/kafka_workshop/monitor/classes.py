"""The classes of dead letters that the monitor adds to the codec's."""

FROM_THE_FUTURE = "from-the-future"  # occurred_at is over a day ahead of the moment of sending
RULE_FAILED = "rule-failed"  # decoded, but a rule could not cope with it
ERROR_CLASSES = (FROM_THE_FUTURE, RULE_FAILED)
