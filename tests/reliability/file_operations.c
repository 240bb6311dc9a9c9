/* Preloaded into a process, this keeps a record of every operation by which the process changes files below a
 * directory, and at one of them kills the process or lets the operation fail. It begins when `file_operations_arm` is
 * called.
 *
 * The record has, for each operation, a line "name\tpath\tsecond path or offset\tsize\n" and then `size` bytes, which
 * are those to be written. It is kept before the operation is done. Only paths written out from the root are seen.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

enum fault { NONE, KILL, KILL_HALFWAY, FAIL, DISK_FULL };

static char tree[PATH_MAX];
static int record = -1, fault_errno;
static long faulty, count, faults;
static enum fault fault;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

void file_operations_arm(const char *directory, const char *record_path, int at, int which, int error) {
    snprintf(tree, sizeof tree, "%s", directory);
    faulty = at, fault = which, fault_errno = error;
    record = syscall(SYS_openat, AT_FDCWD, record_path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
}

static int counts(const char *path) {
    size_t length = strlen(tree);
    return record >= 0 && !strncmp(path, tree, length) && (path[length] == '/' || !path[length]);
}

/* Whether an open file counts, and its path. */
static int counts_open(int file, char path[PATH_MAX]) {
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    ssize_t length = record < 0 ? 0 : syscall(SYS_readlinkat, AT_FDCWD, link, path, PATH_MAX - 1);
    path[length > 0 ? length : 0] = 0;
    return counts(path);
}

static void die(void) { syscall(SYS_kill, getpid(), SIGKILL); }

static int needs_room(const char *name) {
    return !strcmp(name, "create") || !strcmp(name, "write") || !strcmp(name, "mkdir");
}

/* Keeps record of an operation, and says what is to become of it. */
static enum fault begin(const char *name, const char *path, const char *second, const void *bytes, size_t size) {
    char line[3 * PATH_MAX];
    int length = snprintf(line, sizeof line, "%s\t%s\t%s\t%zu\n", name, path, second, size);
    pthread_mutex_lock(&mutex);
    long number = count++;
    syscall(SYS_write, record, line, length);
    syscall(SYS_write, record, bytes, size);
    pthread_mutex_unlock(&mutex);
    if (fault == DISK_FULL ? number < faulty || !needs_room(name) : number != faulty) return NONE;
    if (fault == KILL) die();
    faults++;
    errno = fault_errno;
    return fault;
}

static int fails(const char *name, const char *path, const char *second) {
    return counts(path) && begin(name, path, second, "", 0) >= FAIL;
}

static int fails_open(const char *name, int file, const char *second) {
    char path[PATH_MAX];
    return counts_open(file, path) && begin(name, path, second, "", 0) >= FAIL;
}

static ssize_t write_at(int file, const void *bytes, size_t size, off_t offset) {
    return offset < 0 ? syscall(SYS_write, file, bytes, size) : syscall(SYS_pwrite64, file, bytes, size, offset);
}

/* Writes at an offset; where it is negative, at that of the open file. */
static ssize_t write_or_fail(int file, const void *bytes, size_t size, off_t offset) {
    char path[PATH_MAX], place[32];
    if (!counts_open(file, path)) return write_at(file, bytes, size, offset);
    int whence = syscall(SYS_fcntl, file, F_GETFL) & O_APPEND ? SEEK_END : SEEK_CUR;
    snprintf(place, sizeof place, "%ld", offset < 0 ? syscall(SYS_lseek, file, 0, whence) : (long)offset);
    enum fault found = begin("write", path, place, bytes, size);
    /* A disk that fills up takes what fits; the next write fails. */
    if (found == FAIL || (found == DISK_FULL && (faults > 1 || size < 2))) return -1;
    ssize_t written = write_at(file, bytes, found == NONE ? size : size / 2, offset);
    if (found == KILL_HALFWAY) die();
    return written;
}

ssize_t write(int file, const void *bytes, size_t size) { return write_or_fail(file, bytes, size, -1); }
ssize_t pwrite(int file, const void *bytes, size_t size, off_t at) { return write_or_fail(file, bytes, size, at); }
ssize_t pwrite64(int file, const void *bytes, size_t size, off64_t at) { return write_or_fail(file, bytes, size, at); }

