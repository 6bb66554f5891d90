/*
 * favorite_log: what happened to favorites: the activity log, the change
 * feed for offline clients, mixed look-ups, and what is saved most.
 */
#ifndef DOMAIN_FAVORITES_FAVORITE_LOG_H
#define DOMAIN_FAVORITES_FAVORITE_LOG_H

#include "domain/common/favoritable.h"
#include "domain/favorites/favorite.h"

/* A save or an unsave. For int kinds entity is nil. */
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

/* A user's own log, newest first, before seq `before` (INT64_MAX: all). */
enum rc	favorite_log_activity(struct db *, struct arena *, int64_t user,
	    int64_t before, int64_t limit, struct favorite_events *);

/*
 * The log after seq `since`, in commit order, at most limit events. *full:
 * since is older than what is kept (or 0), so the caller must send the present
 * state instead, by favorite_log_state(). *head is the seq to go on from after
 * it.
 */
enum rc	favorite_log_changes(struct db *, struct arena *, int64_t user,
	    int64_t since, int64_t limit, bool *full, int64_t *head,
	    struct favorite_events *);
/*
 * Every favorite of a user as a save event, by kind and entity, after the one
 * given (0, 0: all). seq is the favorite's id.
 */
enum rc	favorite_log_state(struct db *, struct arena *, int64_t user,
	    int64_t after_kind, int64_t after_entity, int64_t limit,
	    struct favorite_events *);

/*
 * Which of n things has the user saved? One statement. For kinds with a UUID
 * `uuids[i]` counts, for the others ids[i]; a nil UUID is never saved.
 */
enum rc	favorite_log_contains(struct db *, struct arena *, int64_t user,
	    size_t n, const enum favorite_kind *, const int64_t *ids,
	    const struct uuid *uuids, bool *out);

enum favorite_window { FAVORITE_24H, FAVORITE_7D, FAVORITE_30D };
struct favorite_popular {
	int64_t rank, entity_id, saves, favorites_count;
	struct uuid entity;
	const char *title;		/* name, title or username */
};
/*
 * The most saved of a kind, from the ranking that the jobs keep; what is gone,
 * not listed or not public is left out. At most limit.
 */
enum rc	favorite_log_popular(struct db *, struct arena *, enum favorite_kind,
	    enum favorite_window, int64_t limit, struct favorite_popular **,
	    size_t *n);

#endif
