"""What surrounds the training loop: fetches, printed lines, summaries, profiles, optimizers."""
