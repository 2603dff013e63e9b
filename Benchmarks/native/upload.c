#include "load.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

enum { VERSION = 2, OPEN = 3, CLOSE = 4, WRITE = 6, STATUS = 101, HANDLE = 102 };
enum { CREATE_AND_WRITE = 0x02 | 0x08 | 0x10, CHUNK = 32000 };

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

void begin_set(struct session *s, double due)
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
        return finished(s);
    }
    flush(s);
}

void answer(struct session *s, const unsigned char *packet, size_t count)
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
