/*
 * favorite: stores which objects users have added to their favorites.
 *
 * This module has users, kinds and object ids. The response texts and codes of
 * the four interfaces are in their handlers, which use `added` and `removed`. A
 * pair of user and object is unique. Triggers maintain counts. Each change is
 * logged in the same transaction; the log is both the activity log and the
 * change feed.
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
	struct uuid entity;		/* nil for listeners and flyers */
	int64_t created_at, updated_at;
};

/* Maximum number of log rows of a user; the oldest are deleted. */
#define FAVORITE_LOG_MAX 200000

/* The pair to change, the request and the time. */
struct favorite_change {
	int64_t user;
	enum favorite_kind kind;
	int64_t entity_id;
	struct uuid entity;		/* nil for listeners and flyers */
	int64_t now;
	const char *request_id;
};

/*
 * Adds a favorite. *added is set if it did not exist. If f is not NULL, *f is
 * the new or existing row. Returns RC_NOT_FOUND if the object does not exist
 * (err is not set), or RC_CONFLICT quota_exceeded if the user has the maximum
 * number of favorites.
 */
enum rc	favorite_add(struct db *, const struct conf *,
	    const struct favorite_change *, bool *added, struct favorite *f,
	    struct err *);
/* Removes a favorite. *removed is set if it existed. */
enum rc	favorite_remove(struct db *, const struct favorite_change *,
	    bool *removed);
/* Finds a favorite. *found is set if it exists. f may be NULL. */
enum rc	favorite_find(struct db *, int64_t user, enum favorite_kind,
	    int64_t entity_id, bool *found, struct favorite *f);

/*
 * Returns the id of an object by its public id, or RC_NOT_FOUND. UUIDs of
 * styles, creatives and documents are found also if the object is deleted.
 */
enum rc	favorite_entity(struct db *, enum favorite_kind, const struct uuid *,
	    int64_t *entity_id);

/*
 * The number of a user's favorites of a kind, and the version of that list. If
 * `removing` is not set, all favorites are visible. `catalog` changes with the
 * revision of any object of the kind; 0: the kind has no revisions.
 */
struct favorite_user_count {
	int64_t n, version;
	bool removing;
	int64_t catalog;
};
enum rc	favorite_user_count(struct db *, int64_t user, enum favorite_kind,
	    struct favorite_user_count *);
/*
 * Returns the number of users that have an object as a favorite. changed_at is
 * the time of the last change, INT64_MIN: never.
 */
enum rc	favorite_count(struct db *, const struct uuid *, int64_t *count,
	    int64_t *changed_at, int64_t *version);

/* A listener as a favorite to be added or removed. */
struct favorite_listener {
	const char *username;
	bool active, verified;
};
/* Returns RC_NOT_FOUND if the user does not exist or is not a listener. */
enum rc	favorite_listener(struct db *, struct arena *, int64_t user_id,
	    int64_t now, struct favorite_listener *);
/* The settings of a favorite listener. */
struct favorite_settings {
	bool notify;	/* alert the user when the listener is available */
	const char *note;
};
/*
 * Changes the settings and returns the result in *w. notify -1 and note NULL do
 * not change them; note "" deletes it. Returns RC_NOT_FOUND if the listener is
 * not a favorite.
 */
enum rc	favorite_settings(struct db *, struct arena *, int64_t user,
	    int64_t listener, int notify, const char *note, int64_t now,
	    struct favorite_settings *w);

/* A style, creative or document, as it is checked before it is added. */
struct favorite_studio {
	int64_t entity_id;
	bool allowed;	/* own, public or published, or a style */
};
/* Returns RC_NOT_FOUND if it does not exist. */
enum rc	favorite_studio(struct db *, enum favorite_kind, const struct uuid *,
	    int64_t user, struct favorite_studio *);
/* Loads a favorite of any user by its own UUID. */
enum rc	favorite_by_uuid(struct db *, const struct uuid *, struct favorite *);

#endif
