"""Books, agencies, the inventory of books, and the file-naming rule."""
