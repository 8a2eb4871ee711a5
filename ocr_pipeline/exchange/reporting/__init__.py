"""The weekly report of an office on its digitisation, and the roll-up of such reports."""
