"""One file per Processing algorithm, thin: declare, read, call the core, write."""
