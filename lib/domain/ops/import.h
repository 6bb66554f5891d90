/*
 * import: helpers for the import of files, in addition to the x_put() functions
 * of the catalog: owners, listeners, and the entry of the audit log.
 */
#ifndef DOMAIN_OPS_IMPORT_H
#define DOMAIN_OPS_IMPORT_H

#include <stdint.h>

#include "base/arena.h"
#include "base/conf.h"
#include "base/err.h"
#include "base/field.h"
#include "db/db.h"
#include "domain/catalog/catalog.h"
#include "domain/common/favoritable.h"
#include "domain/listeners/listener.h"

/* Finds the active account of a username, or adds `field` to err. */
enum rc	import_owner(struct db *, struct arena *, const char *field,
	    const char *username, int64_t *id, struct err *);

/* A row of listeners: the account and the listener's profile. */
struct import_listener {
	struct listener_input input;
	const char *username, *email, *phone, *country, *preferred_language;
	int sex;			/* -1: not given */
	int verified;
};
extern const struct field_table import_listener_table;

/*
 * Adds a listener with an active account without a password; the user signs in
 * by code. The listener is verified if the row says so. An existing listener is
 * not changed. The rate must be between billing.min_rate and billing.max_rate. A
 * phone number without country code belongs to conf->default_country. Returns
 * RC_INVALID or RC_CONFLICT with the reason in err.
 */
enum rc	import_listener_put(struct db *, struct arena *, const struct conf *,
	    struct import_listener *, int64_t now, enum put *, struct err *);

/*
 * Begin and end the import of rows of a kind in one transaction. Counters
 * and full-text indexes of flyers and destinations are updated at the end,
 * which is faster. Until then, no statement may search this kind. Other kinds
 * need no such update.
 */
enum rc	import_begin(struct db *, enum favorite_kind);
enum rc	import_end(struct db *, enum favorite_kind);

/* The result of an import. */
struct import_count {
	int64_t rows, added, changed;
};
/* Adds the entry of an import that needs several transactions and begins. */
enum rc	import_audit_begin(struct db *, struct arena *, const char *kind,
	    int64_t rows, int64_t now);
/* Adds the entry of an import that is complete to the audit log. */
enum rc	import_audit(struct db *, struct arena *, const char *kind,
	    const struct import_count *, int64_t now);

#endif
