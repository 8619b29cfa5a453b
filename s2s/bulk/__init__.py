"""Many lines: who answers them, in this process or over a cluster."""
