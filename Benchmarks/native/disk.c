#include "bare.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Sets that share a commit: as many as there are connections in the smaller run. */
enum { GROUP = 8 };

static void run(sqlite3 *db, const char *sql)
{
    char *fault = NULL;
    if (sqlite3_exec(db, sql, NULL, NULL, &fault) != SQLITE_OK) {
        fprintf(stderr, "%s\n", fault);
        exit(1);
    }
}

static sqlite3_stmt *prepared(sqlite3 *db, const char *sql)
{
    sqlite3_stmt *statement;
    require(sqlite3_prepare_v2(db, sql, -1, &statement, NULL) == SQLITE_OK, sqlite3_errmsg(db));
    return statement;
}

static void done(sqlite3_stmt *statement)
{
    require(sqlite3_step(statement) == SQLITE_DONE, "statement");
    sqlite3_reset(statement);
}

/* A set becomes durable three times: when it came, when it was decided and its receipt issued, when all that took place. */
void commit(long sets, struct bytes receipt, struct bytes signature)
{
    static char decision[2800];
    unsigned char digest[32] = {0};
    sqlite3 *db;
    memset(decision, 'x', sizeof decision);
    require(sqlite3_open("ledger.sqlite", &db) == SQLITE_OK, "ledger");
    run(db, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
            "CREATE TABLE fileSet (seq INTEGER PRIMARY KEY, ticket TEXT UNIQUE, sender TEXT, name TEXT, state TEXT,"
            " at REAL, decision TEXT); CREATE UNIQUE INDEX byName ON fileSet (sender, name);"
            "CREATE INDEX byState ON fileSet (state, seq);"
            "CREATE TABLE part (setSeq INTEGER, position INTEGER, name TEXT, size INTEGER, digest BLOB,"
            " PRIMARY KEY (setSeq, position)) WITHOUT ROWID;"
            "CREATE TABLE answer (id INTEGER PRIMARY KEY, stem TEXT UNIQUE, document BLOB, signature BLOB, state TEXT);");
    double since = cpu();
    sqlite3_stmt *arrived = prepared(db, "INSERT INTO fileSet VALUES (?1, 't' || ?1, '006400', 'DIMN.006400.20260101.' ||"
                                         " ?1 || '.R.1', 'received', 1.0, NULL)");
    sqlite3_stmt *part = prepared(db, "INSERT INTO part VALUES (?1, ?2, 'FI.DIMN.006400.20260101.00001.R.1.1', 20000, ?3)");
    sqlite3_stmt *decided = prepared(db, "UPDATE fileSet SET state = 'accepted', decision = ?2 WHERE seq = ?1");
    sqlite3_stmt *answer = prepared(db, "INSERT INTO answer VALUES (?1, 'ACRF.999999.20260101.' || ?1, ?2, ?3, 'issued')");
    sqlite3_stmt *settled = prepared(db, "UPDATE fileSet SET state = 'routed' WHERE seq = ?1");
    sqlite3_stmt *published = prepared(db, "UPDATE answer SET state = 'published' WHERE id = ?1");
    for (long first = 1; first + GROUP - 1 <= sets; first += GROUP) {
        for (int stage = 0; stage < 3; stage++) {
            run(db, "BEGIN IMMEDIATE");
            for (long seq = first; seq < first + GROUP; seq++) {
                if (stage == 0) {
                    sqlite3_bind_int64(arrived, 1, seq);
                    done(arrived);
                    for (int position = 0; position < 2; position++) {
                        sqlite3_bind_int64(part, 1, seq);
                        sqlite3_bind_int(part, 2, position);
                        sqlite3_bind_blob(part, 3, digest, sizeof digest, SQLITE_STATIC);
                        done(part);
                    }
                } else if (stage == 1) {
                    sqlite3_bind_int64(decided, 1, seq);
                    sqlite3_bind_text(decided, 2, decision, sizeof decision, SQLITE_STATIC);
                    done(decided);
                    sqlite3_bind_int64(answer, 1, seq);
                    sqlite3_bind_blob(answer, 2, receipt.at, receipt.count, SQLITE_STATIC);
                    sqlite3_bind_blob(answer, 3, signature.at, signature.count, SQLITE_STATIC);
                    done(answer);
                } else {
                    sqlite3_bind_int64(settled, 1, seq);
                    done(settled);
                    sqlite3_bind_int64(published, 1, seq);
                    done(published);
                }
            }
            run(db, "COMMIT");
        }
    }
    say("commit", cpu() - since, sets);
}

static void write_file(const char *path, struct bytes bytes, int is_synced)
{
    int file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    require(file >= 0 && write(file, bytes.at, bytes.count) == bytes.count, path);
    require(!is_synced || fsync(file) == 0, path);
    close(file);
}

static void sync_path(const char *path)
{
    int file = open(path, O_RDONLY);
    require(file >= 0 && fsync(file) == 0, path);
    close(file);
}

/* What came is synced, handed over in a directory of its own with a manifest, and answered with three files. */
void files(long sets, struct bytes fi, struct bytes fs, struct bytes receipt, struct bytes signature)
{
    char from[64], to[64], path[96];
    double spent = 0;
    for (const char **folder = (const char *[]){"in", "real", "out", NULL}; *folder; folder++) mkdir(*folder, 0700);
    for (long set = 0; set < sets; set++) {
        snprintf(from, sizeof from, "in/FI.%ld", set);
        write_file(from, fi, 0);
        snprintf(path, sizeof path, "in/FS.%ld", set);
        write_file(path, fs, 0);
        double before = cpu();
        sync_path(from);
        sync_path(path);
        sync_path("in");
        snprintf(to, sizeof to, "real/.staged-%ld", set);
        mkdir(to, 0700);
        snprintf(path, sizeof path, "%s/FI", to);
        require(link(from, path) == 0, path);
        snprintf(path, sizeof path, "%s/manifest.json", to);
        write_file(path, receipt, 1);
        sync_path(to);
        snprintf(path, sizeof path, "real/%ld", set);
        require(rename(to, path) == 0, path);
        sync_path("real");
        snprintf(path, sizeof path, "out/FO.%ld", set);
        write_file(path, receipt, 1);
        snprintf(path, sizeof path, "out/FS.%ld", set);
        write_file(path, signature, 1);
        snprintf(path, sizeof path, "out/GO.%ld", set);
        write_file(path, (struct bytes){NULL, 0}, 0);
        sync_path("out");
        unlink(from);
        snprintf(path, sizeof path, "in/FS.%ld", set);
        unlink(path);
        spent += cpu() - before;
    }
    say("files", spent, sets);
}
