/*
 * epoch_setting: the epoch of the database (base/epoch.h), and whether a newer
 * one has replaced it.
 */
#ifndef DOMAIN_OPS_EPOCH_SETTING_H
#define DOMAIN_OPS_EPOCH_SETTING_H

#include "base/epoch.h"
#include "db/db.h"

/* Reads the epoch, in a transaction. Epoch 1 if none is stored. */
enum rc	epoch_setting_get(struct db *, struct epoch *);
/*
 * Stores the epoch, in a write transaction. The database is then not fenced any
 * more.
 */
enum rc	epoch_setting_put(struct db *, const struct epoch *);
/*
 * Fences the database, in a write transaction of its own: another machine has
 * begun the epoch `newer`. See db_fenced().
 */
enum rc	epoch_setting_fence(struct db *, int64_t newer);

#endif
