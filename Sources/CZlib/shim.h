#ifndef ECLUSE_CZLIB_SHIM_H
#define ECLUSE_CZLIB_SHIM_H

/* Input is only read. */
#define ZLIB_CONST
#include <zlib.h>

/* inflateInit2 is a macro. Negative bits: deflate alone, without a head of zlib's own. */
static inline int ecluse_begin_raw_inflate(z_stream *stream)
{
    return inflateInit2(stream, -MAX_WBITS);
}

#endif
