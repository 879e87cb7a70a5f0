/**
 * The content store of a host (`~/.cache/slipway/cas/ab/<sha256>`), as a program of Python 3. An entry costs no room: it is a copy that shares the blocks of the
 * published file (reflink, mode 0400) where the file system can do that, else a link to where the content was published last. Never a second name: whoever owns a file can
 * write to it whatever its mode, and would change what others were given. A link may be out of date, so what is taken is a copy, hashed before anybody gets it.
 * Each run of `keep` removes what leads nowhere and, the longest unused first, what is too much.
 *
 * `keep LIMIT` reads `HASH SIZE PATH\0`, paths relative to the working folder. `take` reads `HASH SIZE MODE SECONDS NAME\0` and makes files of these names in
 * the working folder; it says a line for each, `1` or `0`.
 */
export const STORE_PY = `import fcntl, hashlib, os, stat, sys, time
STORE = os.path.expanduser("~/.cache/slipway/cas").encode()
FICLONE = 0x40049409
def entry(digest):
    return os.path.join(STORE, digest[:2], digest)
def records(fields):
    for record in sys.stdin.buffer.read().split(b"\\0")[:-1]:
        yield record.split(b" ", fields)
def used(at):
    st = os.lstat(at)
    os.utime(at, ns=(time.time_ns(), st.st_mtime_ns), follow_symlinks=False)
def is_kept(at, size):
    try:
        st = os.stat(at)
        if stat.S_ISREG(st.st_mode) and st.st_size == size:
            used(at)
            return True
    except OSError:
        pass
    return False
def keep(digest, size, path):
    at = entry(digest)
    if is_kept(at, size) and not os.path.islink(at):
        return
    st = os.lstat(path)
    if not stat.S_ISREG(st.st_mode) or st.st_size != size:
        return
    os.makedirs(os.path.dirname(at), 0o700, exist_ok=True)
    new = os.path.join(os.path.dirname(at), b".new-%d" % os.getpid())
    try:
        os.unlink(new)
    except OSError:
        pass
    if not clone(path, new):
        os.symlink(os.path.abspath(path), new)
    os.rename(new, at)
def clone(path, new):
    with open(path, "rb") as source:
        target = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o400)
        try:
            fcntl.ioctl(target, FICLONE, source.fileno())
            return True
        except OSError:
            os.unlink(new)
            return False
        finally:
            os.close(target)
def clean(limit):
    held = []
    for folder in os.scandir(STORE):
        if not folder.is_dir(follow_symlinks=False):
            continue
        for item in os.scandir(folder.path):
            try:
                st = item.stat(follow_symlinks=False)
                if stat.S_ISLNK(st.st_mode) and not os.path.exists(item.path):
                    os.unlink(item.path)
                elif stat.S_ISREG(st.st_mode) and st.st_nlink == 1:
                    held.append((st.st_atime_ns, st.st_size, item.path))
            except OSError:
                pass
    total = sum(size for _, size, _ in held)
    for _, size, path in sorted(held):
        if total <= limit:
            break
        os.unlink(path)
        total -= size
def take(digest, size, mode, seconds, name):
    at = entry(digest)
    if not is_kept(at, size):
        return False
    try:
        os.unlink(name)
    except OSError:
        pass
    try:
        copy(at, name)
        os.chmod(name, mode & 0o777)
        os.utime(name, (seconds, seconds))
        if hash_of(name) == digest:
            return True
        os.unlink(at)
    except OSError:
        pass
    try:
        os.unlink(name)
    except OSError:
        pass
    return False
def copy(at, name):
    with open(at, "rb") as source, open(name, "xb") as target:
        try:
            fcntl.ioctl(target.fileno(), FICLONE, source.fileno())
            return
        except OSError:
            pass
        while True:
            block = source.read(1048576)
            if not block:
                return
            target.write(block)
def hash_of(name):
    h = hashlib.sha256()
    with open(name, "rb") as file:
        for block in iter(lambda: file.read(1048576), b""):
            h.update(block)
    return h.hexdigest().encode()
if sys.argv[1] == "keep":
    os.makedirs(STORE, 0o700, exist_ok=True)
    for digest, size, path in records(2):
        try:
            keep(digest, int(size), path)
        except OSError:
            pass
    clean(int(sys.argv[2]))
else:
    for digest, size, mode, seconds, name in records(4):
        print(int(take(digest, int(size), int(mode), int(seconds), name)), flush=True)
`;
