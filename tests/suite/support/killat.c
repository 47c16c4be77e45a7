/* Loaded before libc: SIGKILL to this process before or after its Nth pwrite, ftruncate, fsync,
   fdatasync or unlink. KILL_AT=before:7 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

static atomic_int count;

static void here(const char *when) {
    const char *kill_at = getenv("KILL_AT");
    if (!kill_at) return;
    size_t length = strlen(when);
    if (strncmp(kill_at, when, length) != 0 || kill_at[length] != ':') return;
    if (atomic_load(&count) == atoi(kill_at + length + 1)) kill(getpid(), SIGKILL);
}

#define WRAP(type, name, parameters, arguments)                       \
    type name parameters {                                            \
        static type(*real) parameters;                                \
        if (!real) real = (type(*) parameters)dlsym(RTLD_NEXT, #name); \
        atomic_fetch_add(&count, 1);                                  \
        here("before");                                               \
        type result = real arguments;                                 \
        here("after");                                                \
        return result;                                                \
    }

WRAP(ssize_t, pwrite, (int fd, const void *data, size_t size, off_t at), (fd, data, size, at))
WRAP(ssize_t, pwrite64, (int fd, const void *data, size_t size, off64_t at), (fd, data, size, at))
WRAP(int, ftruncate, (int fd, off_t size), (fd, size))
WRAP(int, ftruncate64, (int fd, off64_t size), (fd, size))
WRAP(int, fsync, (int fd), (fd))
WRAP(int, fdatasync, (int fd), (fd))
WRAP(int, unlink, (const char *path), (path))
