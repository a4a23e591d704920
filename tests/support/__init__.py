"""What tests share: a real cluster, waiting, the machine without its own Java."""
