import ast, importlib.util, json, sys
from importlib import machinery, metadata
kinds = [
    (machinery.ExtensionFileLoader, machinery.EXTENSION_SUFFIXES),
    (machinery.SourceFileLoader, machinery.SOURCE_SUFFIXES),
    (machinery.SourcelessFileLoader, machinery.BYTECODE_SUFFIXES),
]
def inside(folders, name):
    portions = []
    for folder in folders:
        found = machinery.FileFinder(folder, *kinds).find_spec(name)
        if found is not None and found.loader is not None:
            return found
        portions += found.submodule_search_locations if found is not None else []
    if not portions:
        return None
    package = machinery.ModuleSpec(name, None, is_package=True)
    package.submodule_search_locations = portions
    return package
def spec(name):
    """Where a module is, found by directories alone: neither it nor its parents are executed."""
    first, *rest = name.split('.')
    try:
        found = importlib.util.find_spec(first)
    except (ImportError, ValueError):
        return None
    for part in rest:
        if found is None or found.submodule_search_locations is None:
            return None
        found = inside(list(found.submodule_search_locations), part)
    return found
def defined(origin, name):
    try:
        tree = ast.parse(open(origin, 'rb').read())
    except SyntaxError:
        return False
    for node in ast.walk(tree):
        names = [getattr(node, 'name', None)]
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            names = [one.asname or one.name for one in node.names]
        elif isinstance(node, ast.Name):
            names = [node.id]
        if name in names or '*' in names or '__getattr__' in names:
            return True
    return False
def importable(path):
    module, _, name = path.replace(':', '.').rpartition('.')
    found = spec(module) if module else None
    if found is None:
        return False
    if spec(path.replace(':', '.')) is not None:
        return True
    # A package without __init__.py has nothing more to check; the content of a compiled module cannot be read.
    return found.origin is not None and (not found.origin.endswith('.py') or defined(found.origin, name))
points = metadata.entry_points()
def named(group, name):
    ours = points.select(group=group) if hasattr(points, 'select') else points.get(group, [])
    return any(point.name == name for point in ours)
wanted = json.loads(sys.argv[2]) if spec(sys.argv[1]) else []
for number, (group, name) in enumerate(wanted):
    if not ((group and named(group, name)) or ('.' in name and importable(name))):
        print(number)
