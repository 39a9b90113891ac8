"""What *degrade* does to requests and answers of every dialect, whole and streamed.

The defences are those of ``cautery.resist``; here is what they are applied to: which fields of
which API hold texts, reasoning and log-probabilities, and how a stream stays one that client
libraries can put together. Nothing of this is imported before an answer is degraded.
"""
