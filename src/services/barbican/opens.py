# Opens each project's key, and one secret under each, with barbican's own code and settings. Reads the rows as JSON from
# stdin and prints how many were opened and the ids of the others. What was opened is dropped, never printed.
import base64, json, logging, sys
logging.disable(logging.CRITICAL)
try:
    from barbican.plugin.crypto import simple_crypto
    try:
        from barbican.plugin.crypto import base
    except ImportError:
        from barbican.plugin.crypto import crypto as base
except ImportError as error:
    print(json.dumps({'absent': str(error)}))
    sys.exit(0)

class Row(object):
    def __init__(self, row):
        self.__dict__.update(row)

def opened(plugin, row):
    key = base.KEKMetaDTO(Row(row))
    if row['secret'] is None:
        plugin.encrypt(base.EncryptDTO(b'-'), key, row['project'])
    else:
        plugin.decrypt(base.DecryptDTO(base64.b64decode(row['secret'])), key, row['extended'], row['project'])

def refusal(plugin, row):
    try:
        opened(plugin, row)
    except Exception as error:
        return type(error).__name__

rows = json.load(sys.stdin)
try:
    plugin = simple_crypto.SimpleCryptoPlugin()
    refused = [(row['id'], refusal(plugin, row)) for row in rows]
except Exception as error:
    refused = [(row['id'], type(error).__name__) for row in rows]
closed = [one for one in refused if one[1] is not None]
print(json.dumps({'opened': len(rows) - len(closed), 'closed': closed}))
