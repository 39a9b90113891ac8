"""Access logs to exchange tables: the readers, and what they have in common."""
