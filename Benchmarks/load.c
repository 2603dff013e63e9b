/* A load of SFTP uploads that costs little: one thread, many SSH sessions on libssh, all bytes in memory beforehand.

   Usage: load PORT RATE LOG < PLAN. A line of the plan is a session: user, key file, directory on the server, stem up to
   the sequence number, stem after it, first sequence number, sets, folder of contents (FI.0, FS.0, FI.1 …), "set" or
   "bytes". "bytes" sends the same bytes under temporary names, so that nothing is decided.

   Of each set FI and FS go together (OPEN both; WRITE and CLOSE both), and when both closings are answered the GO (OPEN;
   CLOSE): four round trips. With RATE 0 each session goes on as fast as it is answered. Otherwise sets are due at that rate
   a second over all sessions, and wait when their session is still busy.

   Says "ready" when all sessions are up, begins with the next line of standard input, says seconds, CPU seconds and sets,
   and keeps the sessions until standard input ends. A line of LOG is a set: GO, when it was due, when its GO was sent
   and when that was answered, in seconds since 1970. */

#include <arpa/inet.h>
#include <errno.h>
#include <libssh/callbacks.h>
#include <libssh/libssh.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

enum { INIT = 1, VERSION = 2, OPEN = 3, CLOSE = 4, WRITE = 6, STATUS = 101, HANDLE = 102 };
enum { CREATE_AND_WRITE = 0x02 | 0x08 | 0x10, CHUNK = 32000, LONGEST = 512, PATH = 4 * LONGEST };
enum { FI, FS, GO, FILES };

struct bytes { unsigned char *at; size_t count, room; };

struct contents { char folder[LONGEST]; int count; struct bytes (*sets)[2]; };

struct set { double due, sent, answered; };

struct session {
    ssh_session ssh;
    ssh_channel channel;
    struct ssh_channel_callbacks_struct callbacks;
    char directory[LONGEST], before[LONGEST], after[LONGEST];
    long first, count, begun, done;
    int is_temporary, is_closed;
    struct contents *contents;
    struct set *sets;
    struct bytes in, out;
    size_t sent;
    int waiting;          /* answers of the present step that are not there yet */
    unsigned char handles[FILES][256];
    size_t lengths[FILES];
};

static struct session *sessions;
static long session_count, unfinished;
static double rate, start;
static long due_count;    /* sets given to a session, with a rate */

static void fail(const char *format, ...)
{
    va_list words;
    va_start(words, format);
    vfprintf(stderr, format, words);
    va_end(words);
    fputc('\n', stderr);
    exit(1);
}

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_REALTIME, &time);
    return time.tv_sec + time.tv_nsec / 1e9;
}

static void append(struct bytes *to, const void *from, size_t count)
{
    if (to->count + count > to->room) {
        to->room = (to->count + count) * 2;
        to->at = realloc(to->at, to->room);
        if (!to->at) fail("no memory");
    }
    memcpy(to->at + to->count, from, count);
    to->count += count;
}

static void append_number(struct bytes *to, unsigned number)
{
    number = htonl(number);
    append(to, &number, 4);
}

static void append_string(struct bytes *to, const void *from, size_t count)
{
    append_number(to, count);
    append(to, from, count);
}

static unsigned number_at(const unsigned char *bytes)
{
    unsigned number;
    memcpy(&number, bytes, 4);
    return ntohl(number);
}

static size_t head(struct session *s, int type, int file)
{
    size_t at = s->out.count;
    append_number(&s->out, 0);
    append(&s->out, &(unsigned char){type}, 1);
    append_number(&s->out, file);
    return at;
}

static void tail(struct session *s, size_t at)
{
    unsigned length = htonl(s->out.count - at - 4);
    memcpy(s->out.at + at, &length, 4);
    s->waiting++;
}

static void name(struct session *s, int file, char *into)
{
    static const char *prefixes[] = {"FI", "FS", "GO"};
    snprintf(into, PATH, "%s%s.%s.%05ld.%s%s%s", s->directory, prefixes[file], s->before, s->first + s->begun - 1,
             s->after, file == GO ? "" : ".1", s->is_temporary ? ".tmp" : "");
}

