/* Sessions of one load, and what a session does with its sets. */

#include <libssh/callbacks.h>
#include <libssh/libssh.h>
#include <stddef.h>

enum { LONGEST = 512, PATH = 4 * LONGEST };
enum { FI, FS, GO, FILES };

struct bytes { unsigned char *at; size_t count, room; };

/* Signed contents, taken in turns. */
struct contents { char folder[LONGEST]; int count; struct bytes (*sets)[2]; };

/* Seconds since 1970. */
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

/* bytes.c */
void fail(const char *format, ...);
double now(void);
void append(struct bytes *to, const void *from, size_t count);
void append_number(struct bytes *to, unsigned number);
void append_string(struct bytes *to, const void *from, size_t count);
unsigned number_at(const unsigned char *bytes);
struct contents *contents_of(const char *folder);

/* session.c: brings up a session, its first packet sent; sends what the peer takes now, the rest with the next call. */
void log_in(struct session *s, int port, const char *user, const char *key);
void flush(struct session *s);

/* upload.c: begins the next set of a session; takes one packet of the server. */
void begin_set(struct session *s, double due);
void answer(struct session *s, const unsigned char *packet, size_t count);

/* load.c: the last step of a set is answered. */
void finished(struct session *s);
