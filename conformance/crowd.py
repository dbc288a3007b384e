"""Holds very many connections that do next to nothing, from several addresses of this machine: one process of `conformance/slow`."""

import asyncio
import resource
import sys

HALF_A_HEAD = b"GET /plaintext HTTP/1.1\r\nHost: crowd\r\nX-Never"


async def join(port, source, half_open):
    reader, writer = await asyncio.open_connection("127.0.0.1", port, local_addr=(source, 0))
    if half_open:
        writer.write(HALF_A_HEAD)
    else:
        # One request, so that it is an idle connection that was served.
        writer.write(b"GET /plaintext HTTP/1.1\r\nHost: crowd\r\n\r\n")
        await reader.readuntil(b"Hello, World!")
    return reader, writer


async def hold(port, source, count):
    """Opens them, 50 at a time, says so, and holds them until standard input ends."""
    held = []
    for first in range(0, count, 50):
        batch = range(first, min(first + 50, count))
        held += await asyncio.gather(*(join(port, source, number % 2 == 1) for number in batch))
    print(f"holding {len(held)}", flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    open_still = sum(not reader.at_eof() for reader, _ in held)
    print(f"open {open_still}", flush=True)


def main():
    port, source, count = int(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    asyncio.run(hold(port, source, count))


if __name__ == "__main__":
    main()
