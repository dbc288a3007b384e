"""Placeholder to be replaced in the next step."""
def write(results):
    print(results)
