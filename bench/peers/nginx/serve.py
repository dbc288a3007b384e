#!/usr/bin/env python3
"""Becomes an nginx of one process that serves a directory: the contract of the `testbed` example.

The socket listens before the first line is printed, and nginx inherits it as it does when it is upgraded (`NGINX`).
"""

import argparse
import os
import socket
import tempfile

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
    listening = socket.create_server(("127.0.0.1", flags.port), backlog=1024)
    port, folder = listening.getsockname()[1], tempfile.mkdtemp(prefix="bench-nginx-")
    file = os.path.join(folder, "nginx.conf")
    with open(file, "w") as out:
        out.write(CONFIGURATION.format(folder=folder, port=port, static=flags.static))
    os.set_inheritable(listening.fileno(), True)
    print(f"listening on http://127.0.0.1:{port}", flush=True)
    environment = {**os.environ, "NGINX": f"{listening.fileno()};"}
    os.execve(flags.binary, [flags.binary, "-c", file], environment)


if __name__ == "__main__":
    main()
