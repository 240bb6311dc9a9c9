"""The commands of `lowlevel-cnn`, a file each, and how their command lines are parsed."""
