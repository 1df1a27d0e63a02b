import json
from importlib import metadata
points = metadata.entry_points()
points = points.select(group='oslo.config.opts') if hasattr(points, 'select') else points.get('oslo.config.opts', [])
print(json.dumps(sorted({point.name for point in points})))
