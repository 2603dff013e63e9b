/* Put before a program by LD_PRELOAD: fsync and fdatasync take SLOWSYNC_MICROSECONDS at least, whatever the disk. */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <time.h>

static long pause_microseconds;

__attribute__((constructor)) static void begin(void)
{
    const char *text = getenv("SLOWSYNC_MICROSECONDS");
    pause_microseconds = text ? atol(text) : 0;
}

static int slowed(const char *name, int file)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += pause_microseconds * 1000;
    until.tv_sec += until.tv_nsec / 1000000000;
    until.tv_nsec %= 1000000000;
    int outcome = ((int (*)(int))dlsym(RTLD_NEXT, name))(file), fault = errno;
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL) == EINTR) {}
    errno = fault;
    return outcome;
}

int fsync(int file) { return slowed("fsync", file); }

int fdatasync(int file) { return slowed("fdatasync", file); }
