"""The same as a plain Prefect flow, for the worker that Prefect brings."""

from prefect import flow


@flow(name="tiny-plain")
def doubled(numbers: list[float] | None = None) -> None:
    """Double some numbers."""
    import pandas as pd
    from tiny import model

    model.load()
    model.predict(pd.DataFrame({"size": numbers or [1.0]}), {"deed": "answer"})
