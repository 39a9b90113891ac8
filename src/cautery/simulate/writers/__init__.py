"""Writers of simulated logs, one file a format that ``cautery scan`` reads."""

from typing import Final

MEMBERS: Final = (
    "anthropic_bodies",
    "canonical_jsonl",
    "canonical_parquet",
    "litellm_spend_logs",
    "litellm_spend_logs_csv",
    "litellm_standard_payload",
    "mapped_csv",
    "openai_bodies",
    "otlp_json",
)
"""Module names of the writers, sorted."""
