"""Every write to networks, people, seats and roles."""
