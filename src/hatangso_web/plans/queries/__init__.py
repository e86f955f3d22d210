"""What is asked of plans; every read that depends on who asks begins with who."""
