"""From a file (.docx, .pdf, .txt, .md, .html) to its text, in lines that know their place."""
