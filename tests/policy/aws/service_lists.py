"""Lists of approved services for tests."""

from pathlib import Path

HEADINGS = "service,status,caveats,source,as_of"


def listed(tmp_path: Path, text: str, encoding: str = "utf-8") -> Path:
    path = tmp_path / "approved.csv"
    path.write_bytes(text.encode(encoding))
    return path
