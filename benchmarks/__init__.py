"""What the product costs in time: measured on this machine, written to figures.json."""
