"""The engine: takes tables, arrays and dates and returns results; knows no web, no database, no clock."""
