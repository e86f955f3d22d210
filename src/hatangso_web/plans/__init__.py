"""Plan documents of the office: upload, reading, confirmation by people, what is due."""
