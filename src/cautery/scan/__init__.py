"""Exchange table -> campaigns: link the accounts first, judge the pool second, then explain."""
