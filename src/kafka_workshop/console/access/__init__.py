"""Who may do what in the console, who did it, and what nobody is shown."""
