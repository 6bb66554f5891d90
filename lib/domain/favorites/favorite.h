/*
 * favorite: the one relationship store, (user, entity, when).
 *
 * The engine knows users, kinds and entity ids, not the words or codes of the
 * four contracts that stand on it; a contract's handler turns `added` and
 * `removed` into its own answers. A pair is unique in the database, counts are
 * kept by trigger, and every change writes the log (which is the activity log
 * and the change feed) in the same transaction.
 */
#ifndef DOMAIN_FAVORITES_FAVORITE_H
#define DOMAIN_FAVORITES_FAVORITE_H

#include "base/arena.h"
#include "base/conf.h"
#include "base/err.h"
#include "base/uuid.h"
#include "db/db.h"
#include "domain/common/favoritable.h"

struct favorite {
	int64_t id, user_id, entity_id;
	enum favorite_kind kind;
	struct uuid uuid;		/* nil for listeners and flyers */
	struct uuid entity;		/* likewise */
	int64_t created_at, updated_at;
};

/* Saves and unsaves of one user that are kept; the oldest give way. */
#define FAVORITE_LOG_MAX 200000

/* The pair a change is about, who asks, and when. */
struct favorite_change {
	int64_t user;
	enum favorite_kind kind;
	int64_t entity_id;
	struct uuid entity;		/* nil for listeners and flyers */
	int64_t now;
	const char *request_id;
};

/*
 * Save. *added: it was not there. *f, when not NULL, is the row, old or new.
 * RC_NOT_FOUND: there is no such entity (err is not set). RC_CONFLICT
 * quota_exceeded: the user has the maximum number of favorites.
 */
enum rc	favorite_add(struct db *, const struct conf *,
	    const struct favorite_change *, bool *added, struct favorite *f,
	    struct err *);
/* Unsave. *removed: it was there. */
enum rc	favorite_remove(struct db *, const struct favorite_change *,
	    bool *removed);
/* Is the pair there? *f may be NULL. */
enum rc	favorite_find(struct db *, int64_t user, enum favorite_kind,
	    int64_t entity_id, bool *found, struct favorite *f);

/*
 * The entity behind a public id. RC_NOT_FOUND: no entity of that kind has it.
 * A UUID of the studio's kinds is found even when its entity is gone.
 */
enum rc	favorite_entity(struct db *, enum favorite_kind, const struct uuid *,
	    int64_t *entity_id);

/* How many a user has of a kind, and the version of that list. */
struct favorite_user_count {
	int64_t n, version;
};
enum rc	favorite_user_count(struct db *, int64_t user, enum favorite_kind,
	    struct favorite_user_count *);
/* The saves of an entity. changed_at: last save or unsave, INT64_MIN: never. */
enum rc	favorite_count(struct db *, const struct uuid *, int64_t *count,
	    int64_t *changed_at, int64_t *version);

/* A listener as the target of a save or unsave. */
struct favorite_listener {
	const char *username;
	bool active, verified;
};
/* RC_NOT_FOUND: no such user, or not a listener. */
enum rc	favorite_listener(struct db *, struct arena *, int64_t user_id,
	    int64_t now, struct favorite_listener *);
/* What goes with a saved listener. */
struct favorite_settings {
	bool notify;			/* when the listener is free */
	const char *note;
};
/*
 * Change it: notify -1 or note NULL leave it as it is, note "" clears it; *w
 * is what is there then. RC_NOT_FOUND: not saved.
 */
enum rc	favorite_settings(struct db *, struct arena *, int64_t user,
	    int64_t listener, int notify, const char *note, int64_t now,
	    struct favorite_settings *w);

/* Something of the studio, as E sees it before saving. */
struct favorite_studio {
	int64_t entity_id;
	bool allowed;			/* own, public, published, or a style */
};
/* RC_NOT_FOUND: there is none. */
enum rc	favorite_studio(struct db *, enum favorite_kind, const struct uuid *,
	    int64_t user, struct favorite_studio *);
/* A favorite by its own UUID, whoever has it. */
enum rc	favorite_by_uuid(struct db *, const struct uuid *, struct favorite *);

#endif
