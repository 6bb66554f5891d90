/*
 * counter: reads row counts that triggers maintain, by name.
 */
#ifndef DOMAIN_COMMON_COUNTER_H
#define DOMAIN_COMMON_COUNTER_H

#include <stdint.h>

#include "base/err.h"
#include "db/db.h"

/* Reads the counter of a name ("listed", "user:1", "listener:0"). */
enum rc	counter_get(struct db *, const char *name, int64_t *n);

#endif
