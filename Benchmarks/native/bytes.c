#include "load.h"

#include <arpa/inet.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

void fail(const char *format, ...)
{
    va_list words;
    va_start(words, format);
    vfprintf(stderr, format, words);
    va_end(words);
    fputc('\n', stderr);
    exit(1);
}

double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_REALTIME, &time);
    return time.tv_sec + time.tv_nsec / 1e9;
}

void append(struct bytes *to, const void *from, size_t count)
{
    if (to->count + count > to->room) {
        to->room = (to->count + count) * 2;
        to->at = realloc(to->at, to->room);
        if (!to->at) fail("no memory");
    }
    memcpy(to->at + to->count, from, count);
    to->count += count;
}

void append_number(struct bytes *to, unsigned number)
{
    number = htonl(number);
    append(to, &number, 4);
}

void append_string(struct bytes *to, const void *from, size_t count)
{
    append_number(to, count);
    append(to, from, count);
}

unsigned number_at(const unsigned char *bytes)
{
    unsigned number;
    memcpy(&number, bytes, 4);
    return ntohl(number);
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

struct contents *contents_of(const char *folder)
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
