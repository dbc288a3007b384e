"""The directory that the testbed serves under /static/ while the cases of ranges, conditions and paths are played."""

import os
import pathlib

ALPHABET = b"abcdefghijklmnopqrstuvwxyz"
# 2020-01-01T00:00:00Z: long past, so that dates are strong validators (RFC 9110 §8.8.2.2).
MODIFIED = 1577836800


def write(path, content):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    os.utime(path, (MODIFIED, MODIFIED))


def make(folder):
    """Fills the folder and gives back the part of it that is to be served; beside it lies what must not be."""
    root = pathlib.Path(folder) / "files"
    write(root / "alphabet.txt", ALPHABET)
    write(root / "empty.txt", b"")
    write(root / "large.bin", bytes(range(256)) * 4096)
    write(root / "sub" / "index.html", b"index")
    write(root / "plain" / "a.txt", b"a")
    write(root / "page.html", b"plain page")
    write(root / "page.html.gz", b"not really gzip, but served as it is")
    write(root / ".hidden", b"SECRET")
    write(root / ".git" / "config", b"SECRET")
    write(root / ".well-known" / "security.txt", b"well known")
    write(pathlib.Path(folder) / "secret.txt", b"SECRET")
    write(pathlib.Path(folder) / "files-evil" / "secret.txt", b"SECRET")
    (root / "out.txt").symlink_to("../secret.txt")
    (root / "outside").symlink_to("../files-evil")
    (root / "inside.txt").symlink_to("alphabet.txt")
    os.mkfifo(root / "pipe")
    return root
