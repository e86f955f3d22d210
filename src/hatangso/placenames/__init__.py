"""From a written place name to the area it means."""
