"""Vietnamese text: NFC, comparison keys, dates and numbers in digits and words, names, places."""
