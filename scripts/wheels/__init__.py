"""Whether the lock installs without a compiler wherever Pegasus is meant to run."""
