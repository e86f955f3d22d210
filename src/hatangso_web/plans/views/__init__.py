"""HTTP only: parse, call one action or query, render."""
