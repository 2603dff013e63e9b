#ifndef ECLUSE_CLIBXML2_SHIM_H
#define ECLUSE_CLIBXML2_SHIM_H

// Debian's libxml2 headers include ICU's, which the importer rejects beside Foundation's own copy.
#include <libxml/xmlversion.h>
#undef LIBXML_ICU_ENABLED

#include <libxml/globals.h>
#include <libxml/parser.h>
#include <libxml/parserInternals.h>
#include <libxml/xmlIO.h>
#include <libxml/xmlschemas.h>
#include <libxml/xmlschemastypes.h>
#include <libxml/xmlerror.h>

static inline void ecluse_xml_ignore(void *context, const char *message, ...) {
    (void)context;
    (void)message;
}

/// Silences what libxml2 prints by itself, for the calling thread and for threads that meet the library later.
/// A C function, because the printing callback is variadic.
static inline void ecluse_xml_silence(void) {
    xmlThrDefSetGenericErrorFunc(NULL, ecluse_xml_ignore);
    xmlSetGenericErrorFunc(NULL, ecluse_xml_ignore);
}

/// Silences the calling thread only: a thread that met the library earlier keeps its own printing callback.
static inline void ecluse_xml_silence_thread(void) {
    xmlSetGenericErrorFunc(NULL, ecluse_xml_ignore);
}

/// An input for `context` over a copy of `count` bytes; NULL when memory is short.
static inline xmlParserInputPtr ecluse_xml_input(
    xmlParserCtxtPtr context, const char *url, const char *bytes, int count)
{
    xmlParserInputBufferPtr buffer = xmlParserInputBufferCreateMem(bytes, count, XML_CHAR_ENCODING_NONE);
    if (buffer == NULL) return NULL;
    xmlParserInputPtr input = xmlNewIOInputStream(context, buffer, XML_CHAR_ENCODING_NONE);
    if (input == NULL) {
        xmlFreeParserInputBuffer(buffer);
        return NULL;
    }
    input->filename = (const char *)xmlStrdup((const xmlChar *)url);
    return input;
}

#endif
