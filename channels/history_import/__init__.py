"""Past tickets from Excel: check in the background, preview, all or nothing (IN-16)."""
