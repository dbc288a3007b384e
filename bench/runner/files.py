"""The files that the static rows ask for."""

import random

from . import paths

SIZES = {"1k.bin": 1 << 10, "100k.bin": 100 << 10, "10m.bin": 10 << 20}
FOLDER = str(paths.BENCH / ".files")


def make():
    """Writes them, unless they are there. Their octets do not compress."""
    folder = paths.BENCH / ".files"
    folder.mkdir(exist_ok=True)
    for name, size in SIZES.items():
        path = folder / name
        if not path.exists() or path.stat().st_size != size:
            path.write_bytes(random.Random(17).randbytes(size))
