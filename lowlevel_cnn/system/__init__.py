"""What concerns the operating system: signals, files, streams. Nothing here knows TensorFlow."""