static void open_file(struct session *s, int file)
{
    char path[PATH];
    name(s, file, path);
    size_t at = head(s, OPEN, file);
    append_string(&s->out, path, strlen(path));
    append_number(&s->out, CREATE_AND_WRITE);
    append_number(&s->out, 0);
    tail(s, at);
}

static void close_file(struct session *s, int file)
{
    size_t at = head(s, CLOSE, file);
    append_string(&s->out, s->handles[file], s->lengths[file]);
    tail(s, at);
}

static void write_file(struct session *s, int file)
{
    struct bytes *content = &s->contents->sets[(s->first + s->begun) % s->contents->count][file];
    for (size_t offset = 0; offset < content->count; offset += CHUNK) {
        size_t count = content->count - offset < CHUNK ? content->count - offset : CHUNK;
        size_t at = head(s, WRITE, file);
        append_string(&s->out, s->handles[file], s->lengths[file]);
        append_number(&s->out, 0);
        append_number(&s->out, offset);
        append_string(&s->out, content->at + offset, count);
        tail(s, at);
    }
}

/* Sends as much as the peer takes now; what is left goes when it takes more. */
static void flush(struct session *s)
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

static void begin_set(struct session *s, double due)
{
    s->sets[s->begun++].due = due;
    s->lengths[FI] = s->lengths[FS] = s->lengths[GO] = 0;
    open_file(s, FI);
    open_file(s, FS);
    flush(s);
}

/* Every answer of a step is there. `is_opened`: the last one was a handle. */
static void step(struct session *s, int is_opened)
{
    struct set *set = &s->sets[s->begun - 1];
    if (is_opened && !s->lengths[GO]) {
        for (int file = FI; file <= FS; file++) {
            write_file(s, file);
            close_file(s, file);
        }
    } else if (!s->lengths[GO]) {
        open_file(s, GO);
    } else if (is_opened) {
        close_file(s, GO);
        set->sent = now();
    } else {
        set->answered = now();
        s->done++;
        if (s->done == s->count) unfinished--;
        else if (rate == 0) begin_set(s, set->answered);
        return;
    }
    flush(s);
}

