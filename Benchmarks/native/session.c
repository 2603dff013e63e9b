#include "load.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

enum { INIT = 1 };

/* Sends as much as the peer takes now; what is left goes when it takes more. */
void flush(struct session *s)
{
    while (s->sent < s->out.count) {
        size_t window = ssh_channel_window_size(s->channel);
        size_t count = s->out.count - s->sent;
        if (window == 0) return;
        int written = ssh_channel_write(s->channel, s->out.at + s->sent, count < window ? count : window);
        if (written == SSH_ERROR) fail("%s", ssh_get_error(s->ssh));
        if (written == 0) return;
        s->sent += written;
    }
    s->out.count = s->sent = 0;
}

static int receive(ssh_session ssh, ssh_channel channel, void *data, uint32_t count, int is_error, void *user)
{
    (void)ssh, (void)channel;
    struct session *s = user;
    if (is_error) return count;
    append(&s->in, data, count);
    size_t at = 0;
    while (s->in.count - at >= 4) {
        size_t length = number_at(s->in.at + at);
        if (length == 0 || length > 65536) fail("a strange packet");
        if (s->in.count - at - 4 < length) break;
        answer(s, s->in.at + at + 4, length);
        at += 4 + length;
    }
    memmove(s->in.at, s->in.at + at, s->in.count - at);
    s->in.count -= at;
    return count;
}

static void closed(ssh_session ssh, ssh_channel channel, void *user)
{
    (void)ssh, (void)channel;
    struct session *s = user;
    s->is_closed = 1;
    if (s->done < s->count) fail("a session was closed");
}

void log_in(struct session *s, int port, const char *user, const char *key)
{
    ssh_key private;
    long seconds = 60;
    s->ssh = ssh_new();
    ssh_options_set(s->ssh, SSH_OPTIONS_HOST, "127.0.0.1");
    ssh_options_set(s->ssh, SSH_OPTIONS_PORT, &port);
    ssh_options_set(s->ssh, SSH_OPTIONS_USER, user);
    ssh_options_set(s->ssh, SSH_OPTIONS_TIMEOUT, &seconds);
    ssh_options_set(s->ssh, SSH_OPTIONS_CIPHERS_C_S, "aes256-gcm@openssh.com");
    ssh_options_set(s->ssh, SSH_OPTIONS_CIPHERS_S_C, "aes256-gcm@openssh.com");
    ssh_options_set(s->ssh, SSH_OPTIONS_PROCESS_CONFIG, &(bool){false});
    if (ssh_pki_import_privkey_file(key, NULL, NULL, NULL, &private) != SSH_OK) fail("cannot read %s", key);
    if (ssh_connect(s->ssh) != SSH_OK) fail("connect: %s", ssh_get_error(s->ssh));
    if (ssh_userauth_publickey(s->ssh, NULL, private) != SSH_AUTH_SUCCESS) fail("log-in: %s", ssh_get_error(s->ssh));
    ssh_key_free(private);
    s->channel = ssh_channel_new(s->ssh);
    if (ssh_channel_open_session(s->channel) != SSH_OK || ssh_channel_request_sftp(s->channel) != SSH_OK)
        fail("sftp: %s", ssh_get_error(s->ssh));
    ssh_set_blocking(s->ssh, 0);
    s->callbacks.userdata = s;
    s->callbacks.channel_data_function = receive;
    s->callbacks.channel_close_function = closed;
    ssh_callbacks_init(&s->callbacks);
    ssh_set_channel_callbacks(s->channel, &s->callbacks);
    append_number(&s->out, 5);
    append(&s->out, &(unsigned char){INIT}, 1);
    append_number(&s->out, 3);
    s->waiting = 1;
    flush(s);
}
