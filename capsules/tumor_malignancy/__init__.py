"""A capsule: is this breast mass malignant?"""
