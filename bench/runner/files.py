"""The files that the static rows ask for, and the certificate of the rows of TLS."""

import random
import shutil
import subprocess

from . import paths

SIZES = {"1k.bin": 1 << 10, "100k.bin": 100 << 10, "10m.bin": 10 << 20}
FOLDER = str(paths.BENCH / ".files")
CERTIFICATE = str(paths.BENCH / ".files" / "localhost.pem")
KEY = str(paths.BENCH / ".files" / "localhost.key")


def make():
    """Writes them, unless they are there. Their octets do not compress."""
    folder = paths.BENCH / ".files"
    folder.mkdir(exist_ok=True)
    for name, size in SIZES.items():
        path = folder / name
        if not path.exists() or path.stat().st_size != size:
            path.write_bytes(random.Random(17).randbytes(size))


def certify():
    """Makes a certificate for `localhost`, signed by itself; false where there is no openssl."""
    if not shutil.which("openssl"):
        return False
    (paths.BENCH / ".files").mkdir(exist_ok=True)
    make_it = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    name = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-addext", "basicConstraints=CA:FALSE"]
    subprocess.run([*make_it, *name, "-days", "30", "-keyout", KEY, "-out", CERTIFICATE], check=True, capture_output=True)
    return True
