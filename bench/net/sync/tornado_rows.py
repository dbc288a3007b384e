"""The same rows on Python's Tornado: `tornado_rows.py ROW N` prints nanoseconds per operation."""

import asyncio
import sys
import time

from tornado.locks import Lock
from tornado.queues import Queue

TASKS = 8


async def one_task(maxsize, turns):
    queue = Queue(maxsize)
    for number in range(turns):
        await queue.put(number)
        assert await queue.get() == number


async def two_tasks(turns):
    queue = Queue(16)

    async def produce():
        for number in range(turns):
            await queue.put(number)

    async def consume():
        for number in range(turns):
            assert await queue.get() == number

    await asyncio.gather(produce(), consume())


async def lock(turns):
    lock = Lock()
    for _ in range(turns):
        async with lock:
            pass


async def lock_tasks(turns):
    lock = Lock()

    async def task():
        for _ in range(turns // TASKS):
            async with lock:
                await asyncio.sleep(0)

    await asyncio.gather(*(task() for _ in range(TASKS)))


def main():
    row, turns = sys.argv[1], int(sys.argv[2])
    rows = {
        "queue": lambda: one_task(16, turns),
        "queue-unbounded": lambda: one_task(0, turns),
        "queue-tasks": lambda: two_tasks(turns),
        "lock": lambda: lock(turns),
        "lock-tasks": lambda: lock_tasks(turns),
    }
    begin = time.perf_counter_ns()
    asyncio.run(rows[row]())
    print((time.perf_counter_ns() - begin) / turns)


if __name__ == "__main__":
    main()
