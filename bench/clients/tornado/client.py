"""Python's Tornado: simple_httpclient, which makes a connection for each request."""

import argparse
import asyncio
import json
import resource
import time

from tornado.simple_httpclient import SimpleAsyncHTTPClient


def cpu_nanos():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return int((usage.ru_utime + usage.ru_stime) * 1e9)


async def run(client, options, requests):
    left = iter(range(requests))

    async def worker():
        for _ in left:
            response = await client.fetch(options.url)
            assert len(response.body) == options.body

    await asyncio.gather(*(worker() for _ in range(options.concurrency)))


async def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--target", required=True)
    for name, default in (("requests", 2000), ("warmup", 100), ("concurrency", 64), ("body", 13)):
        parser.add_argument(f"--{name}", type=int, default=default)
    options = parser.parse_args()
    options.url = f"http://{options.target}/plaintext"
    client = SimpleAsyncHTTPClient(force_instance=True, max_clients=options.concurrency)
    await run(client, options, options.warmup)
    cpu, began = cpu_nanos(), time.perf_counter_ns()
    await run(client, options, options.requests)
    nanos = time.perf_counter_ns() - began
    print(json.dumps({"requests": options.requests, "nanos": nanos, "cpu_nanos": cpu_nanos() - cpu}))


asyncio.run(main())
