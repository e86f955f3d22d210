"""The gazetteer: areas on any day as pages, files loaded into them, changes entered by administrators."""
