"""Checks: rules on fields, records and books, and the sense that a book makes as a whole."""
