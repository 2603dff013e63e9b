// A preload library that lets one call in a spool fail: the crash campaign's way to break things from outside.
//
// Every libc call that changes something below FAULT_ROOT is counted. The FAULT_AT-th one of the class FAULT_CLASS
// (any, write, sync, name, create) to which the fault FAULT_KIND can happen meets it, once:
//
//   kill-before, kill-after   the process ends by SIGKILL, without or with the effect
//   kill-torn                 the same after half of the bytes were written
//   eio, enospc, eintr        an error, nothing done
//   short                     half of the bytes are written, and it is said so
//   lied                      all is done, and EIO is reported
//   delay                     nothing but 20 ms
//   full                      no room: from that call on everything that needs some fails, FULL_CALLS times
//   read-only                 from that call on nothing can be changed any more
//
// With FAULT_WHILE, the name of a file, it is instead met by every call as long as that file is there; with FAULT_NAMED, by
// those only whose path below the root begins so.
//
// With FAULT_KILL the process ends by SIGKILL besides, at that many counted calls after the fault.
//
// FAULT_LOG gets a line "fired KIND CALL PATH" then, "resync PATH" when a file whose sync had failed is synced again
// although nothing was written to it since, and, when the process ends by itself, "counted CLASS NUMBER" lines. With
// FAULT_SYNCS it gets a line "synced PATH" after every sync that succeeded.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

enum kind { NONE, KILL_BEFORE, KILL_AFTER, KILL_TORN, EIO_ONCE, ENOSPC_ONCE, EINTR_ONCE, SHORT, LIED, DELAY, FULL, READ_ONLY };
enum class { ANY, WRITE, SYNC, NAME, CREATE, CLASSES };

static const char *const kinds[] = {"", "kill-before", "kill-after", "kill-torn", "eio", "enospc", "eintr", "short",
                                    "lied", "delay", "full", "read-only"};
static const char *const classes[] = {"any", "write", "sync", "name", "create"};

static char root[PATH_MAX];
static size_t root_length;
static int log_file = -1;
static int says_syncs;
static enum kind chosen = NONE;
static enum class target = ANY;
static long at = 0;
static atomic_long calls_to_live = -1;
static atomic_long counted[CLASSES];
static atomic_int fired;
#define FULL_CALLS 100
static atomic_int full_calls = FULL_CALLS;
static long fatal_after = 0;
static const char *lasting;
static const char *named = "";

// Files whose last sync failed and that were not written to since. A fault that lasts fails FULL_CALLS at the most.
#define SUSPECTS (FULL_CALLS + 1)
static struct suspect { dev_t device; ino_t inode; int is_taken; } suspects[SUSPECTS];
static atomic_int suspected;  // How many are taken.
static pthread_mutex_t suspects_lock = PTHREAD_MUTEX_INITIALIZER;

