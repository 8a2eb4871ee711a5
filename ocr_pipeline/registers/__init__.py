"""Register types, field kinds, Excel templates as data, and the rows made of records."""
