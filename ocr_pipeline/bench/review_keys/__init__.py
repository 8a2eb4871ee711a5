"""How many keys the best possible reviewer presses: counted against known truth."""