#define REAL(result, name, ...) \
    static result (*real_##name)(__VA_ARGS__)

REAL(int, open, const char *, int, ...);
REAL(int, openat, int, const char *, int, ...);
REAL(ssize_t, write, int, const void *, size_t);
REAL(ssize_t, pwrite, int, const void *, size_t, off_t);
REAL(ssize_t, writev, int, const struct iovec *, int);
REAL(int, fsync, int);
REAL(int, fdatasync, int);
REAL(int, ftruncate, int, off_t);
REAL(int, rename, const char *, const char *);
REAL(int, renameat, int, const char *, int, const char *);
REAL(int, renameat2, int, const char *, int, const char *, unsigned);
REAL(int, link, const char *, const char *);
REAL(int, linkat, int, const char *, int, const char *, int);
REAL(int, unlink, const char *);
REAL(int, unlinkat, int, const char *, int);
REAL(int, mkdir, const char *, mode_t);
REAL(int, mkdirat, int, const char *, mode_t);
REAL(int, rmdir, const char *);
REAL(int, utimensat, int, const char *, const struct timespec *, int);
REAL(int, fchmodat, int, const char *, mode_t, int);

static void say(const char *format, ...) {
    if (log_file < 0) return;
    char line[PATH_MAX + 100];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    if (length > 0) (void)!real_write(log_file, line, (size_t)length < sizeof line ? (size_t)length : sizeof line - 1);
}

static void resolve(void) {
#define FIND(name) real_##name = dlsym(RTLD_NEXT, #name)
    FIND(open); FIND(openat); FIND(write); FIND(pwrite); FIND(writev); FIND(fsync); FIND(fdatasync); FIND(ftruncate);
    FIND(rename); FIND(renameat); FIND(renameat2); FIND(link); FIND(linkat); FIND(unlink); FIND(unlinkat);
    FIND(mkdir); FIND(mkdirat); FIND(rmdir); FIND(utimensat); FIND(fchmodat);
}

static pthread_once_t resolved = PTHREAD_ONCE_INIT;
static void ready(void) { pthread_once(&resolved, resolve); }

__attribute__((constructor)) static void begin(void) {
    ready();
    const char *text = getenv("FAULT_ROOT");
    if (!text || strlen(text) >= sizeof root) return;
    strcpy(root, text);
    root_length = strlen(root);
    if ((text = getenv("FAULT_LOG"))) log_file = real_open(text, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    says_syncs = getenv("FAULT_SYNCS") != NULL;
    if ((text = getenv("FAULT_AT"))) at = atol(text);
    if ((text = getenv("FAULT_KILL"))) fatal_after = atol(text);
    lasting = getenv("FAULT_WHILE");
    if ((text = getenv("FAULT_NAMED"))) named = text;
    if ((text = getenv("FAULT_KIND")))
        for (int kind = 1; kind <= READ_ONLY; kind++)
            if (!strcmp(text, kinds[kind])) chosen = kind;
    if ((text = getenv("FAULT_CLASS")))
        for (int class = 0; class < CLASSES; class++)
            if (!strcmp(text, classes[class])) target = class;
}

__attribute__((destructor)) static void end(void) {
    for (int class = 0; class < CLASSES; class++) say("counted %s %ld\n", classes[class], counted[class]);
}

// The path of a descriptor, or of a name in a directory; 0 when it does not lie below the root.
static int below(char *path, int directory, const char *name) {
    if (!root_length) return 0;
    if (name && name[0] == '/') {
        snprintf(path, PATH_MAX, "%s", name);
    } else if (directory == AT_FDCWD) {
        return 0;
    } else {
        char link[40];
        snprintf(link, sizeof link, "/proc/self/fd/%d", directory);
        ssize_t length = readlink(link, path, PATH_MAX - 1);
        if (length <= 0) return 0;
        path[length] = 0;
        if (name) snprintf(path + length, PATH_MAX - length, "/%s", name);
    }
    return !strncmp(path, root, root_length) && path[root_length] == '/';
}

static void die(void) {
    kill(getpid(), SIGKILL);
    for (;;) pause();
}

static int happens_to(enum kind kind, enum class class, const char *call) {
    if (kind == SHORT || kind == KILL_TORN) return !strcmp(call, "write") || !strcmp(call, "pwrite");
    // Only calls that wait can be interrupted.
    if (kind == EINTR_ONCE) return class == WRITE || class == SYNC || class == CREATE;
    if (kind == READ_ONLY) return class != SYNC;
    if (kind == ENOSPC_ONCE || kind == FULL) return strncmp(call, "unlink", 6) && strcmp(call, "rmdir");
    return 1;
}

// Whether a fault that goes on once it was met is met by this call, too.
static int lasts(enum class class, const char *call) {
    if (chosen == READ_ONLY) return happens_to(chosen, class, call);
    return chosen == FULL && happens_to(chosen, class, call) && atomic_fetch_sub(&full_calls, 1) > 0;
}

// The fault this call meets; counts it.
static enum kind meets(enum class class, const char *call, int directory, const char *name) {
    char path[PATH_MAX];
    int code = errno;
    enum kind kind = NONE;
    if (below(path, directory, name)) {
        if (calls_to_live > 0 && atomic_fetch_sub(&calls_to_live, 1) == 1) {
            say("killed later %s %s\n", call, path + root_length + 1);
            die();
        }
        atomic_fetch_add(&counted[ANY], class == ANY ? 0 : 1);
        long number = atomic_fetch_add(&counted[class], 1) + 1;
        if (target == ANY) number = counted[ANY];
        if (fired && lasts(class, call)) kind = chosen;
        if (lasting) {
            int is_meant = (target == ANY || target == class) && happens_to(chosen, class, call)
                && !strncmp(path + root_length + 1, named, strlen(named));
            if (is_meant && !access(lasting, F_OK)) kind = chosen;
        } else if (chosen != NONE && (target == ANY || target == class) && number >= at && happens_to(chosen, class, call)
            && !atomic_exchange(&fired, 1)) {
            kind = chosen;
            if (fatal_after) calls_to_live = fatal_after;
            say("fired %s %s %s\n", kinds[kind], call, path + root_length + 1);
        }
    }
    errno = code;
    return kind;
}

// Before the effect: dies, waits, or returns the error that is to be reported instead of any effect; else 0.
static int before(enum kind kind) {
    switch (kind) {
    case KILL_BEFORE: die(); return 0;
    case EIO_ONCE: return EIO;
    case ENOSPC_ONCE:
    case FULL: return ENOSPC;
    case READ_ONLY: return EROFS;
    case EINTR_ONCE: return EINTR;
    case DELAY: usleep(20000); return 0;
    default: return 0;
    }
}

// After the effect: dies, or makes a failure of a success.
static long after(enum kind kind, long result) {
    if (kind == KILL_AFTER || kind == KILL_TORN) die();
    if (kind == LIED && result >= 0) {
        errno = EIO;
        return -1;
    }
    return result;
}

#define MEET(class, call, directory, name, effect)                  \
    ready();                                                        \
    enum kind kind = meets(class, call, directory, name);           \
    if (kind != NONE) {                                             \
        int code = before(kind);                                    \
        if (code) return errno = code, -1;                          \
    }                                                               \
    return after(kind, effect)

// Under the lock: the place of a file; a free one, or NULL, when it is not suspect.
static struct suspect *place_of(const struct stat *file) {
    struct suspect *free_place = NULL;
    for (struct suspect *one = suspects; one < suspects + SUSPECTS; one++) {
        if (one->is_taken && one->device == file->st_dev && one->inode == file->st_ino) return one;
        if (!one->is_taken && !free_place) free_place = one;
    }
    return free_place;
}

static int is_suspect(const struct stat *file) {
    if (!suspected) return 0;
    pthread_mutex_lock(&suspects_lock);
    const struct suspect *place = place_of(file);
    int is_taken = place && place->is_taken;
    pthread_mutex_unlock(&suspects_lock);
    return is_taken;
}

static void suspect(const struct stat *file) {
    pthread_mutex_lock(&suspects_lock);
    struct suspect *place = place_of(file);
    if (place && !place->is_taken) {
        *place = (struct suspect){file->st_dev, file->st_ino, 1};
        suspected++;
    }
    pthread_mutex_unlock(&suspects_lock);
}

static void note_writing(int file) {
    struct stat status;
    if (!suspected || fstat(file, &status)) return;
    pthread_mutex_lock(&suspects_lock);
    struct suspect *place = place_of(&status);
    if (place && place->is_taken) {
        place->is_taken = 0;
        suspected--;
    }
    pthread_mutex_unlock(&suspects_lock);
}

static int opened(int directory, const char *name, int flags, mode_t mode) {
    ready();
    int creates = (flags & (O_CREAT | O_TRUNC)) != 0;
    enum kind kind = creates ? meets(CREATE, "open", directory, name) : NONE;
    int code = before(kind);
    if (code) return errno = code, -1;
    int result = real_openat(directory, name, flags, mode);
    // New or emptied, it has nothing that a failed sync could have lost, whoever had its number before.
    if (result >= 0 && ((flags & O_TRUNC) || (flags & (O_CREAT | O_EXCL)) == (O_CREAT | O_EXCL))) note_writing(result);
    if (kind == LIED && result >= 0) close(result);
    return (int)after(kind, result);
}

#define MODE(mode, flags)                             \
    mode_t mode = 0;                                  \
    if (flags & (O_CREAT | __O_TMPFILE)) {            \
        va_list arguments;                            \
        va_start(arguments, flags);                   \
        mode = va_arg(arguments, mode_t);             \
        va_end(arguments);                            \
    }

int open(const char *name, int flags, ...) { MODE(mode, flags) return opened(AT_FDCWD, name, flags, mode); }
int open64(const char *name, int flags, ...) { MODE(mode, flags) return opened(AT_FDCWD, name, flags, mode); }
int openat(int directory, const char *name, int flags, ...) { MODE(mode, flags) return opened(directory, name, flags, mode); }
int openat64(int directory, const char *name, int flags, ...) { MODE(mode, flags) return opened(directory, name, flags, mode); }

static ssize_t written(const char *call, int file, const void *bytes, size_t count, off_t offset) {
    ready();
    enum kind kind = meets(WRITE, call, file, NULL);
    int code = before(kind);
    if (code) return errno = code, -1;
    note_writing(file);
    if ((kind == SHORT || kind == KILL_TORN) && count > 1) count /= 2;
    return after(kind, offset < 0 ? real_write(file, bytes, count) : real_pwrite(file, bytes, count, offset));
}

ssize_t write(int file, const void *bytes, size_t count) { return written("write", file, bytes, count, -1); }
ssize_t pwrite(int file, const void *bytes, size_t count, off_t offset) { return written("pwrite", file, bytes, count, offset); }
ssize_t pwrite64(int file, const void *bytes, size_t count, off_t offset) { return written("pwrite", file, bytes, count, offset); }
ssize_t writev(int file, const struct iovec *parts, int count) { note_writing(file); MEET(WRITE, "writev", file, NULL, real_writev(file, parts, count)); }

// A file cut to nothing has nothing left that a failed sync could have lost: its next sync is of something new.
static int cut(int file, off_t size) {
    ready();
    enum kind kind = meets(WRITE, "ftruncate", file, NULL);
    int code = before(kind);
    if (code) return errno = code, -1;
    int result = real_ftruncate(file, size);
    if (!result && !size) note_writing(file);
    return (int)after(kind, result);
}

int ftruncate(int file, off_t size) { return cut(file, size); }
int ftruncate64(int file, off_t size) { return cut(file, size); }

static int synced(const char *call, int file, int (*real)(int)) {
    enum kind kind = meets(SYNC, call, file, NULL);
    int code = before(kind);
    struct stat status;
    char path[PATH_MAX];
    int is_ours = below(path, file, NULL) && !fstat(file, &status) && S_ISREG(status.st_mode);
    if (is_ours && is_suspect(&status)) say("resync %s\n", path + root_length + 1);
    if (is_ours && (code || kind == LIED)) suspect(&status);
    if (code) return errno = code, -1;
    int result = real(file);
    if (!result && says_syncs && below(path, file, NULL)) say("synced %s\n", path + root_length + 1);
    return (int)after(kind, result);
}

int fsync(int file) { ready(); return synced("fsync", file, real_fsync); }
int fdatasync(int file) { ready(); return synced("fdatasync", file, real_fdatasync); }

int rename(const char *from, const char *to) { MEET(NAME, "rename", AT_FDCWD, to, real_rename(from, to)); }
int renameat(int from, const char *name, int to, const char *new_name) {
    MEET(NAME, "renameat", to, new_name, real_renameat(from, name, to, new_name));
}
int renameat2(int from, const char *name, int to, const char *new_name, unsigned flags) {
    MEET(NAME, "renameat2", to, new_name, real_renameat2(from, name, to, new_name, flags));
}
int link(const char *from, const char *to) { MEET(NAME, "link", AT_FDCWD, to, real_link(from, to)); }
int linkat(int from, const char *name, int to, const char *new_name, int flags) {
    MEET(NAME, "linkat", to, new_name, real_linkat(from, name, to, new_name, flags));
}
int unlink(const char *name) { MEET(NAME, "unlink", AT_FDCWD, name, real_unlink(name)); }
int unlinkat(int directory, const char *name, int flags) {
    MEET(NAME, flags & AT_REMOVEDIR ? "unlinkat-dir" : "unlinkat", directory, name, real_unlinkat(directory, name, flags));
}
int mkdir(const char *name, mode_t mode) { MEET(NAME, "mkdir", AT_FDCWD, name, real_mkdir(name, mode)); }
int mkdirat(int directory, const char *name, mode_t mode) {
    MEET(NAME, "mkdirat", directory, name, real_mkdirat(directory, name, mode));
}
int rmdir(const char *name) { MEET(NAME, "rmdir", AT_FDCWD, name, real_rmdir(name)); }
int utimensat(int directory, const char *name, const struct timespec times[2], int flags) {
    MEET(NAME, "utimensat", directory, name, real_utimensat(directory, name, times, flags));
}
int fchmodat(int directory, const char *name, mode_t mode, int flags) {
    MEET(NAME, "fchmodat", directory, name, real_fchmodat(directory, name, mode, flags));
}
