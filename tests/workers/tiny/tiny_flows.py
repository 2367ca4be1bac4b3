"""Flows that are run by the workers' tests."""

import time

from prefect import flow


@flow
def quick() -> None:
    """End at once."""


@flow
def endless() -> None:
    """Go on until killed."""
    time.sleep(600)
