"""A trained network, restored, for whoever wants its predictions."""
