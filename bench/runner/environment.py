"""The machine and the tools, without its name or paths."""

import os
import platform
import subprocess


def describe():
    """What a reader must know to judge the numbers."""
    return {
        "cpu": cpu_model(),
        "cores": os.cpu_count(),
        "kernel": platform.release().split("-")[0],
        "libc": " ".join(platform.libc_ver()),
        "allocator": "the system's malloc, for every program",
        "rustc": first_line(["rustc", "--version"]),
        "valgrind": first_line(["valgrind", "--version"]),
        "virtual": "hypervisor" in cpu_flags(),
        "mitigations": mitigations(),
    }


def cpu_model():
    fields = cpu_fields()
    words = (fields.get("model name", "?"), "family", fields.get("cpu family", "?"),
             "model", fields.get("model", "?"))
    return " ".join(words)


def cpu_flags():
    return cpu_fields().get("flags", "").split()


def cpu_fields():
    with open("/proc/cpuinfo") as file:
        first = file.read().split("\n\n")[0]
    pairs = (line.split(":", 1) for line in first.splitlines() if ":" in line)
    return {name.strip(): value.strip() for name, value in pairs}


def mitigations():
    """The kernel's defences that make system calls dearer on some machines."""
    folder = "/sys/devices/system/cpu/vulnerabilities"
    found = []
    for name in sorted(os.listdir(folder)) if os.path.isdir(folder) else []:
        with open(os.path.join(folder, name)) as file:
            text = file.read().strip()
        if text != "Not affected":
            found.append(f"{name}: {text}")
    return found


def first_line(command):
    try:
        return subprocess.check_output(command, text=True).splitlines()[0]
    except (OSError, subprocess.CalledProcessError):
        return "-"
