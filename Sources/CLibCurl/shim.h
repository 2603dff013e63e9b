#ifndef ECLUSE_CLIBCURL_SHIM_H
#define ECLUSE_CLIBCURL_SHIM_H

#include <curl/curl.h>

/* curl_easy_setopt and curl_easy_getinfo are variadic, which Swift cannot call. */

static inline CURLcode ecluse_curl_set_long(CURL *easy, CURLoption option, long value)
{
    return curl_easy_setopt(easy, option, value);
}

static inline CURLcode ecluse_curl_set_offset(CURL *easy, CURLoption option, curl_off_t value)
{
    return curl_easy_setopt(easy, option, value);
}

static inline CURLcode ecluse_curl_set_pointer(CURL *easy, CURLoption option, void *value)
{
    return curl_easy_setopt(easy, option, value);
}

static inline CURLcode ecluse_curl_set_text(CURL *easy, CURLoption option, const char *value)
{
    return curl_easy_setopt(easy, option, value);
}

typedef size_t (*ecluse_curl_data)(char *bytes, size_t size, size_t count, void *owner);

static inline CURLcode ecluse_curl_set_data(CURL *easy, CURLoption option, ecluse_curl_data function)
{
    return curl_easy_setopt(easy, option, function);
}

typedef int (*ecluse_curl_progress)(void *owner, curl_off_t down_total, curl_off_t down, curl_off_t up_total, curl_off_t up);

static inline CURLcode ecluse_curl_set_progress(CURL *easy, ecluse_curl_progress function)
{
    return curl_easy_setopt(easy, CURLOPT_XFERINFOFUNCTION, function);
}

static inline CURLcode ecluse_curl_get_long(CURL *easy, CURLINFO info, long *value)
{
    return curl_easy_getinfo(easy, info, value);
}

static inline CURLcode ecluse_curl_get_offset(CURL *easy, CURLINFO info, curl_off_t *value)
{
    return curl_easy_getinfo(easy, info, value);
}

static inline CURLcode ecluse_curl_get_text(CURL *easy, CURLINFO info, char **value)
{
    return curl_easy_getinfo(easy, info, value);
}

static inline CURLcode ecluse_curl_get_socket(CURL *easy, curl_socket_t *value)
{
    return curl_easy_getinfo(easy, CURLINFO_ACTIVESOCKET, value);
}

/* A macro with a cast, which is not imported. */
static inline CURLcode ecluse_curl_start(void)
{
    return curl_global_init(CURL_GLOBAL_DEFAULT);
}

/* The number of the library that runs, 0xMMmmpp; the argument is a macro for an enumerator. */
static inline unsigned int ecluse_curl_version(void)
{
    return curl_version_info(CURLVERSION_NOW)->version_num;
}

#endif
