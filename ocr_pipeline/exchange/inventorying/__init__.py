"""A first inventory of books from a folder of scans: covers read, pages counted, doubts listed."""
