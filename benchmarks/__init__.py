"""One script per speed claim, each beside a peer in the same run."""
