"""Plays one case against a server and says whether the server behaved."""

import time

import wire

PROBE = b"GET /plaintext HTTP/1.1\r\nHost: probe\r\n\r\n"
# What the next client begins with, where the server is behind a proxy.
PRELUDES = {"proxied": b"PROXY UNKNOWN\r\n"}
PROBE_BODY = b"Hello, World!"
ANSWER_TIMEOUT = 4.0
CLOSE_TIMEOUT = 4.0


class Verdict:
    """What a server did in one case."""

    def __init__(self):
        self.statuses, self.end, self.faults = [], "", []

    @property
    def ok(self):
        return not self.faults

    def got(self):
        line = " ".join(map(str, self.statuses)) or "-"
        return f"{line} {self.end}".strip()


def play(connection, case):
    """Walks the steps of the conversation."""
    for step in case.steps:
        if step[0] == "send":
            connection.send(step[1])
        elif step[0] == "drip":
            connection.drip(step[1], step[2])
        elif step[0] == "await":
            wait = connection.wait_interims if case.interim == "100" else connection.wait_answers
            if not wait(step[1], ANSWER_TIMEOUT):
                raise wire.Violation("what the client waited for did not come")
        elif step[0] == "stall":
            time.sleep(step[1])
        else:
            connection.shutdown()


def probe_kept(connection, count):
    """Asks once more on the same connection: True when the right answer came, False when it is closed."""
    connection.send(PROBE)
    connection.wait_answers(count + 1, ANSWER_TIMEOUT)
    if len(connection.answers) > count:
        last = connection.answers[count]
        if last.status != 200 or last.body != PROBE_BODY:
            raise wire.Violation(f"an answer nobody asked for: {last.status} {last.body[:30]!r}")
        return True
    if not connection.eof:
        raise wire.Violation("neither answered nor closed")
    return False


def find_end(connection, case, count):
    """What became of the connection: kept, closed."""
    if case.then in ("close", "end"):
        closed = connection.read_until(lambda: connection.eof, CLOSE_TIMEOUT)
        return "closed" if closed else "kept"
    return "kept" if probe_kept(connection, count) else "closed"


def check_answers(case, connection, verdict):
    """Compares the statuses in order; an optional answer may be left out at the end."""
    got = verdict.statuses
    for i, wanted in enumerate(case.answers):
        if i >= len(got):
            if not wanted.optional:
                verdict.faults.append(f"no answer {i + 1}, wanted {wanted}")
            return
        if got[i] not in wanted.statuses:
            verdict.faults.append(f"answer {i + 1} is {got[i]}, wanted {wanted}")
    if len(got) > len(case.answers):
        verdict.faults.append(f"{len(got)} answers, wanted {len(case.answers)}")


def check_end(case, connection, verdict):
    wanted = {"keep": ("kept",), "any": ("kept", "closed")}.get(case.then, ("closed",))
    if verdict.end not in wanted:
        verdict.faults.append(f"connection {verdict.end}, wanted {case.then}")
    if connection.data:
        verdict.faults.append(f"left over: {bytes(connection.data[:40])!r}")
    if case.then == "close" and connection.answers and "close" not in connection.answers[-1].options():
        verdict.faults.append("closed without saying Connection: close (RFC 9112 §9.6)")
    if verdict.end == "kept" and connection.answers and "close" in connection.answers[0].options() and len(connection.answers) > 1:
        verdict.faults.append("said Connection: close and went on")


def check_content(case, connection, verdict):
    """Body, fields and interim answers. Body and fields are those of the last answer of the case."""
    if case.interim != "any":
        wanted = 1 if case.interim == "100" else 0
        if len(connection.interims) != wanted:
            verdict.faults.append(f"{len(connection.interims)} interim answers, wanted {wanted}")
    count = min(len(case.answers), len(connection.answers))
    last = connection.answers[count - 1] if count else None
    if last is None:
        return
    if case.body is not None and last.status in (200, 206) and last.body != case.body:
        verdict.faults.append(f"body {last.body[:40]!r}, wanted {case.body[:40]!r}")
    for part in case.contains:
        if part not in last.body:
            verdict.faults.append(f"body without {part!r}: {last.body[:60]!r}")
    for part in case.lacks:
        if part in last.body:
            verdict.faults.append(f"body with {part!r}: {last.body[:60]!r}")
    for name, value in case.fields:
        if value.lower() not in [v.lower() for v in last.values(name)]:
            verdict.faults.append(f"{name}: {last.values(name)}, wanted {value}")
    for name in case.present:
        if not last.values(name):
            verdict.faults.append(f"no {name} field")
    for name in case.absent:
        if last.values(name):
            verdict.faults.append(f"{name}: {last.values(name)}, wanted none")


def check_next_client(address, prelude, verdict):
    """After every case a new client must be served."""
    connection = wire.Connection(address)
    try:
        connection.send(prelude)
        if not probe_kept(connection, 0):
            verdict.faults.append("the next client is not served")
    except wire.Violation as violation:
        verdict.faults.append(f"the next client: {violation}")
    finally:
        connection.close()


def judge(case, address):
    """Plays the case and gives the verdict."""
    verdict = Verdict()
    connection = wire.Connection(address, [a.head for a in case.answers])
    try:
        play(connection, case)
        wanted = sum(not a.optional for a in case.answers)
        connection.wait_answers(wanted, ANSWER_TIMEOUT)
        count = len(connection.answers)
        verdict.statuses = [r.status for r in connection.answers]
        verdict.end = find_end(connection, case, max(count, wanted))
        if verdict.end == "closed":
            verdict.statuses = [r.status for r in connection.answers]
        took = connection.elapsed()
        check_answers(case, connection, verdict)
        check_end(case, connection, verdict)
        check_content(case, connection, verdict)
        if case.seconds and not case.seconds[0] <= took <= case.seconds[1]:
            verdict.faults.append(f"took {took:.1f} s, wanted {case.seconds[0]} to {case.seconds[1]}")
    except wire.Violation as violation:
        verdict.statuses = [r.status for r in connection.answers]
        verdict.faults.append(str(violation))
    finally:
        connection.close()
    check_next_client(address, PRELUDES.get(case.server, b""), verdict)
    return verdict
