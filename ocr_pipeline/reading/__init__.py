"""Reading: recognisers, decoding with lexicons and grammars, n-best, calibrated confidence."""
