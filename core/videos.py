"""MP4 and QuickTime files: where a phone keeps the place of a recording, and how to blank it (T18).

Both are trees of boxes (size, four letters, content). Players need the tracks
of picture and sound. Position and device stand in `udta` (©xyz, loci), `meta`,
`uuid` and in tracks of timed metadata; in the copy that is shown these become
`free` boxes of the same size full of zeros, so that no offset moves.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import IO

from core.images import Unusable

_TOP = {b"ftyp", b"styp", b"moov", b"mdat", b"moof", b"mfra", b"sidx"}
_CONTAINERS = {b"moov", b"trak", b"mdia", b"minf", b"moof", b"traf", b"mvex"}
_PRIVATE = {b"udta", b"meta", b"uuid", b"free", b"skip"}
_PLAYED = {b"vide", b"soun"}
_MAX_BOXES = 20_000
_MAX_TABLE = 1_000_000
_BROKEN = "已损坏或没有录完，无法播放"


@dataclass(frozen=True)
class Box:
    kind: bytes
    start: int
    content: int
    end: int


@dataclass
class Survey:
    """What a file holds: handler types of its tracks, boxes to retag, and (start, end) spans to blank."""

    tracks: set[bytes] = field(default_factory=set)
    retag: list[int] = field(default_factory=list)
    blank: list[tuple[int, int]] = field(default_factory=list)
    boxes: int = 0

    def drop(self, box: Box) -> None:
        self.retag.append(box.start + 4)
        self.blank.append((box.content, box.end))


def survey(file: IO[bytes], size: int) -> Survey:
    """Walk the boxes of a file of `size` bytes; raises Unusable when they are broken or hold no track."""
    found = Survey()
    for box in _boxes(file, 0, size, found):
        if box.kind not in _TOP:
            found.drop(box)
        elif box.kind in _CONTAINERS:
            _walk(file, box, found)
    if not found.tracks & _PLAYED:
        raise Unusable(_BROKEN)
    return found


def write_blanked(source: IO[bytes], target: IO[bytes], found: Survey) -> None:
    """Copy `source` to `target` without what the survey wants blanked."""
    source.seek(0)
    while piece := source.read(1 << 16):
        target.write(piece)
    for start, end in found.blank:
        target.seek(start)
        for position in range(start, end, 1 << 16):
            target.write(bytes(min(1 << 16, end - position)))
    for position in found.retag:
        target.seek(position)
        target.write(b"free")
    target.seek(0)


def _boxes(file: IO[bytes], start: int, end: int, found: Survey) -> Iterator[Box]:
    # QuickTime ends some lists with four zero bytes: less than a box is no box.
    while end - start >= 8:
        found.boxes += 1
        box = _box(file, start, end)
        if box.end > end or found.boxes > _MAX_BOXES:
            raise Unusable(_BROKEN)
        yield box
        start = box.end


def _box(file: IO[bytes], start: int, end: int) -> Box:
    size, kind = struct.unpack(">I4s", _read(file, start, 8))
    content = start + 8
    if size == 1:
        (size,) = struct.unpack(">Q", _read(file, content, 8))
        content += 8
    elif size == 0:
        size = end - start
    if size < content - start:
        raise Unusable(_BROKEN)
    return Box(kind, start, content, start + size)


def _walk(file: IO[bytes], parent: Box, found: Survey, depth: int = 0) -> None:
    if depth > len(_CONTAINERS):
        raise Unusable(_BROKEN)
    if parent.kind == b"trak" and not _is_played(file, parent, found):
        found.drop(parent)
        found.blank += _samples(file, parent, found)
        return
    for box in _boxes(file, parent.content, parent.end, found):
        if box.kind in _PRIVATE:
            found.drop(box)
        elif box.kind in _CONTAINERS:
            _walk(file, box, found, depth + 1)


def _is_played(file: IO[bytes], track: Box, found: Survey) -> bool:
    handler = _inside(file, track, (b"mdia", b"hdlr"), found)
    kind = _read(file, handler.content + 8, 4) if handler and handler.end - handler.content >= 12 else b""
    found.tracks.add(kind)
    return kind in _PLAYED


def _inside(file: IO[bytes], box: Box, path: tuple[bytes, ...], found: Survey) -> Box | None:
    """The box at the end of a path of kinds below `box`, if there is one."""
    for kind in path:
        below = (child for child in _boxes(file, box.content, box.end, found) if child.kind == kind)
        if (box := next(below, None)) is None:
            return None
    return box


def _samples(file: IO[bytes], track: Box, found: Survey) -> list[tuple[int, int]]:
    """Where the samples of a track lie in the file: chunk by chunk, from its tables."""
    tables = {kind: _table(file, track, kind, found) for kind in (b"stsz", b"stsc", b"stco", b"co64")}
    if not tables[b"stsz"] or not tables[b"stsc"]:
        return []
    same, count, *sizes = tables[b"stsz"]
    offsets = tables[b"stco"][1:] or tables[b"co64"][1:]
    per_chunk = _per_chunk(tables[b"stsc"][1:], len(offsets))
    file_end = file.seek(0, 2)
    spans, done = [], 0
    for offset, number in zip(offsets, per_chunk, strict=False):
        length = same * number if same else sum(sizes[done : done + number])
        done += number
        spans.append((min(offset, file_end), min(offset + length, file_end)))
        if done >= count:
            break
    return spans


def _table(file: IO[bytes], track: Box, kind: bytes, found: Survey) -> tuple[int, ...]:
    """The numbers of a sample table after its version and flags; empty when the track has none."""
    box = _inside(file, track, (b"mdia", b"minf", b"stbl", kind), found)
    if box is None:
        return ()
    length = box.end - box.content - 4
    if length > _MAX_TABLE or length < 4:
        raise Unusable(_BROKEN)
    data = _read(file, box.content + 4, length)
    if kind == b"co64":
        return struct.unpack(f">I{(length - 4) // 8}Q", data[: 4 + (length - 4) // 8 * 8])
    return struct.unpack(f">{length // 4}I", data[: length // 4 * 4])


def _per_chunk(entries: tuple[int, ...], chunks: int) -> list[int]:
    """How many samples each chunk holds: entries are (first chunk, samples, description)."""
    starts = [(first, number) for first, number in zip(entries[0::3], entries[1::3], strict=False)]
    held: list[int] = []
    for position, (first, number) in enumerate(starts):
        until = starts[position + 1][0] if position + 1 < len(starts) else chunks + 1
        held += [number] * max(min(until, chunks + 1) - max(first, 1), 0)
    return held[:chunks]


def _read(file: IO[bytes], position: int, length: int) -> bytes:
    file.seek(position)
    data = file.read(length)
    if len(data) < length:
        raise Unusable(_BROKEN)
    return data
