/* What the steps of one set cost by themselves, with the same libraries and nothing around them.

   Usage: bare SETS FI FS AUTHORITY SCHEMA RECEIPT KEY CERTIFICATE FOLDER
   FS holds a detached CMS signature of FI in base64; RECEIPT is a document, signed with KEY and CERTIFICATE. Works on SETS
   sets in FOLDER and says, in microseconds of CPU for a set: digest, verify (with the certificate's path), verify-known (the
   signer's certificate taken as trusted), document, receipt, commit, files. */

#include <fcntl.h>
#include <libxml/xmlschemas.h>
#include <openssl/cms.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

/* Sets that share a commit: as many as there are connections in the smaller run. */
enum { GROUP = 8 };

struct bytes { unsigned char *at; long count; };

static void require(int is_good, const char *what)
{
    if (is_good) return;
    perror(what);
    ERR_print_errors_fp(stderr);
    exit(1);
}

static struct bytes content(const char *path)
{
    FILE *file = fopen(path, "rb");
    require(file != NULL, path);
    struct bytes bytes = {malloc(1 << 20), 0};
    bytes.count = fread(bytes.at, 1, 1 << 20, file);
    fclose(file);
    return bytes;
}

static double cpu(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1e6 + usage.ru_utime.tv_usec + usage.ru_stime.tv_usec;
}

static double since;

static void say(const char *name, long sets)
{
    printf("%s %.2f\n", name, (cpu() - since) / sets);
    since = cpu();
}

static void verify(struct bytes fi, struct bytes fs, X509_STORE *store, X509 *known)
{
    BIO *text = BIO_new_mem_buf(fs.at, fs.count), *filter = BIO_push(BIO_new(BIO_f_base64()), text);
    CMS_ContentInfo *cms = d2i_CMS_bio(filter, NULL);
    require(cms != NULL, "CMS");
    BIO *data = BIO_new_mem_buf(fi.at, fi.count);
    STACK_OF(X509) *certificates = sk_X509_new_null();
    if (known) sk_X509_push(certificates, known);
    unsigned flags = CMS_BINARY | (known ? CMS_NO_SIGNER_CERT_VERIFY | CMS_NOINTERN : 0);
    require(CMS_verify(cms, certificates, store, data, NULL, flags) == 1, "verify");
    sk_X509_free(certificates);
    BIO_free(data);
    BIO_free_all(filter);
    CMS_ContentInfo_free(cms);
}

static void silent(void *context, const char *format, ...) { (void)context, (void)format; }

static void check(struct bytes fi, xmlSchemaPtr schema)
{
    xmlSchemaValidCtxtPtr context = xmlSchemaNewValidCtxt(schema);
    xmlSAXHandler nothing = {.initialized = XML_SAX2_MAGIC};
    xmlParserInputBufferPtr input = xmlParserInputBufferCreateMem((const char *)fi.at, fi.count, XML_CHAR_ENCODING_NONE);
    require(xmlSchemaValidateStream(context, input, XML_CHAR_ENCODING_NONE, &nothing, NULL) == 0, "document");
    xmlSchemaFreeValidCtxt(context);
}

static struct bytes sign(struct bytes receipt, X509 *certificate, EVP_PKEY *key)
{
    BIO *data = BIO_new_mem_buf(receipt.at, receipt.count);
    CMS_ContentInfo *cms = CMS_sign(certificate, key, NULL, data, CMS_DETACHED | CMS_BINARY | CMS_NOSMIMECAP);
    require(cms != NULL, "receipt");
    struct bytes der = {NULL, 0};
    der.count = i2d_CMS_ContentInfo(cms, &der.at);
    CMS_ContentInfo_free(cms);
    BIO_free(data);
    return der;
}

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
static void commit(long sets, struct bytes receipt, struct bytes signature)
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
    since = cpu();
    sqlite3_stmt *arrived = prepared(db, "INSERT INTO fileSet VALUES (?1, 't' || ?1, '006400', 'DIMN.006400.20260101.' ||"
                                         " ?1 || '.R.1', 'received', 1.0, NULL)");
    sqlite3_stmt *part = prepared(db, "INSERT INTO part VALUES (?1, ?2, 'FI.DIMN.006400.20260101.00001.R.1.1', 20000, ?3)");
    sqlite3_stmt *decided = prepared(db, "UPDATE fileSet SET state = 'accepted', decision = ?2 WHERE seq = ?1");
    sqlite3_stmt *answer = prepared(db, "INSERT INTO answer VALUES (?1, 'ACRF.999999.20260101.' || ?1, ?2, ?3, 'issued')");
    sqlite3_stmt *settled = prepared(db, "UPDATE fileSet SET state = 'routed' WHERE seq = ?1");
    sqlite3_stmt *published = prepared(db, "UPDATE answer SET state = 'published' WHERE id = ?1");
    for (long first = 1; first <= sets; first += GROUP) {
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
    say("commit", sets);
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
static void files(long sets, struct bytes fi, struct bytes fs, struct bytes receipt, struct bytes signature)
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
    printf("files %.2f\n", spent / sets);
}

int main(int argc, char **argv)
{
    if (argc != 10) return 2;
    long sets = atol(argv[1]) / GROUP * GROUP;
    struct bytes fi = content(argv[2]), fs = content(argv[3]), receipt = content(argv[6]);
    X509_STORE *store = X509_STORE_new();
    require(X509_STORE_load_file(store, argv[4]) == 1, argv[4]);
    X509_STORE_set_purpose(store, X509_PURPOSE_ANY);
    xmlSetGenericErrorFunc(NULL, silent);
    xmlSchemaPtr schema = xmlSchemaParse(xmlSchemaNewParserCtxt(argv[5]));
    require(schema != NULL, argv[5]);
    FILE *file = fopen(argv[7], "r");
    require(file != NULL, argv[7]);
    EVP_PKEY *key = PEM_read_PrivateKey(file, NULL, NULL, NULL);
    file = fopen(argv[8], "r");
    require(file != NULL, argv[8]);
    X509 *certificate = PEM_read_X509(file, NULL, NULL, NULL);
    require(key && certificate && chdir(argv[9]) == 0, "key, certificate or folder");

    BIO *filter = BIO_push(BIO_new(BIO_f_base64()), BIO_new_mem_buf(fs.at, fs.count));
    CMS_ContentInfo *cms = d2i_CMS_bio(filter, NULL);
    require(cms != NULL, argv[3]);
    X509 *signer = sk_X509_value(CMS_get1_certs(cms), 0);

    since = cpu();
    unsigned char digest[EVP_MAX_MD_SIZE];
    for (long set = 0; set < sets; set++) {
        EVP_Digest(fi.at, fi.count, digest, NULL, EVP_sha256(), NULL);
        EVP_Digest(fs.at, fs.count, digest, NULL, EVP_sha256(), NULL);
    }
    say("digest", sets);
    for (long set = 0; set < sets; set++) verify(fi, fs, store, NULL);
    say("verify", sets);
    for (long set = 0; set < sets; set++) verify(fi, fs, store, signer);
    say("verify-known", sets);
    for (long set = 0; set < sets; set++) check(fi, schema);
    say("document", sets);
    struct bytes signature = {0};
    for (long set = 0; set < sets; set++) {
        OPENSSL_free(signature.at);
        signature = sign(receipt, certificate, key);
    }
    say("receipt", sets);
    commit(sets, receipt, signature);
    files(sets, fi, fs, receipt, signature);
    return 0;
}
