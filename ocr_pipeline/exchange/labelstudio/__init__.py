"""Label Studio as a second door for corrections: doubtful fields out, what people said back in."""
