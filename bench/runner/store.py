"""Results between runs: one JSON file, rows and servers replaced one by one."""

import json

from . import paths


def load():
    """What earlier runs measured."""
    if paths.RESULTS.exists():
        return json.loads(paths.RESULTS.read_text())
    return {"environment": {}, "rows": {}}


def merge(results, row, measured, about, programs):
    """Puts the new values of one row over the old ones, server by server."""
    kept = results["rows"].setdefault(row, {})
    for name, values in measured.items():
        version = values.get("version") or programs[name].version
        kept[name] = {**values, "version": version, **about}


def save(results):
    """Writes all, in a stable order, one row and server a line."""
    rows = []
    for row in sorted(results["rows"]):
        inner = [f"   {json.dumps(name)}: {json.dumps(values, ensure_ascii=False)}"
                 for name, values in sorted(results["rows"][row].items())]
        rows.append(f"  {json.dumps(row)}: {{\n" + ",\n".join(inner) + "\n  }")
    environment = json.dumps(results["environment"], ensure_ascii=False, indent=2)
    paths.RESULTS.parent.mkdir(exist_ok=True)
    text = f'{{\n "environment": {environment},\n "rows": {{\n' + ",\n".join(rows) + "\n }\n}\n"
    paths.RESULTS.write_text(text)
