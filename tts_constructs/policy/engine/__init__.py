"""Running rules over an assembly, and what their verdicts do."""
