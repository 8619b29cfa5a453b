"""Values → Plotly figures and escaped HTML; colours and fonts stand in ``style``."""
