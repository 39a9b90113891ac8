"""Other ways to find campaigns, measured beside ours on the same logs: one file a method."""
