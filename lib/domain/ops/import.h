/*
 * import: what rows of files need beside the nouns' own x_put(): whose they
 * are, listeners, and the one entry that the audit gets.
 */
#ifndef DOMAIN_OPS_IMPORT_H
#define DOMAIN_OPS_IMPORT_H

#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/field.h"
#include "db/db.h"
#include "domain/catalog/catalog.h"
#include "domain/common/favoritable.h"
#include "domain/listeners/listener.h"

/* The active account of that username; RC_INVALID with the field else. */
enum rc	import_owner(struct db *, struct arena *, const char *field,
	    const char *username, int64_t *id, struct err *);

/* A listener: an account and what listeners say of themselves. */
struct import_listener {
	struct listener_input input;
	const char *username, *email, *phone, *country, *preferred_language;
	int sex;			/* -1: not told */
	int verified;
};
extern const struct field_table import_listener_table;

/*
 * Add a listener: an active account without a password (whoever can read its
 * e-mail or phone signs in by code), verified if the row says so. One that is
 * a listener already stays as it is. RC_INVALID, RC_CONFLICT: err says why.
 */
enum rc	import_listener_put(struct db *, struct arena *,
	    struct import_listener *, int64_t now, enum put *, struct err *);

/*
 * Around all rows of a kind: put off what is cheaper done for all of them at
 * once, then do it. In one transaction, and nothing of that kind is searched
 * in between. Kinds other than flyers and destinations have nothing to put off.
 */
enum rc	import_begin(struct db *, enum favorite_kind);
enum rc	import_end(struct db *, enum favorite_kind);

/* What became of the rows of one import. */
struct import_count {
	int64_t rows, added, changed;
};
enum rc	import_audit(struct db *, struct arena *, const char *kind,
	    const struct import_count *, int64_t now);

#endif
