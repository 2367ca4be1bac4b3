"""The words by which the ledger tells how a trial ended, and through which of our own doors it came."""

JUDGED = "judged"
DATA_REFUSED_KIND = "data refused"
MODEL_FAILED_KIND = "model failed"
INFRASTRUCTURE_FAILED = "infrastructure failed"
CANCELLED = "cancelled"

REPLAY = "replay"
BEHAVIOUR = "behaviour"
NOBODYS = (BEHAVIOUR, REPLAY)
"""Doors at which no person stands: what runs there is no trial that anybody asked for."""
