"""People within reach of service points, and where the next points go."""
