"""A capsule: how soon will breast cancer come back? Its model has a Python of its own."""
