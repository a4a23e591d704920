"""The native run's services as its supervisor tells them, and the orders that break them."""
