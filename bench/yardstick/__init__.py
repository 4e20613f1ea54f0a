"""The least a Django site can do: what our pages are measured against."""
