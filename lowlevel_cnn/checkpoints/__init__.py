"""TensorFlow checkpoints: list, read, save and restore them. Nothing here knows a network."""
