"""The simulated world: hosts with a docker each, registries, and the commands that change them."""
