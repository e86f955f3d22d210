"""The invented province: everything here is made up, seeded, and says so."""
