"""People of the estates floor's tests."""

import pytest
from django.contrib.auth.models import Permission

from accounts.models import User


@pytest.fixture
def keeper(db):
    """Makes a member of staff who may do everything with the house book of the given estates."""

    def make(*estates, perms=None, **more):
        name = f"keeper{User.objects.count()}"
        user = User.objects.create_user(username=name, full_name="信息员", is_staff=True, **more)
        user.estates.set(estates)
        wanted = Permission.objects.filter(content_type__app_label="estates")
        user.user_permissions.set(wanted if perms is None else wanted.filter(codename__in=perms))
        return User.objects.get(pk=user.pk)

    return make
