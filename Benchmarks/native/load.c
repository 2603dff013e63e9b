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

#include "load.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

static struct session *sessions;
static long session_count, unfinished;
static double rate, start;
static long due_count;    /* sets given to a session, with a rate */

void finished(struct session *s)
{
    if (s->done == s->count) unfinished--;
    else if (rate == 0) begin_set(s, s->sets[s->begun - 1].answered);
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
