"""Medians and ranges."""

from statistics import median

from . import servers

__all__ = ["median", "ratios", "span"]


def span(values, digits):
    """Smallest to largest."""
    return f"{min(values):,.{digits}f} to {max(values):,.{digits}f}"


def ratios(values, name):
    """CPU time relative to the bare loop, round by round; empty when they are not of one run."""
    bare, own = values.get(servers.BARE), values.get(name)
    if not bare or not own or bare["measured"] != own["measured"]:
        return []
    return [mine / its for mine, its in zip(own["cpu_us"], bare["cpu_us"])]
