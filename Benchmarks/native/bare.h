/* The steps of one set, measured by themselves. */

#include <stddef.h>

struct bytes { unsigned char *at; long count; };

/* bare.c */
void require(int is_good, const char *what);
double cpu(void);
void say(const char *name, double microseconds, long sets);

/* disk.c: in the current directory. */
void commit(long sets, struct bytes receipt, struct bytes signature);
void files(long sets, struct bytes fi, struct bytes fs, struct bytes receipt, struct bytes signature);
