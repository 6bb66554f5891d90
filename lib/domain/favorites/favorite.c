#include "domain/favorites/favorite.h"

#include "base/str.h"
#include "domain/common/actor.h"
#include "domain/common/event.h"
#include "domain/common/favoritable.h"
#include "domain/common/quota.h"

/* What is the same in the lists of all users. */
struct catalog {
	bool removing;			/* objects or accounts are deleted */
	int64_t revision[FAVORITE_MAX];	/* 0: the kind has none */
};

/* Reads id, user_id, kind, entity_id, uuid, created_at, updated_at. */
static void
read_favorite(struct stmt *q, struct favorite *f)
{
	f->id = stmt_col_int(q, 0);
	f->user_id = stmt_col_int(q, 1);
	f->kind = (enum favorite_kind)stmt_col_int(q, 2);
	f->entity_id = stmt_col_int(q, 3);
	f->uuid = stmt_col_uuid(q, 4);
	f->created_at = stmt_col_int(q, 5);
	f->updated_at = stmt_col_int(q, 6);
}

/*
 * Adds an event if the user has another device, or was connected within the
 * time that events are kept. Most users have one device. For these, an event
 * would reduce the rate of changes by a fifth.
 */
static enum rc
add_event(struct db *db, const struct favorite_change *c, bool saved)
{
	struct stmt *q = stmt_get(db, Q_FAVORITE_HEARD);
	char uuid[UUID_TEXT];
	struct json_member id = JSON_INT("id", c->entity_id);
	bool has_reader;
	enum rc rc;

	stmt_int(q, ":user", c->user);
	has_reader = stmt_row(q) && stmt_col_int(q, 0) != 0;
	rc = stmt_done(q);
	if (rc != RC_OK || !has_reader)
		return rc;
	uuid_text(&c->entity, uuid);
	if (c->kind >= FAVORITE_DESTINATION)
		id = (struct json_member)JSON_STR("id", uuid);
	return event_add_object(db, c->user, EVENT_FAVORITE_CHANGED, c->now,
	    JSON_OBJECT(JSON_STR("kind", favorite_kind_names[c->kind - 1]),
	    id, JSON_BOOL("is_favorited", saved)));
}

/* Deletes the oldest rows of a user's log if it exceeds its maximum size. */
static enum rc
log_trim(struct db *db, int64_t user)
{
	struct stmt *q = stmt_get(db, Q_FAVORITE_LOG_SIZE);
	int64_t n = 0;
	enum rc rc;

	stmt_int(q, ":user", user);
	if (stmt_row(q))
		n = stmt_col_int(q, 0);
	rc = stmt_done(q);
	if (rc != RC_OK || n <= FAVORITE_LOG_MAX)
		return rc;
	q = stmt_get(db, Q_FAVORITE_LOG_TRIM);
	stmt_int(q, ":user", user);
	stmt_int(q, ":max", n - FAVORITE_LOG_MAX < 10 ? n - FAVORITE_LOG_MAX :
	    10);
	return stmt_run(q);
}

static enum rc
log_change(struct db *db, const struct favorite_change *c, bool saved)
{
	struct stmt *q = stmt_get(db, Q_FAVORITE_LOG_ADD);
	enum rc rc;

	stmt_int(q, ":user", c->user);
	stmt_int(q, ":kind", c->kind);
	stmt_int(q, ":entity", c->entity_id);
	stmt_uuid(q, ":uuid", &c->entity);
	stmt_int(q, ":action", saved);
	stmt_int(q, ":now", c->now);
	stmt_text(q, ":request", c->request_id);
	rc = stmt_run(q);
	if (rc == RC_OK)
		rc = log_trim(db, c->user);
	return rc == RC_OK ? add_event(db, c, saved) : rc;
}

enum rc
favorite_add(struct db *db, const struct conf *conf,
    const struct favorite_change *c, bool *added, struct favorite *f,
    struct err *err)
{
	struct uuid uuid = { { 0 } };
	struct stmt *q;
	bool found;
	enum rc rc;

