"""Transactions as our services use them."""

from django.db import transaction

# Services call each other inside one transaction: a savepoint at every call
# would cost two round trips and protect nothing, since errors end the whole act.
joined = transaction.atomic(savepoint=False)
