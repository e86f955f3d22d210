"""Maps for letters and pages: areas, routes, points and coverage with legend, scale and source."""
