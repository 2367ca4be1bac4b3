"""The app: what an expert and an author see."""
