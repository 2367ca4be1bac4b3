"""The same as a plain Prefect flow, for the worker that Prefect brings."""

from prefect import flow


@flow(name="tiny-plain")
def doubled(cases: str = "example") -> None:
    """Double a number; the name of the cases is taken and not used."""
    del cases
    import pandas as pd
    from tiny import model

    model.load()
    model.predict(pd.DataFrame({"size": [1.0]}), {"deed": "answer"})
