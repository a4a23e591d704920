"""What a transaction is, and what is suspicious about it: frozen values, pure functions, a fold."""
