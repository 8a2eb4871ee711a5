"""Books, the agencies that keep them, the inventory of books, the naming rule."""
