"""What is asked of rounds, submissions, values and computed figures."""
