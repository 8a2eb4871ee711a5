"""One page and one book as plain functions: from scan to fields, from fields to judged records."""
