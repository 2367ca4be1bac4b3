"""A capsule whose cases name files."""
