#!/usr/bin/env python3
"""Becomes an nginx of one process that serves a directory: the contract of the `testbed` example.

The first line is printed once nginx takes connections, by a child that waits for it: the process itself becomes nginx.
"""

import argparse
import os
import socket
import tempfile
import time

CONFIGURATION = """
worker_processes 1; master_process off; daemon off; pid {folder}/pid; error_log {folder}/log;
events {{ worker_connections 20000; }}
http {{
    default_type application/octet-stream; access_log off; sendfile on; tcp_nopush on;
    keepalive_timeout 75s; keepalive_requests 1000000000; client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi; uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    server {{ listen 127.0.0.1:{port}; location /static/ {{ alias {static}/; }} }}
}}
"""


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("binary")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--workers", type=int, choices=[1], default=1)
    parser.add_argument("--static", required=True)
    flags = parser.parse_args()
    port, folder = flags.port or free_port(), tempfile.mkdtemp(prefix="bench-nginx-")
    file = os.path.join(folder, "nginx.conf")
    with open(file, "w") as out:
        out.write(CONFIGURATION.format(folder=folder, port=port, static=flags.static))
    if os.fork() == 0:
        announce(port)
        os._exit(0)
    os.execv(flags.binary, [flags.binary, "-c", file])


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


def announce(port):
    """Says where nginx listens as soon as it does, for 30 seconds at the most."""
    for _ in range(300):
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except ConnectionRefusedError:
            time.sleep(0.1)
        else:
            print(f"listening on http://127.0.0.1:{port}", flush=True)
            return


if __name__ == "__main__":
    main()
