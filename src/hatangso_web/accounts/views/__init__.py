"""HTTP only: read the request, call one action, render."""
