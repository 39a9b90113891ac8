"""Licensed sample data; see LICENCES.md."""
