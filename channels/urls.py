"""Doors of the house besides the desk: owners' phones, machines, patrols, what was done before."""

urlpatterns: list = []