	if (c->kind >= FAVORITE_DESTINATION)
		uuid = uuid_new(c->now);
	q = stmt_get(db, Q_FAVORITE_ADD);
	stmt_int(q, ":user", c->user);
	stmt_int(q, ":kind", c->kind);
	stmt_int(q, ":entity", c->entity_id);
	stmt_int(q, ":now", c->now);
	stmt_uuid(q, ":uuid", &uuid);
	rc = stmt_run(q);
	if (rc != RC_OK)
		return rc;
	*added = db_changes(db) > 0;
	if (!*added) {
		rc = favorite_find(db, c->user, c->kind, c->entity_id, &found,
		    f);
		if (f != NULL)
			f->entity = c->entity;
		/* the object is being deleted */
		return rc == RC_OK && !found ? RC_NOT_FOUND : rc;
	}
	if (f != NULL)
		*f = (struct favorite){ .id = db_last_id(db), .user_id =
		    c->user, .entity_id = c->entity_id, .kind = c->kind,
		    .uuid = uuid, .entity = c->entity, .created_at = c->now,
		    .updated_at = c->now };
	rc = quota_check_favorite(db, conf, c->user, err);
	return rc == RC_OK ? log_change(db, c, true) : rc;
}

enum rc
favorite_remove(struct db *db, const struct favorite_change *c, bool *removed)
{
	struct stmt *q = stmt_get(db, Q_FAVORITE_REMOVE);
	enum rc rc;

	stmt_int(q, ":user", c->user);
	stmt_int(q, ":kind", c->kind);
	stmt_int(q, ":entity", c->entity_id);
	rc = stmt_run(q);
	*removed = rc == RC_OK && db_changes(db) > 0;
	if (!*removed)
		return rc;
	/* The trigger that counts does not know the current time. */
	q = stmt_get(db, Q_FAVORITE_TOUCH);
	stmt_int(q, ":kind", c->kind);
	stmt_int(q, ":entity", c->entity_id);
	stmt_int(q, ":now", c->now);
	rc = stmt_run(q);
	return rc != RC_OK ? rc : log_change(db, c, false);
}

enum rc
favorite_find(struct db *db, int64_t user, enum favorite_kind kind,
    int64_t entity_id, bool *found, struct favorite *f)
{
	struct stmt *q = stmt_get(db, Q_FAVORITE_FIND);

	stmt_int(q, ":user", user);
	stmt_int(q, ":kind", kind);
	stmt_int(q, ":entity", entity_id);
	*found = stmt_row(q);
	if (*found && f != NULL)
		read_favorite(q, f);
	return stmt_done(q);
}

enum rc
favorite_entity(struct db *db, enum favorite_kind kind, const struct uuid *uuid,
    int64_t *entity_id)
{
	struct stmt *q = stmt_get(db, Q_FAVORITE_ENTITY);
	bool found;
	enum rc rc;

	stmt_uuid(q, ":uuid", uuid);
	stmt_int(q, ":kind", kind);
	found = stmt_row(q);
	if (found)
		*entity_id = stmt_col_int(q, 0);
	rc = stmt_done(q);
	return rc == RC_OK && !found ? RC_NOT_FOUND : rc;
}

/*
 * Reads favorite_catalog, or returns what an earlier request has read from the
 * same snapshot.
 */
static enum rc
read_catalog(struct db *db, struct catalog *out)
{
	static struct catalog kept;
	static uint64_t snapshot;
	uint64_t now = db_snapshot(db);
	struct stmt *q;
	enum rc rc;

	if (now != 0 && now == snapshot) {
		*out = kept;
		return RC_OK;
	}
	*out = (struct catalog){ .removing = true };
	q = stmt_get(db, Q_FAVORITE_CATALOG);
	if (stmt_row(q)) {
		out->removing = stmt_col_int(q, 0) != 0;
		out->revision[FAVORITE_FLYER] = stmt_col_int(q, 1);
		out->revision[FAVORITE_DESTINATION] = stmt_col_int(q, 2);
	}
	rc = stmt_done(q);
	kept = *out;
	snapshot = rc == RC_OK ? now : 0;
	return rc;
}

enum rc
favorite_user_count(struct db *db, int64_t user, enum favorite_kind kind,
    struct favorite_user_count *t)
{
	struct catalog catalog;
	int64_t removed;
	struct stmt *q;
	enum rc rc = read_catalog(db, &catalog);

