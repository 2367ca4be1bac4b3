"""A capsule: which kind of blood cell is this? Its table has a column for each of 765 genes."""
