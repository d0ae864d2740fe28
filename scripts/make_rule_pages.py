"""Writes the generated part of the documentation: rule pages, their index, the controls matrix."""

from pathlib import Path

from tts_constructs.report.rule_docs.site import pages

DOCS = Path(__file__).parents[1] / "docs"


def main() -> None:
    """Writes each page, and removes pages of rules that are no more."""
    generated = {DOCS / path: text for path, text in pages().items()}
    (DOCS / "rules").mkdir(exist_ok=True)
    for stale in set((DOCS / "rules").iterdir()) - generated.keys():
        stale.unlink()
    for path, text in generated.items():
        path.write_text(text, encoding="utf-8")
    print(f"docs: {len(generated)} pages written.")


if __name__ == "__main__":
    main()
