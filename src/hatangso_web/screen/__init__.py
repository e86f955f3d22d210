"""What every page is made of: words, drawings, lists, errors; knows nothing of people or plans."""
