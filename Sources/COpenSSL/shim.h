#ifndef ECLUSE_COPENSSL_SHIM_H
#define ECLUSE_COPENSSL_SHIM_H

// pem.h before cms.h, or PEM_read_bio_CMS is not declared.
#include <openssl/pem.h>
#include <openssl/cms.h>
#include <openssl/ec.h>
#include <openssl/engine.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/ocsp.h>
#include <openssl/pkcs12.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <openssl/ui.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <openssl/x509_vfy.h>

// Swift imports neither composed macros, nor variadic functions, nor the typed stacks.

/// The error says that there was no memory. Of ASN.1, a failed auxiliary call is a copy that could not be kept.
static inline int ecluse_is_want_of_memory(unsigned long error) {
    int reason = ERR_GET_REASON(error);
    return reason == ERR_R_MALLOC_FAILURE
        || (ERR_GET_LIB(error) == ERR_LIB_ASN1 && reason == ASN1_R_AUX_ERROR);
}
static inline void ecluse_note_want_of_memory(void) { ERR_raise(ERR_LIB_USER, ERR_R_MALLOC_FAILURE); }

/// RFC 2253 with UTF-8 kept as it is.
static inline unsigned long ecluse_name_flags(void) {
    return XN_FLAG_RFC2253 & ~(unsigned long)ASN1_STRFLGS_ESC_MSB;
}

/// RFC 2253, everything but ASCII escaped.
static inline unsigned long ecluse_ascii_name_flags(void) { return XN_FLAG_RFC2253; }

/// The bytes a memory BIO holds; they stay the BIO's.
static inline long ecluse_bio_bytes(BIO *bio, char **bytes) { return BIO_get_mem_data(bio, bytes); }

static inline EVP_PKEY *ecluse_generate_ec(const char *curve) { return EVP_EC_gen(curve); }
static inline EVP_PKEY *ecluse_generate_rsa(unsigned int bits) { return EVP_RSA_gen(bits); }

static inline STACK_OF(X509) *ecluse_certificates_new(void) { return sk_X509_new_null(); }
/// Takes a reference of its own; 1 when done.
static inline int ecluse_certificates_add(STACK_OF(X509) *stack, X509 *certificate) {
    if (!X509_up_ref(certificate)) return 0;
    if (sk_X509_push(stack, certificate) > 0) return 1;
    X509_free(certificate);
    return 0;
}
static inline int ecluse_certificates_count(const STACK_OF(X509) *stack) { return sk_X509_num(stack); }
static inline X509 *ecluse_certificates_at(const STACK_OF(X509) *stack, int index) {
    return sk_X509_value(stack, index);
}
static inline void ecluse_certificates_free(STACK_OF(X509) *stack) { sk_X509_pop_free(stack, X509_free); }

/// 1 when some distribution point of the certificate bears a full name that the list's own point bears too.
static inline int ecluse_shares_point(const DIST_POINT_NAME *list, X509 *certificate) {
    int found = 0;
    CRL_DIST_POINTS *points = X509_get_ext_d2i(certificate, NID_crl_distribution_points, NULL, NULL);
    for (int i = 0; list->type == 0 && i < sk_DIST_POINT_num(points); i++) {
        const DIST_POINT_NAME *point = sk_DIST_POINT_value(points, i)->distpoint;
        if (point == NULL || point->type != 0) continue;
        for (int j = 0; j < sk_GENERAL_NAME_num(point->name.fullname); j++)
            for (int k = 0; k < sk_GENERAL_NAME_num(list->name.fullname); k++)
                found |= GENERAL_NAME_cmp(sk_GENERAL_NAME_value(point->name.fullname, j),
                                          sk_GENERAL_NAME_value(list->name.fullname, k)) == 0;
    }
    CRL_DIST_POINTS_free(points);
    return found;
}

/// Keys behind PKCS#11 are reached by an engine: OpenSSL 3.0 brings no provider for them. Engines are marked as
/// deprecated, which a system header may overlook and Swift may not.

/// The engine of that name, from the directory of engines when it is not built in; a structural reference.
/// Whoever makes every engine a default afterwards, as libcurl does when it starts, leaves this one out: it would take
/// over keys that are not on a token.
static inline ENGINE *ecluse_engine_find(const char *name) {
    OPENSSL_init_crypto(OPENSSL_INIT_ENGINE_DYNAMIC, NULL);
    ENGINE *engine = ENGINE_by_id(name);
    if (engine != NULL) ENGINE_set_flags(engine, ENGINE_get_flags(engine) | ENGINE_FLAGS_NO_REGISTER_ALL);
    return engine;
}
/// 1 when done; `value` may be NULL.
static inline int ecluse_engine_command(ENGINE *engine, const char *command, const char *value) {
    return ENGINE_ctrl_cmd_string(engine, command, value, 0);
}
/// A functional reference; 1 when done.
static inline int ecluse_engine_start(ENGINE *engine) { return ENGINE_init(engine); }
static inline void ecluse_engine_finish(ENGINE *engine) { ENGINE_finish(engine); }
static inline void ecluse_engine_free(ENGINE *engine) { ENGINE_free(engine); }
/// The key at `address`, never asking anybody anything; NULL when there is none.
static inline EVP_PKEY *ecluse_engine_key(ENGINE *engine, const char *address) {
    return ENGINE_load_private_key(engine, address, (UI_METHOD *)UI_null(), NULL);
}
/// The certificate at `address`; NULL when there is none.
static inline X509 *ecluse_engine_certificate(ENGINE *engine, const char *address) {
    struct { const char *address; X509 *certificate; } request = { address, NULL };
    if (!ENGINE_ctrl_cmd(engine, "LOAD_CERT_CTRL", 0, &request, NULL, 1)) return NULL;
    return request.certificate;
}

#endif
