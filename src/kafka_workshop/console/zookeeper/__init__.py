"""ZooKeeper's tree, only ever read: a client, what is known of some znodes, how that is told."""
