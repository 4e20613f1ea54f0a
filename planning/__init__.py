"""The plan of a day: who visits which ticket, in which order, at what time (DI-10)."""
