"""Looking into and changing what a cluster is made of: settings, partitions, records, offsets."""