static void answer(struct session *s, const unsigned char *packet, size_t count)
{
    int type = packet[0];
    if (type == VERSION) {
        s->waiting--;
        return;
    }
    if (count < 9) fail("a short answer");
    unsigned file = number_at(packet + 1);
    if (type == HANDLE && file < FILES) {
        size_t length = number_at(packet + 5);
        if (length > sizeof s->handles[file] || length + 9 > count) fail("a strange handle");
        memcpy(s->handles[file], packet + 9, length);
        s->lengths[file] = length;
    } else if (type != STATUS || number_at(packet + 5) != 0) {
        char path[PATH];
        name(s, file % FILES, path);
        fail("%s: status %u %.*s", path, number_at(packet + 5), count > 13 ? (int)(count - 13) : 0, packet + 13);
    }
    if (--s->waiting == 0) step(s, type == HANDLE);
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

static void log_in(struct session *s, int port, const char *user, const char *key)
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

static struct bytes read_file(const char *folder, const char *kind, int index)
{
    char path[PATH];
    struct bytes content = {0};
    snprintf(path, sizeof path, "%s/%s.%d", folder, kind, index);
    FILE *file = fopen(path, "rb");
    if (!file) return content;
    unsigned char piece[65536];
    size_t count;
    while ((count = fread(piece, 1, sizeof piece, file)) > 0) append(&content, piece, count);
    fclose(file);
    return content;
}

static struct contents *contents_of(const char *folder)
{
    static struct contents *all[4096];
    int index = 0;
    for (; all[index]; index++)
        if (strcmp(all[index]->folder, folder) == 0) return all[index];
    struct contents *new = all[index] = calloc(1, sizeof *new);
    snprintf(new->folder, sizeof new->folder, "%s", folder);
    while (1) {
        new->sets = realloc(new->sets, (new->count + 1) * sizeof *new->sets);
        new->sets[new->count][FI] = read_file(folder, "FI", new->count);
        new->sets[new->count][FS] = read_file(folder, "FS", new->count);
        if (new->sets[new->count][FI].count == 0) return new;
        new->count++;
    }
}

/* Gives sets that are due to sessions that are free; returns milliseconds until the next one is due. */
static int give(long total)
{
    double time = now();
    while (due_count < total && start + due_count / rate <= time) due_count++;
    for (long index = 0; index < session_count; index++) {
        struct session *s = &sessions[index];
        /* Of the sets that are due this session has each session_count-th. */
        long own = (due_count - index + session_count - 1) / session_count;
        if (s->begun == s->done && s->begun < s->count && s->begun < own)
            begin_set(s, start + (s->begun * session_count + index) / rate);
    }
    double wait = start + due_count / rate - now();
    return due_count == total || wait > 1 ? 1000 : wait <= 0 ? 0 : (int)(wait * 1000) + 1;
}

static double cpu(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_utime.tv_sec + usage.ru_stime.tv_sec + (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

int main(int argc, char **argv)
{
    char user[LONGEST], key[LONGEST], folder[LONGEST], kind[16], line[8 * LONGEST];
    if (argc != 4) fail("usage: load PORT RATE LOG < PLAN");
    rate = atof(argv[2]);
    ssh_event event = ssh_event_new();
    sessions = calloc(4096, sizeof *sessions);
    long total = 0;
    while (fgets(line, sizeof line, stdin) && line[0] != '\n') {
        if (session_count == 4096) fail("too many sessions");
        struct session *s = &sessions[session_count++];
        if (sscanf(line, "%511s %511s %511s %511s %511s %ld %ld %511s %15s", user, key, s->directory, s->before, s->after,
                   &s->first, &s->count, folder, kind) != 9) fail("a strange line: %s", line);
        s->is_temporary = strcmp(kind, "bytes") == 0;
        s->contents = contents_of(folder);
        s->sets = calloc(s->count ? s->count : 1, sizeof *s->sets);
        if (s->count) unfinished++;
        total += s->count;
        log_in(s, atoi(argv[1]), user, key);
        ssh_event_add_session(event, s->ssh);
        while (s->waiting) ssh_event_dopoll(event, 1000);
    }
    puts("ready");
    fflush(stdout);
    if (!fgets(line, sizeof line, stdin)) return 1;
    double used = cpu();
    start = now();
    if (rate == 0)
        for (long index = 0; index < session_count; index++)
            if (sessions[index].count) begin_set(&sessions[index], start);
    while (unfinished > 0) {
        int pause = rate > 0 ? give(total) : 1000;
        if (ssh_event_dopoll(event, pause) == SSH_ERROR) fail("the event loop failed");
        for (long index = 0; index < session_count; index++)
            if (sessions[index].sent < sessions[index].out.count) flush(&sessions[index]);
    }
    double end = now();
    used = cpu() - used;
    FILE *log = fopen(argv[3], "w");
    for (long index = 0; index < session_count; index++) {
        struct session *s = &sessions[index];
        for (long set = 0; set < s->count; set++)
            fprintf(log, "GO.%s.%05ld.%s %.6f %.6f %.6f\n", s->before, s->first + set, s->after, s->sets[set].due,
                    s->sets[set].sent, s->sets[set].answered);
    }
    fclose(log);
    printf("%.6f %.6f %.6f %ld\n", start, end - start, used, total);
    fflush(stdout);
    while (fgets(line, sizeof line, stdin)) {}
    for (long index = 0; index < session_count; index++) ssh_channel_close(sessions[index].channel);
    /* Until the server has closed them too, so that it can wait for what it started. */
    for (long index = 0; index < session_count; index++)
        for (double until = now() + 10; !sessions[index].is_closed && now() < until;) ssh_event_dopoll(event, 100);
    return 0;
}
