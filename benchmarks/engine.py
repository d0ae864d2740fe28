"""AWS's native engine over a folder of templates, as a whole process.

    python -m benchmarks.engine FOLDER

`CelEngine` is the faster of its engines. It is asked for what it finds by default.
"""

from __future__ import annotations

import sys
from pathlib import Path

import cloudformation_validate as aws


def main(folder: Path) -> None:
    """Validates the templates of a folder, and prints how many diagnostics there are."""
    engine = aws.CelEngine()
    found = 0
    for path in sorted(folder.glob("*.template.json")):
        template = aws.TemplateContent(path.read_text(encoding="utf-8"), path.name)
        found += len(engine.validate_template(template).diagnostics)
    print(found)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
