#ifndef ECLUSE_CLIBSSH_SHIM_H
#define ECLUSE_CLIBSSH_SHIM_H

#include <libssh/libssh.h>
#include <libssh/server.h>
#include <libssh/callbacks.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

/* epoll_event is a packed struct around a union: set and read here, where its layout is known. */

static inline int ecluse_epoll_set(int epoll, int operation, int descriptor, uint32_t events, uint64_t tag)
{
    struct epoll_event event = { .events = events, .data = { .u64 = tag } };
    return epoll_ctl(epoll, operation, descriptor, &event);
}

static inline uint64_t ecluse_epoll_tag(const struct epoll_event *event)
{
    return event->data.u64;
}

/* Constants of the socket headers belong to whichever module read them first: they stay on this side. */

static inline int ecluse_stream_type(void)
{
    return SOCK_STREAM;
}

static inline int ecluse_stream_socket(int family)
{
    return socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
}

/* accept4 is hidden without _GNU_SOURCE, which a module header cannot set. */
static inline int ecluse_accept(int listener)
{
    return (int)syscall(SYS_accept4, listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
}

static inline int ecluse_bind_without_configuration_file(ssh_bind bind)
{
    bool read_file = false;
    return ssh_bind_options_set(bind, SSH_BIND_OPTIONS_PROCESS_CONFIG, &read_file);
}

#endif
