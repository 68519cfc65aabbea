"""The recipes of the samples (`sim/image/recipe.py` says how they read) and their recorded digests."""
