"""What an engine of many machines needs: a session, its tables, and Ibis over Arrow."""
