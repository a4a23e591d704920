"""Everything that talks to Kafka: topics, codec, and the small client contract."""
