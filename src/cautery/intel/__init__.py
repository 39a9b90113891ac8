"""Intelligence: indicators out to peers and in from them, without customers' data."""
