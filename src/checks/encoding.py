import io, os, sys
for top in sys.argv[1:]:
    for folder, folders, names in os.walk(top):
        for name in sorted(names):
            path = os.path.join(folder, name)
            if not name.endswith(('.conf', '.ini')) or not os.path.isfile(path):
                continue
            data = io.open(path, 'rb').read()
            what = 'begins with a byte order mark' if data[:3] == b'\xef\xbb\xbf' else None
            if b'\0' in data:
                what = 'has bytes that are zero, as UTF-16 has'
            for number, line in enumerate(data.split(b'\n')):
                try:
                    line.decode('utf-8')
                except UnicodeDecodeError:
                    what = what or 'is not UTF-8 at line %d' % (number + 1)
                    break
            if what:
                print('%s %s' % (path, what))
