/* What the steps of one set cost by themselves, with the same libraries and nothing around them.

   Usage: bare SETS FI FS AUTHORITY SCHEMA RECEIPT KEY CERTIFICATE FOLDER
   FS holds a detached CMS signature of FI in base64; RECEIPT is a document, signed with KEY and CERTIFICATE. Works on SETS
   sets in FOLDER and says, in microseconds of CPU for a set: digest, verify (with the certificate's path), verify-known (the
   signer's certificate taken as trusted), document, receipt, commit, files. */

#include "bare.h"

#include <libxml/xmlschemas.h>
#include <openssl/cms.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

void require(int is_good, const char *what)
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

double cpu(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1e6 + usage.ru_utime.tv_usec + usage.ru_stime.tv_usec;
}

void say(const char *name, double microseconds, long sets)
{
    printf("%s %.2f\n", name, microseconds / sets);
}

/* Measures what stands after it, for all sets. */
#define MEASURE(name, ...) do { \
        double since = cpu(); \
        for (long set = 0; set < sets; set++) { __VA_ARGS__; } \
        say(name, cpu() - since, sets); \
    } while (0)

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

int main(int argc, char **argv)
{
    if (argc != 10) return 2;
    long sets = atol(argv[1]);
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

    unsigned char digest[EVP_MAX_MD_SIZE];
    MEASURE("digest", EVP_Digest(fi.at, fi.count, digest, NULL, EVP_sha256(), NULL);
            EVP_Digest(fs.at, fs.count, digest, NULL, EVP_sha256(), NULL));
    MEASURE("verify", verify(fi, fs, store, NULL));
    MEASURE("verify-known", verify(fi, fs, store, signer));
    MEASURE("document", check(fi, schema));
    struct bytes signature = {0};
    MEASURE("receipt", OPENSSL_free(signature.at); signature = sign(receipt, certificate, key));
    commit(sets, receipt, signature);
    files(sets, fi, fs, receipt, signature);
    return 0;
}
