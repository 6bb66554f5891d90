/*
 * kv_setting: numbers that outlive the processes, by name.
 */
#ifndef DOMAIN_COMMON_KV_SETTING_H
#define DOMAIN_COMMON_KV_SETTING_H

#include <stdint.h>

#include "db/db.h"

/* The value of key, or dflt where there is none. */
enum rc	kv_setting_get(struct db *, const char *key, int64_t dflt, int64_t *);
enum rc	kv_setting_put(struct db *, const char *key, int64_t);

#endif
