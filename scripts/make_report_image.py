"""Renews docs/images/html-report.png, the first screen of the HTML report, with Chromium.

Run it after a change of the report: `python scripts/make_report_image.py`. `sh scripts/chromium.sh` installs
Chromium where it may.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from tts_constructs.policy.review import review_paths  # noqa: E402 - from this checkout
from tts_constructs.policy.settings.model import Settings  # noqa: E402
from tts_constructs.report.formats import html  # noqa: E402

IMAGE = ROOT / "docs/images/html-report.png"
TEMPLATE = ROOT / "tests/report/formats/html/browser/bad.yaml"
WHEN = datetime(2026, 3, 4, 15, 30, tzinfo=UTC)
WINDOW = "1000,760"


def main() -> None:
    """Judges the template, and takes the picture."""
    names = (os.environ.get("CHROMIUM", ""), "chromium", "chromium-browser", "google-chrome")
    chromium = next((found for name in names if name and (found := shutil.which(name))), None)
    if chromium is None:
        sys.exit("There is no Chromium here; run: sh scripts/chromium.sh")
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder, "report.html")
        page.write_text(
            html.render(review_paths([TEMPLATE], Settings()).judgment, when=WHEN), encoding="utf-8"
        )
        options = ["--headless", "--no-sandbox", "--hide-scrollbars", f"--window-size={WINDOW}"]
        command = [chromium, *options, f"--screenshot={IMAGE}", page.as_uri()]
        subprocess.run(command, check=True, capture_output=True)  # noqa: S603 - of our own
    print(IMAGE.relative_to(ROOT))


if __name__ == "__main__":
    main()
