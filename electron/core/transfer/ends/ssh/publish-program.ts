import { HASHES_PY } from './remote-hashes.ts';

/** Said once everything is hashed and before anything gets a name: nobody is there any more where it cannot be said. */
export const PROVEN = 'proven';

/**
 * Proves files that lie aside and gives them their names, in one pass of Python 3 in the target root; the word is the folder aside. It reads `KNOWN SHA256 ASIDE PATH\0` for each
 * file (KNOWN is 1 where this host has read it back already), and says a line of JSON for each in their order: `[]` it has its name, `["differs"]`, `["missing"]` it is neither aside
 * nor published, `["folder"]` a folder has its name, `["blocked", PATH]` a file is in the place of a folder above it, `["outside", PATH, REAL]` a link above it leads out of the
 * root, `["failed", KIND, WORDS]` anything else. Paths are bytes, told with lone surrogates for what is no UTF-8. Harmless to repeat.
 */
export const PUBLISH_PY = `${HASHES_PY}
import errno, json
ASIDE = os.fsencode(sys.argv[1])
ROOT = os.path.realpath(b".").rstrip(b"/") + b"/"
KINDS = {errno.EACCES: "permission", errno.EPERM: "permission", errno.EROFS: "read-only", errno.ENOSPC: "no-space", errno.EDQUOT: "no-space",
    errno.ENAMETOOLONG: "bad-name", errno.EILSEQ: "bad-name", errno.EINVAL: "bad-name", errno.ENOENT: "not-found"}
entered = {b"": []}
def text(path):
    return path.decode("utf-8", "surrogateescape")
def failed(error):
    return ["failed", KINDS.get(error.errno, "failed"), os.strerror(error.errno or 0)]
def enter(folder):
    refusal = entered.get(folder)
    if refusal is None:
        refusal = enter_each(folder)
        entered[folder] = refusal
    return refusal
def enter_each(folder):
    at = b""
    for name in folder.split(b"/"):
        at = at + b"/" + name if at else name
        if at not in entered:
            entered[at] = make(at)
        if entered[at]:
            return entered[at]
    return []
def make(folder):
    try:
        os.mkdir(folder, 0o777)
    except FileExistsError:
        st = os.lstat(folder)
        if stat.S_ISLNK(st.st_mode):
            real = os.path.realpath(folder)
            if not real.startswith(ROOT) or not os.path.isdir(real):
                return ["outside", text(folder), text(real)]
        elif not stat.S_ISDIR(st.st_mode):
            return ["blocked", text(folder)]
    except OSError as error:
        return failed(error)
    return []
def name(aside, path):
    refusal = enter(os.path.dirname(path))
    if refusal:
        return refusal
    try:
        os.rename(aside, path)
    except FileNotFoundError:
        return None
    except IsADirectoryError:
        return ["folder"]
    except OSError as error:
        return failed(error)
    return []
def publish(found, digest, aside, path):
    if found != "-" and found != digest:
        return ["differs"]
    told = None if found == "-" else name(aside, path)
    if told is None:
        return [] if hash_of(path) == digest else ["missing"]
    return told
files = []
for record in sys.stdin.buffer.read().split(b"\\0")[:-1]:
    known, digest, aside, path = record.split(b" ", 3)
    files.append((known == b"1", digest.decode(), ASIDE + b"/" + aside, path))
unread = [aside for known, _, aside, _ in files if not known]
found = dict(zip(unread, hashes(unread)))
print("${PROVEN}", flush=True)
for i, (known, digest, aside, path) in enumerate(files):
    print(json.dumps(publish(digest if known else found[aside], digest, aside, path)), flush=i % 500 == 499)
`;
