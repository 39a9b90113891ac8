"""Honest traffic, one file a class: ordinary accounts and every hard negative a log can show."""

from typing import Final

MEMBERS: Final = (
    "batch_etl",
    "ci_fleet",
    "contract_reseller",
    "developer_fleet",
    "education_programme",
    "enterprise_nat",
    "evaluation_harness",
    "hackathon",
    "judge_pipeline",
    "open_source_app",
    "ordinary",
    "permitted_synthesis",
    "popular_agent",
    "red_team",
    "translation_vendor",
    "university_class",
    "virtual_card_issuer",
    "vpn_exit",
)
"""Module names of the classes, sorted."""
