"""The pages of rounds, submissions and figures."""
