"""A capsule: the epidemiologist's question again, its model in R."""
