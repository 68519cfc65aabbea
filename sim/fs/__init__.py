"""What one layer holds: entries, change sets, layer tars, and the tree that they add up to."""
