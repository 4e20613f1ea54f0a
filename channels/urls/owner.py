"""The owner's phone: sign in, report, follow (IN-05)."""

urlpatterns: list = []
