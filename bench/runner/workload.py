"""What the client asks for, under the names of the rows."""

from dataclasses import dataclass, field

TEXT = "Hello, World!"
JSON = '{"message":"Hello, World!"}'


@dataclass
class Workload:
    """One kind of request."""

    title: str
    client: list[str]
    """Flags of the load client."""
    bare: list[str] = field(default_factory=list)
    """Flags that make the bare loop reply alike."""


ALL = {
    "plaintext": Workload("plaintext", ["--path", "/plaintext", "--expect", TEXT]),
    "headers": Workload(
        "plaintext, 12 browser-like header fields",
        ["--path", "/plaintext", "--expect", TEXT, "--headers", "browser"],
    ),
    "json": Workload(
        "json",
        ["--path", "/json"],
        ["--body", JSON, "--type", "application/json"],
    ),
    "path": Workload("path parameter", ["--path", "/user/4711", "--expect", "4711"], ["--body", "4711"]),
    "pipelined": Workload(
        "plaintext, pipelined 16 deep",
        ["--path", "/plaintext", "--expect", TEXT, "--depth", "16"],
        ["--count"],
    ),
    "close": Workload(
        "plaintext, a connection per request",
        ["--path", "/plaintext", "--expect", TEXT, "--close"],
        ["--close"],
    ),
}
