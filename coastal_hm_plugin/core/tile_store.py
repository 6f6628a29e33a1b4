"""Where finished tiles of a raster wait for the rest: a file of tiles, and a journal of those that are on the disk."""

import contextlib
import json
import os
import threading
import zlib


class TileStore:
    """Compressed tiles one behind the other in a file, and where each is."""

    def __init__(self, path, keep):
        self._path, self._keep = path, keep
        self._places, self._end, self._lock = {}, 0, threading.Lock()

    def __enter__(self):
        mode = "r+b" if self._keep and self._path.exists() else "w+b"
        # without a buffer: what is written has been handed over, and a full disk is told at once
        self._file = open(self._path, mode, buffering=0)
        return self

    def __exit__(self, *error):
        self._file.close()

    def add(self, level, number, data):
        """Append a tile; returns offset, size and checksum."""
        with self._lock:
            self._file.seek(self._end)
            rest = memoryview(data)
            while rest:
                rest = rest[self._file.write(rest) :]
            self._places[level, number] = self._end, len(data)
            self._end += len(data)
        return self._end - len(data), len(data), zlib.crc32(data)

    def holds(self, level, number, offset, size, checksum):
        """Whether a tile is whole at this place; from here on it counts."""
        self._places[level, number] = offset, size
        if zlib.crc32(self.read(level, number)) != checksum:
            del self._places[level, number]
            return False
        self._end = max(self._end, offset + size)
        return True

    def cut(self):
        """Leave out what lies behind the last tile."""
        self._file.truncate(self._end)

    def size(self, level, number):
        """Bytes of a tile."""
        return self._places[level, number][1]

    def read(self, level, number):
        """The bytes of a tile."""
        offset, size = self._places[level, number]
        with self._lock:
            self._file.seek(offset)
            return self._file.read(size)

    def sync(self):
        """See to it that all tiles are on the disk."""
        os.fsync(self._file.fileno())


class TileJournal:
    """Lines of JSON: what the cells depend on, then one for each tile that is on the disk."""

    def __init__(self, path, fingerprint):
        self.path, self._fingerprint = path, fingerprint
        self._file, self._waiting = None, []

    def read(self):
        """The entries of an interrupted run, and whether they are of other input (then there are none)."""
        try:
            lines = self.path.read_text(encoding="utf-8").splitlines()
        except OSError:
            return [], False
        entries = []
        for line in lines:
            try:
                entries.append(json.loads(line))
            except ValueError:  # the last one, cut off
                break
        if not entries or entries[0].get("fingerprint") != self._fingerprint:
            return [], bool(lines)
        return entries[1:], False

    def begin(self, entries):
        """A new journal with these entries."""
        part = self.path.with_name(self.path.name + ".new")
        lines = [{"fingerprint": self._fingerprint}, *entries]
        part.write_text("".join(f"{json.dumps(line)}\n" for line in lines), encoding="utf-8")
        os.replace(part, self.path)
        self._file = open(self.path, "a", encoding="utf-8")  # noqa: SIM115

    def add(self, tile, places, note):
        """Note a tile, to be written by the next :meth:`commit`."""
        self._waiting.append({"tile": tile, "places": places, "note": note})

    def commit(self, stores):
        """Tiles first, then the lines that say they are there."""
        if self._file is None or not self._waiting:
            return
        for store in stores.values():
            store.sync()
        self._file.write("".join(f"{json.dumps(line)}\n" for line in self._waiting))
        self._file.flush()
        os.fsync(self._file.fileno())
        self._waiting.clear()

    def close(self):
        """Close the file."""
        if self._file:
            with contextlib.suppress(OSError):
                self._file.close()
            self._file = None
