"""Image files, read as a data set's own images."""
