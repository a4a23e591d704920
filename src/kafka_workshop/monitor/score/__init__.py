"""How good the monitor is: its alerts held against the labels, days later."""
