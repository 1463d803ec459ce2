"""How a run is told: one file a format, each with `render(report)`."""
