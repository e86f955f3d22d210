"""What people do with plans; each action says who may, what changes and what is remembered."""
