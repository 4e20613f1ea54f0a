"""Forms about tickets."""
