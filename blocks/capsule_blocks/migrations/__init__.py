"""The ledger's migrations, from its first version."""