	*t = (struct favorite_user_count){ .removing = catalog.removing,
	    .catalog = catalog.revision[kind] };
	if (rc != RC_OK)
		return rc;
	q = stmt_get(db, catalog.removing ? Q_FAVORITE_USER_COUNT :
	    Q_FAVORITE_USER_TOTAL);
	stmt_int(q, ":user", user);
	stmt_int(q, ":kind", kind);
	if (stmt_row(q)) {
		removed = catalog.removing ? stmt_col_int(q, 2) : 0;
		t->n = stmt_col_int(q, 0) - removed;
		t->version = stmt_col_int(q, 1) + removed;
		if (catalog.removing)
			t->version += stmt_col_int(q, 3) << 40;
	}
	return stmt_done(q);
}

enum rc
favorite_count(struct db *db, const struct uuid *uuid, int64_t *count,
    int64_t *changed_at, int64_t *version)
{
	struct stmt *q = stmt_get(db, Q_FAVORITE_COUNT);
	bool found;
	enum rc rc;

	stmt_uuid(q, ":uuid", uuid);
	stmt_int(q, ":kind", FAVORITE_DESTINATION);
	found = stmt_row(q);
	if (found) {
		*count = stmt_col_int(q, 0);
		*changed_at = stmt_col_opt(q, 1);
		*version = stmt_col_int(q, 2);
	}
	rc = stmt_done(q);
	return rc == RC_OK && !found ? RC_NOT_FOUND : rc;
}

enum rc
favorite_listener(struct db *db, struct arena *a, int64_t user_id, int64_t now,
    struct favorite_listener *l)
{
	struct stmt *q = stmt_get(db, Q_FAVORITE_LISTENER);
	bool found;
	enum rc rc;

	stmt_int(q, ":id", user_id);
	found = stmt_row(q) && stmt_col_int(q, 1) != USER_DELETED;
	if (found) {
		l->username = stmt_col_text(q, 0, a);
		l->active = actor_active((int)stmt_col_int(q, 1),
		    stmt_col_opt(q, 2), now);
		l->verified = stmt_col_int(q, 3) == 1;
	}
	rc = stmt_done(q);
	return rc == RC_OK && !found ? RC_NOT_FOUND : rc;
}

enum rc
favorite_settings(struct db *db, struct arena *a, int64_t user,
    int64_t listener, int notify, const char *note, int64_t now,
    struct favorite_settings *w)
{
	struct stmt *q = stmt_get(db, Q_FAVORITE_SETTINGS);
	bool found;
	enum rc rc;

	stmt_int(q, ":user", user);
	stmt_int(q, ":listener", listener);
	if (notify >= 0)
		stmt_int(q, ":notify", notify);
	stmt_text(q, ":note", note);
	stmt_int(q, ":now", now);
	found = stmt_row(q);
	if (found) {
		w->notify = stmt_col_int(q, 0) != 0;
		w->note = stmt_col_text(q, 1, a);
	}
	rc = stmt_done(q);
	return rc == RC_OK && !found ? RC_NOT_FOUND : rc;
}

enum rc
favorite_studio(struct db *db, enum favorite_kind kind, const struct uuid *uuid,
    int64_t user, struct favorite_studio *s)
{
	struct stmt *q = stmt_get(db, kind == FAVORITE_STYLE ?
	    Q_FAVORITE_STYLE : kind == FAVORITE_CREATIVE ? Q_FAVORITE_CREATIVE :
	    Q_FAVORITE_DOCUMENT);
	bool found;
	enum rc rc;

	stmt_uuid(q, ":uuid", uuid);
	found = stmt_row(q);
	if (found) {
		s->entity_id = stmt_col_int(q, 0);
		s->allowed = stmt_col_int(q, 1) != 0 ||
		    stmt_col_int(q, 2) == user;
	}
	rc = stmt_done(q);
	return rc == RC_OK && !found ? RC_NOT_FOUND : rc;
}

enum rc
favorite_by_uuid(struct db *db, const struct uuid *uuid, struct favorite *f)
{
	struct stmt *q = stmt_get(db, Q_FAVORITE_BY_UUID);
	bool found;
	enum rc rc;

	stmt_uuid(q, ":uuid", uuid);
	found = stmt_row(q);
	if (found) {
		read_favorite(q, f);
		f->entity = stmt_col_uuid(q, 7);
	}
	rc = stmt_done(q);
	return rc == RC_OK && !found ? RC_NOT_FOUND : rc;
}
