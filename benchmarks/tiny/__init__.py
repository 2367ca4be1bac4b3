"""The smallest capsule, for measuring what is around a model."""
