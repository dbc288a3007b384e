"""The rows of net/io_loop and net/sync on Tornado: `primitives.py ROW N` prints nanoseconds of CPU time per operation."""

import asyncio
import queue
import sys
import threading
import time

from tornado.ioloop import IOLoop
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


async def timers(turns):
    loop = IOLoop.current()
    handles = [loop.call_later(600, lambda: None) for _ in range(turns)]
    await asyncio.sleep(0)
    for handle in handles:
        loop.remove_timeout(handle)
    await asyncio.sleep(0)


async def spawn_join(turns):
    loop = IOLoop.current()

    async def task(number):
        return number

    for _ in range(turns // 1000):
        done, found = asyncio.Event(), []

        def collect(future):
            found.append(future.result())
            if len(found) == 1000:
                done.set()

        for number in range(1000):
            loop.add_future(asyncio.ensure_future(task(number)), collect)
        await done.wait()


async def wake_up(turns):
    loop, answers, done = IOLoop.current(), queue.SimpleQueue(), asyncio.Event()

    def other():
        for number in range(turns):
            loop.add_callback(answers.put, number)
            assert answers.get() == number
        loop.add_callback(done.set)

    thread = threading.Thread(target=other)
    thread.start()
    await done.wait()
    thread.join()


def main():
    row, turns = sys.argv[1], int(sys.argv[2])
    rows = {
        "queue": lambda: one_task(16, turns),
        "queue-unbounded": lambda: one_task(0, turns),
        "queue-tasks": lambda: two_tasks(turns),
        "timers": lambda: timers(turns),
        "spawn-join": lambda: spawn_join(turns),
        "wake-up": lambda: wake_up(turns),
        "lock": lambda: lock(turns),
        "lock-tasks": lambda: lock_tasks(turns),
    }
    begin = time.process_time_ns()
    asyncio.run(rows[row]())
    print((time.process_time_ns() - begin) / turns)


if __name__ == "__main__":
    main()
