/*
 * favorite_log: the activity log, the change feed for offline clients, and
 * lookups of several objects.
 */
#ifndef DOMAIN_FAVORITES_FAVORITE_LOG_H
#define DOMAIN_FAVORITES_FAVORITE_LOG_H

#include "domain/common/favoritable.h"
#include "domain/favorites/favorite.h"

/*
 * A change: saved (added to the favorites) or unsaved. `entity` is nil for
 * kinds without a UUID.
 */
struct favorite_event {
	int64_t seq, user_id;
	struct uuid user;
	enum favorite_kind kind;
	int64_t entity_id;
	struct uuid entity;
	bool saved;
	int64_t at;
	const char *request_id;
};
struct favorite_events {
	struct favorite_event *items;
	size_t n;
	bool more;
};

/*
 * Lists the log of a user, newest first, before seq `before` (INT64_MAX: all).
 */
enum rc	favorite_log_activity(struct db *, struct arena *, int64_t user,
	    int64_t before, int64_t limit, struct favorite_events *);

/*
 * Lists the log of a user after seq `since`, in the order of commits, at most
 * `limit` events. *full is set if `since` is 0 or older than the stored log.
 * Then the caller must send the current state instead, with
 * favorite_log_state(). *head is the seq to continue after that.
 */
enum rc	favorite_log_changes(struct db *, struct arena *, int64_t user,
	    int64_t since, int64_t limit, bool *full, int64_t *head,
	    struct favorite_events *);
/*
 * Lists all favorites of a user as "saved" events, ordered by kind and object,
 * after the given ones (0, 0: all). seq is the id of the favorite.
 */
enum rc	favorite_log_state(struct db *, struct arena *, int64_t user,
	    int64_t after_kind, int64_t after_entity, int64_t limit,
	    struct favorite_events *);

/*
 * Sets out[i] if the user has object i as a favorite, with one statement. Kinds
 * with a UUID use uuids[i], the others ids[i]. A nil UUID is never saved.
 */
enum rc	favorite_log_contains(struct db *, struct arena *, int64_t user,
	    size_t n, const enum favorite_kind *, const int64_t *ids,
	    const struct uuid *uuids, bool *out);

#endif
