"""A table closed against change: the triggers that let it only grow."""

from alembic import op


def close(table: str) -> None:
    """Have the database refuse UPDATE, DELETE and TRUNCATE; PostgreSQL's function is the ledger's first migration's."""
    if op.get_bind().dialect.name == "postgresql":
        _close_on_postgresql(table)
    else:
        _close_on_sqlite(table)


def _close_on_sqlite(table: str) -> None:
    for change in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER {table}_refuse_{change.lower()} BEFORE {change} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, 'The ledger only grows: {change} on {table} was refused'); "
            "END"
        )


def _close_on_postgresql(table: str) -> None:
    for change, each in (
        ("UPDATE", "ROW"),
        ("DELETE", "ROW"),
        ("TRUNCATE", "STATEMENT"),
    ):
        op.execute(
            f"CREATE TRIGGER {table}_refuse_{change.lower()} BEFORE {change} ON {table} "
            f"FOR EACH {each} EXECUTE FUNCTION refuse_change()"
        )
