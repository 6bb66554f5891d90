/*
 * kv_setting: stores integers by name, persistent across restarts.
 */
#ifndef DOMAIN_COMMON_KV_SETTING_H
#define DOMAIN_COMMON_KV_SETTING_H

#include <stdint.h>

#include "db/db.h"

/* Returns the value of a key, or `dflt` if it is not set. */
enum rc	kv_setting_get(struct db *, const char *key, int64_t dflt, int64_t *);
enum rc	kv_setting_put(struct db *, const char *key, int64_t);

#endif
