"""Forms of the doors, one module for each door."""