static ssize_t write_stream(void *file, const char *bytes, size_t size) {
    ssize_t written = write((int)(long)file, bytes, size);
    return written < 0 ? 0 : written;
}

static int seek_stream(void *file, off64_t *offset, int whence) {
    *offset = syscall(SYS_lseek, (int)(long)file, *offset, whence);
    return *offset < 0 ? -1 : 0;
}

static int close_stream(void *file) { return close((int)(long)file); }

static int open_at(int directory, const char *path, int flags, mode_t mode) {
    if (counts(path) && flags & (O_CREAT | O_TRUNC)) {
        int exists = !syscall(SYS_faccessat, AT_FDCWD, path, F_OK, 0);
        if (fails(!exists ? "create" : flags & O_TRUNC ? "empty" : "open", path, "")) return -1;
    }
    return syscall(SYS_openat, directory, path, flags, mode);
}

#define MODE(flags) \
    va_list arguments; \
    va_start(arguments, flags); \
    mode_t mode = (flags) & O_CREAT ? va_arg(arguments, mode_t) : 0; \
    va_end(arguments)

int open(const char *path, int flags, ...) { MODE(flags); return open_at(AT_FDCWD, path, flags, mode); }
int open64(const char *path, int flags, ...) { MODE(flags); return open_at(AT_FDCWD, path, flags, mode); }
int openat(int at, const char *path, int flags, ...) { MODE(flags); return open_at(at, path, flags, mode); }
int openat64(int at, const char *path, int flags, ...) { MODE(flags); return open_at(at, path, flags, mode); }

/* A stream that writes by our `write`: the C library's own streams do it where nobody sees. */
FILE *fopen(const char *path, const char *mode) {
    if (!counts(path) || !strpbrk(mode, "wa+"))
        return ((FILE * (*)(const char *, const char *)) dlsym(RTLD_NEXT, "fopen"))(path, mode);
    int flags = *mode == 'w' ? O_CREAT | O_TRUNC : *mode == 'a' ? O_CREAT | O_APPEND : 0;
    int file = open_at(AT_FDCWD, path, flags | (strchr(mode, '+') ? O_RDWR : O_WRONLY), 0666);
    cookie_io_functions_t functions = {NULL, write_stream, seek_stream, close_stream};
    return file < 0 ? NULL : fopencookie((void *)(long)file, mode, functions);
}
FILE *fopen64(const char *path, const char *mode) { return fopen(path, mode); }

int ftruncate(int file, off_t size) {
    char place[32];
    snprintf(place, sizeof place, "%ld", (long)size);
    return fails_open("truncate", file, place) ? -1 : syscall(SYS_ftruncate, file, size);
}
int ftruncate64(int file, off64_t size) { return ftruncate(file, size); }
int fsync(int file) { return fails_open("flush", file, "") ? -1 : syscall(SYS_fsync, file); }
int fdatasync(int file) { return fails_open("flush", file, "") ? -1 : syscall(SYS_fdatasync, file); }

int renameat(int from_at, const char *path, int to_at, const char *to) {
    return fails("rename", path, to) ? -1 : syscall(SYS_renameat2, from_at, path, to_at, to, 0);
}
int rename(const char *path, const char *to) { return renameat(AT_FDCWD, path, AT_FDCWD, to); }
int link(const char *path, const char *to) {
    return fails("link", path, to) ? -1 : syscall(SYS_linkat, AT_FDCWD, path, AT_FDCWD, to, 0);
}
int unlinkat(int at, const char *path, int flags) {
    return fails(flags & AT_REMOVEDIR ? "rmdir" : "unlink", path, "") ? -1 : syscall(SYS_unlinkat, at, path, flags);
}
int unlink(const char *path) { return unlinkat(AT_FDCWD, path, 0); }
int rmdir(const char *path) { return unlinkat(AT_FDCWD, path, AT_REMOVEDIR); }
int remove(const char *path) {
    int failed = unlink(path);
    return failed && errno == EISDIR ? rmdir(path) : failed;
}
int mkdir(const char *path, mode_t mode) {
    return fails("mkdir", path, "") ? -1 : syscall(SYS_mkdirat, AT_FDCWD, path, mode);
}
