"""The site: what people see and do, over the engine."""
