"""Forms of cross-department requests and of the weekly list."""
