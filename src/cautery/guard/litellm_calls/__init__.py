"""LiteLLM's calls, as its hooks hand them over; nothing here imports LiteLLM."""
