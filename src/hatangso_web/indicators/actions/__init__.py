"""What people do with rounds and figures; each action says who may, what changes and what is remembered."""
