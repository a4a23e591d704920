"""The cluster in a box: real servers as supervised children. Knows nothing of transactions."""
