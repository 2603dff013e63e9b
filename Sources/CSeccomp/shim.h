#ifndef ECLUSE_CSECCOMP_SHIM_H
#define ECLUSE_CSECCOMP_SHIM_H

#include <errno.h>
#include <grp.h>
#include <seccomp.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

/* What Swift cannot say of the kernel's interface: variadic functions and macros with arguments. */

static inline uint32_t ecluse_seccomp_refusing(void)
{
    return SCMP_ACT_ERRNO(EPERM);
}

static inline int ecluse_no_new_privileges(void)
{
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
}

static inline int ecluse_not_dumpable(void)
{
    return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}

/* Ends this process with the thread that started it. */
static inline int ecluse_end_with_parent(void)
{
    return prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
}

static inline int ecluse_without_groups(void)
{
    return setgroups(0, NULL);
}

/* Hidden without _GNU_SOURCE, which a module header cannot set. */
extern int posix_spawn_file_actions_addclosefrom_np(posix_spawn_file_actions_t *, int);

static inline int ecluse_close_from(posix_spawn_file_actions_t *actions, int first)
{
    return posix_spawn_file_actions_addclosefrom_np(actions, first);
}

enum { ecluse_descriptors_at_most = 2 };

/* Sends what the socket takes, and with the first byte up to ecluse_descriptors_at_most open files. */
static inline ssize_t ecluse_send(int socket, const void *bytes, size_t count, const int *descriptors, int number)
{
    struct iovec piece = { .iov_base = (void *)bytes, .iov_len = count };
    union {
        char room[CMSG_SPACE(ecluse_descriptors_at_most * sizeof(int))];
        struct cmsghdr header;
    } control;
    struct msghdr message = { .msg_iov = &piece, .msg_iovlen = 1 };
    if (number > ecluse_descriptors_at_most) {
        errno = EINVAL;
        return -1;
    }
    if (number > 0) {
        memset(&control, 0, sizeof control);
        message.msg_control = control.room;
        message.msg_controllen = CMSG_SPACE(number * sizeof(int));
        struct cmsghdr *header = CMSG_FIRSTHDR(&message);
        header->cmsg_level = SOL_SOCKET;
        header->cmsg_type = SCM_RIGHTS;
        header->cmsg_len = CMSG_LEN(number * sizeof(int));
        memcpy(CMSG_DATA(header), descriptors, number * sizeof(int));
    }
    return sendmsg(socket, &message, MSG_NOSIGNAL);
}

/* Receives what there is. With `number`, also open files that came with it, at most ecluse_descriptors_at_most and not
   inherited; their number goes there. Without, the kernel drops what files came. */
static inline ssize_t ecluse_receive(int socket, void *bytes, size_t count, int *descriptors, int *number)
{
    struct iovec piece = { .iov_base = bytes, .iov_len = count };
    union {
        char room[CMSG_SPACE(ecluse_descriptors_at_most * sizeof(int))];
        struct cmsghdr header;
    } control;
    struct msghdr message = { .msg_iov = &piece, .msg_iovlen = 1 };
    if (number) {
        *number = 0;
        message.msg_control = control.room;
        message.msg_controllen = sizeof control.room;
    }
    ssize_t got = recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
    if (got < 0 || !number)
        return got;
    for (struct cmsghdr *header = CMSG_FIRSTHDR(&message); header; header = CMSG_NXTHDR(&message, header)) {
        if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS)
            continue;
        int came = (int)((header->cmsg_len - CMSG_LEN(0)) / sizeof(int));
        for (int index = 0; index < came && *number < ecluse_descriptors_at_most; index++)
            memcpy(&descriptors[(*number)++], CMSG_DATA(header) + index * sizeof(int), sizeof(int));
    }
    return got;
}

#endif
