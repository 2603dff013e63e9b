#ifndef ECLUSE_LIBFUZZER_H
#define ECLUSE_LIBFUZZER_H

#include <stddef.h>
#include <stdint.h>

/* libFuzzer as a library (LLVM, "Using libFuzzer as a library"). It ends the process when something was found. */
int LLVMFuzzerRunDriver(int *argc, char ***argv, int (*prove)(const uint8_t *bytes, size_t count));

#endif
