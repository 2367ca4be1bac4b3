"""A capsule of the tests' own, whose model does whatever harm it is asked for."""
