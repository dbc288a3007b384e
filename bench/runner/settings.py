"""How long and how much."""

from dataclasses import dataclass


@dataclass
class Settings:
    """All sizes of a run."""

    rounds: int = 9
    seconds: float = 0.8
    connections: int = 15_000
    crowd: int = 100_000
    messages: int = 20
    settle: float = 10.0
    few: int = 2_000
    many: int = 12_000
    profile: bool = False
    jobs: int | None = None

    @classmethod
    def chosen(cls, options):
        """The defaults, made smaller by `--quick`, with what the command line says on top."""
        settings = cls(profile=options.profile, jobs=options.jobs)
        if options.quick:
            settings.rounds, settings.seconds, settings.connections = 3, 0.3, 3_000
            settings.crowd, settings.messages = 20_000, 5
            settings.settle, settings.few, settings.many = 3.0, 1_000, 3_000
        for name in ("rounds", "seconds", "connections", "crowd"):
            value = getattr(options, name)
            if value is not None:
                setattr(settings, name, value)
        return settings

    def as_text(self, method, row=""):
        """What matters for one method, for the report."""
        if method in ("same-core", "two-cores") or row == "echo/tcp":
            return f"{self.rounds} rounds of {self.seconds:g} s"
        if method in ("primitives", "tls"):
            return f"{self.rounds} rounds"
        if row == "rooms/crowd":
            return f"{self.crowd} WebSockets, {self.messages} messages"
        if row == "echo/crowd":
            return f"{self.crowd} connections"
        if method == "memory" or row == "echo/held":
            return f"{self.connections} connections, {self.settle:g} s after they closed"
        if method == "instructions" or row == "echo/counted":
            return f"({self.many} requests - {self.few} requests) / {self.many - self.few}"
        return ""
