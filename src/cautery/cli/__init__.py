"""The front door: one file per verb, thin. Heavy libraries are imported inside the verbs."""
