"""What is sent to an echo: every length at which the head of a frame changes, and text beyond ASCII."""

LENGTHS = [0, 1, 31, 32, 125, 126, 127, 65_535, 65_536, 300_000]
TEXTS = ["", "hello", "Grüße, 世界 🌪", *("x" * length for length in LENGTHS)]
BINARIES = [bytes(index * 7 % 256 for index in range(length)) for length in LENGTHS]
ALL = [*TEXTS, *BINARIES]

# The code and reason with which the client closes.
CODE, REASON = 3001, "enough"
