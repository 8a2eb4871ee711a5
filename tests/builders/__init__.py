"""What tests build with: invented books, records, offices, scans, stages and servers."""
