"""Images: layers, configs, manifests, indexes, the archives that carry them, and samples."""
