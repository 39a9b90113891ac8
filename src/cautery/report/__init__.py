"""A case for people and programs: takes records only, and never reaches into scan or ingest."""
