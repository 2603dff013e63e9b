#ifndef ECLUSE_CLIBCRYPT_SHIM_H
#define ECLUSE_CLIBCRYPT_SHIM_H

#include <crypt.h>
#include <stdlib.h>
#include <string.h>

/* `setting` and `hash` have room for CRYPT_OUTPUT_SIZE bytes. */

/* Writes a setting with a salt of the system's random numbers; 0, or -1 when the scheme is not there. */
static inline int ecluse_crypt_setting(const char *prefix, unsigned long cost, char *setting)
{
    return crypt_gensalt_rn(prefix, cost, NULL, 0, setting, CRYPT_OUTPUT_SIZE) ? 0 : -1;
}

/* Writes the hash of a phrase under a setting, or under a hash made before. struct crypt_data is too large for
   Swift to import, and holds the phrase, so it is wiped here. */
static inline int ecluse_crypt(const char *phrase, const char *setting, char *hash)
{
    struct crypt_data *data = calloc(1, sizeof *data);
    if (!data)
        return -1;
    const char *made = crypt_rn(phrase, setting, data, sizeof *data);
    if (made)
        strncpy(hash, made, CRYPT_OUTPUT_SIZE);
    explicit_bzero(data, sizeof *data);
    free(data);
    return made ? 0 : -1;
}

#endif
