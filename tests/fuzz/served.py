"""How kept files are served, whatever table keeps them: inert, without a place, and to no stranger."""

import io
from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.db.models import Model
from django.urls import reverse
from PIL import Image

from coordination.models import RequestFile
from dispatch.models import Certificate
from tests import factories_files as build
from tests.fuzz import hostile
from tests.matrix.scene import Scene
from tickets.models import Evidence, IncomingFile
from warranty.models import AuthorisationLetter

# Where the rows of each table are served: the whole, and the small picture where there is one.
ADDRESSES: dict[type[Model], tuple[str, ...]] = {
    Evidence: ("evidence", "evidence_thumb"),
    IncomingFile: ("incoming_file", "incoming_thumb"),
    RequestFile: ("coordination_file", "coordination_file_thumb"),
    Certificate: ("dispatch_certificate_scan",),
    AuthorisationLetter: ("partners_letter_file",),
}
PICTURES = {"image/jpeg", "image/webp"}
SERVED = {*PICTURES, "application/pdf", "video/mp4", "video/quicktime"}
SERVED |= {"audio/mp4", "audio/mpeg", "audio/amr", "audio/wav"}
Kept = dict[type[Model], set[Any]]


def tables() -> set[type[Model]]:
    """Every table with the columns of a kept file."""
    columns = {"original", "preview", "thumbnail"}
    return {each for each in apps.get_models() if columns <= {field.name for field in each._meta.fields}}


def kept() -> Kept:
    """The files there are."""
    return {model: set(model._base_manager.values_list("pk", flat=True)) for model in ADDRESSES}


def dangers(scene: Scene, before: Kept) -> list[str]:
    """What is wrong with how the files are served that came since."""
    found = []
    for model, old in before.items():
        rows = model._base_manager.exclude(pk__in=old).exclude(original="")
        paths = [reverse(name, args=[row.pk]) for row in rows for name in ADDRESSES[model]]
        found += [f"{path}: {fault}" for path in paths for fault in _faults_at(scene, path)]
        # Who may see a file does not depend on which it is.
        asked = [(path, scene.clients["stranger"].get(path)) for path in paths[: len(ADDRESSES[model])]]
        found += [f"{path}: {answer.status_code}" for path, answer in asked if answer.status_code != 404]
    return found


def _faults_at(scene: Scene, path: str) -> Iterator[str]:
    answer = scene.clients["root"].get(path)
    if path.endswith("/thumb/") and answer.status_code == 404:
        return
    content, kind = answer.getvalue(), answer.headers["Content-Type"]
    if answer.status_code != 200 or kind not in SERVED:
        yield f"{answer.status_code} {kind}"
    if "sandbox" not in answer.headers.get("Content-Security-Policy", ""):
        yield "may run"
    if answer.headers.get("X-Content-Type-Options") != "nosniff":
        yield "may be guessed"
    saved = answer.headers.get("Content-Disposition", "")
    if not saved.startswith("inline; filename" if kind in PICTURES else "attachment; filename"):
        yield saved
    if not (saved.isascii() and saved.isprintable()) or "/" in saved or "\\" in saved:
        yield "name"
    if kind in PICTURES and (hostile.PAYLOAD in content or build.DEVICE in content or _told_by(content)):
        yield "tells more than its picture"


def _told_by(content: bytes) -> set[str]:
    with Image.open(io.BytesIO(content)) as picture:
        return {"exif", "xmp", "comment", "icc_profile"} & set(picture.info)
