"""The registry: two pure functions around bytes that move elsewhere (see `server`)."""
