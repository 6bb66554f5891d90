#include "domain/listeners/listener.h"

#include "base/clock.h"
#include "base/hash.h"
#include "domain/common/id_page.h"
#include "domain/common/language.h"
#include "domain/common/text_list.h"
#include "domain/listeners/presence.h"
#include "json/json_build.h"

#define ROLES_LISTENER	2	/* bit in user.roles */

/* Expected length of a call if a listener has none in the last 30 days. */
#define DEFAULT_CALL_MS	(10 * MINUTE)

int64_t
listener_rating(int64_t sum, int64_t n)
{
	return n > 0 ? (sum * 10 + n / 2) / n : 0;
}

int64_t
listener_wait(int64_t busy_since, int64_t mean_call_ms, int64_t now)
{
	int64_t left;

	if (busy_since == INT64_MIN)
		return INT64_MIN;
	left = mean_call_ms == INT64_MIN ? DEFAULT_CALL_MS : mean_call_ms;
	left -= now - busy_since;
	return left <= MINUTE ? 1 : (left + MINUTE - 1) / MINUTE;
}

int
listener_card_row(struct stmt *q, int col, struct arena *arena, int64_t now,
    struct listener_card *card)
{
	struct presence p;
	int64_t mean;

	card->user_id = stmt_col_int(q, col);
	card->username = stmt_col_text(q, col + 1, arena);
	card->sex = stmt_col_text(q, col + 2, arena);
	card->bio = stmt_col_text(q, col + 3, arena);
	card->interests = text_list_split(arena, stmt_col_peek(q, col + 4));
	card->image = stmt_col_text(q, col + 5, arena);
	card->preferred_language = stmt_col_text(q, col + 6, arena);
	card->country = stmt_col_text(q, col + 7, arena);
	card->rating = listener_rating(stmt_col_int(q, col + 8),
	    stmt_col_int(q, col + 9));
	mean = stmt_col_opt(q, col + 10);
	col = presence_row(q, col + 11, now, &p);
	card->is_online = p.is_online;
	card->is_busy = p.is_busy;
	card->is_available = p.is_online && !p.is_busy;
	card->last_seen = p.last_seen;
	card->wait_time = listener_wait(p.busy_since, mean, now);
	card->next_available_at = stmt_col_opt(q, col);
	return col + 1;
}

int64_t
listener_card_next(const struct listener_card *card)
{
	return card->is_online ? INT64_MIN : card->next_available_at;
}

void
listener_card_hide(struct listener_card *card)
{
	card->is_online = card->is_busy = card->is_available = false;
	card->last_seen = card->wait_time = INT64_MIN;
}

const char *const verification_names[] = {
	"pending", "verified", "rejected", NULL
};

static void
read_item(struct stmt *q, struct arena *arena, int64_t now,
    struct listener_item *item)
{
	int col = listener_card_row(q, 0, arena, now, &item->card);

	item->languages = text_list_split(arena, stmt_col_peek(q, col));
	item->rate = stmt_col_int(q, col + 1);
	item->sessions = stmt_col_int(q, col + 2);
	item->reviews = stmt_col_int(q, col + 3);
	item->favorites = stmt_col_int(q, col + 4);
	item->is_favorited = stmt_col_int(q, col + 5) != 0;
	item->listed = stmt_col_int(q, col + 6) != 0;
	item->verification = (enum verification)stmt_col_int(q, col + 7);
	item->reason = stmt_col_text(q, col + 8, arena);
	item->registered_at = stmt_col_int(q, col + 9);
	item->status = (int)stmt_col_int(q, col + 10);
	for (int kind = 0; kind < LISTENER_KINDS; kind++)
		item->rates.v[kind] = stmt_col_opt(q, col + 11 + kind);
	if (stmt_col_int(q, col + 11 + LISTENER_KINDS) != 0)
		listener_card_hide(&item->card);
}

enum rc
listener_items(struct db *db, struct arena *arena, const int64_t *ids, size_t n,
    int64_t viewer, int64_t now, struct listener_item **items, size_t *found)
{
	struct stmt *q = stmt_get(db, Q_LISTENER_ITEMS);

	*items = arena_zalloc(arena, n, sizeof(**items));
	*found = 0;
	stmt_text(q, ":ids", id_page_json(arena, ids, n));
	stmt_int(q, ":viewer", viewer);
	stmt_int(q, ":now", now);
	while (*found < n && stmt_row(q))
		read_item(q, arena, now, &(*items)[(*found)++]);
	return stmt_done(q);
}

/* Returns whether one of the first n items is that of a user. */
static bool
has_user(const struct listener_item *items, size_t n, int64_t user)
{
	while (n-- > 0)
		if (items[n].card.user_id == user)
			return true;
	return false;
}

enum rc
listener_named(struct db *db, struct arena *arena, const int64_t *ids, size_t n,
    int64_t viewer, int64_t now, struct listener_item **items, size_t *found)
{
	size_t listed = 0, i;
	enum rc rc;

	rc = listener_items(db, arena, ids, n, viewer, now, items, found);
	for (i = 0; rc == RC_OK && i < *found; i++)
		if ((*items)[i].listed && !has_user(*items, listed,
		    (*items)[i].card.user_id))
			(*items)[listed++] = (*items)[i];
	*found = listed;
	return rc;
}

static enum rc
load_listener(struct db *db, struct arena *arena, int64_t id, int64_t viewer,
    int64_t now, bool listed, struct listener_item *item, struct err *err)
{
	struct listener_item *items;
	size_t found;
	enum rc rc;

	rc = listener_items(db, arena, &id, 1, viewer, now, &items, &found);
	if (rc != RC_OK)
		return rc;
	if (found == 0 || (listed && !items->listed))
		return err_set(err, RC_NOT_FOUND, NULL, "Listener not found");
	*item = *items;
	return RC_OK;
}

enum rc
listener_get(struct db *db, struct arena *arena, int64_t id, int64_t viewer,
    int64_t now, struct listener_item *item, struct err *err)
{
	return load_listener(db, arena, id, viewer, now, true, item, err);
}

enum rc
listener_own(struct db *db, struct arena *arena, int64_t user, int64_t now,
    struct listener_item *item, struct err *err)
{
	return load_listener(db, arena, user, user, now, false, item, err);
}

static uint64_t
hash_text(uint64_t h, const char *text)
{
	/* The NUL is hashed too, so that "ab","c" and "a","bc" differ. */
	return text ? hash_fast(h, text, strlen(text) + 1) :
	    hash_fast(h, "\1", 1);
}

static uint64_t
hash_list(uint64_t h, const struct strv *list)
{
	for (size_t i = 0; i < list->n; i++)
		h = hash_text(h, list->v[i]);
	return hash_fast(h, &list->n, sizeof(list->n));
}

uint64_t
listener_hash(const struct listener_item *item, uint64_t h)
{
	const struct listener_card *c = &item->card;
	const int64_t numbers[] = {
		c->user_id, c->rating, c->is_online, c->is_busy, c->last_seen,
		c->wait_time, listener_card_next(c),
		item->rate, item->sessions, item->reviews,
		item->favorites, item->is_favorited, item->verification,
	};

	h = hash_fast(h, numbers, sizeof(numbers));
	h = hash_fast(h, &item->rates, sizeof(item->rates));
	h = hash_text(h, c->username);
	h = hash_text(h, c->sex);
	h = hash_text(h, c->bio);
	h = hash_text(h, c->image);
	h = hash_text(h, c->preferred_language);
	h = hash_text(h, c->country);
	h = hash_text(h, item->reason);
	h = hash_list(h, &c->interests);
	return hash_list(h, &item->languages);
}

/* Replaces languages by their codes. Unknown ones are RC_INVALID. */
static enum rc
normalize_languages(struct arena *arena, struct strv *languages,
    struct err *err)
{
	if (languages->v && languages->n == 0)
		return err_field(err, "languages", "must name at least one");
	for (size_t i = 0; i < languages->n; i++) {
		const char *code = language_code(languages->v[i]);

		if (!code)
			return err_field(err, "languages", arena_fmt(arena,
			    "\"%s\" is not a known language",
			    languages->v[i]));
		languages->v[i] = code;
	}
	return RC_OK;
}

static enum rc
set_languages(struct db *db, struct arena *arena, int64_t user,
    const struct strv *list)
{
	struct stmt *q;
	enum rc rc;

	q = stmt_get(db, Q_LISTENER_LANGUAGES_DROP);
	stmt_int(q, ":user", user);
	rc = stmt_run(q);
	if (rc != RC_OK)
		return rc;
	q = stmt_get(db, Q_LISTENER_LANGUAGES_ADD);
	stmt_int(q, ":user", user);
	stmt_text(q, ":languages", json_build_strings(arena, list));
	return stmt_run(q);
}

/* Updates the part of the input that is stored in the user's profile. */
static enum rc
set_user(struct db *db, struct arena *arena, int64_t user, int64_t roles,
    const struct listener_input *in, int64_t now)
{
	struct stmt *q = stmt_get(db, Q_LISTENER_USER);
	const char *interests = NULL;

	if (in->interests.v) {
		interests = text_list_join(arena, &in->interests);
		if (!interests)
			interests = "";
	}
	stmt_int(q, ":user", user);
	stmt_int(q, ":roles", roles);
	stmt_text(q, ":bio", in->bio);
	stmt_text(q, ":interests", interests);
	stmt_int(q, ":now", now);
	return stmt_run(q);
}

/* Returns RC_NOT_FOUND if the user is not a listener. */
static enum rc
listener_state(struct db *db, int64_t user, enum verification *v)
{
	struct stmt *q = stmt_get(db, Q_LISTENER_STATE);
	bool found;
	enum rc rc;

	stmt_int(q, ":user", user);
	found = stmt_row(q);
	if (found)
		*v = (enum verification)stmt_col_int(q, 0);
	rc = stmt_done(q);
	return rc != RC_OK || found ? rc : RC_NOT_FOUND;
}

enum rc
listener_register(struct db *db, struct arena *arena, int64_t user,
    const struct listener_input *input, int64_t now, struct err *err)
{
	struct listener_input in = *input;
	struct listener_rates none, rates;
	enum verification v;
	struct stmt *q;
	enum rc rc;

	listener_rate_init(&none);
	rc = normalize_languages(arena, &in.languages, err);
	if (rc == RC_OK)
		rc = listener_rate_apply(&none, &in.rate, &rates, err);
	if (rc != RC_OK)
		return rc;
	rc = listener_state(db, user, &v);
	if (rc == RC_OK && v != LISTENER_REJECTED)
		return err_set(err, RC_CONFLICT, "already_registered",
		    "You are registered as a listener already.");
	if (rc != RC_OK && rc != RC_NOT_FOUND)
		return rc;
	rc = set_user(db, arena, user, ROLES_LISTENER, &in, now);
	if (rc != RC_OK)
		return rc;
	q = stmt_get(db, Q_LISTENER_PUT);
	stmt_int(q, ":user", user);
	stmt_int(q, ":rate", listener_rate_main(&rates));
	stmt_text(q, ":languages", text_list_join(arena, &in.languages));
	stmt_int(q, ":now", now);
	rc = stmt_run(q);
	if (rc == RC_OK)
		rc = listener_rate_register(db, user, &rates, now);
	return rc == RC_OK ? set_languages(db, arena, user, &in.languages) : rc;
}

enum rc
listener_change(struct db *db, struct arena *arena, const struct conf *conf,
    int64_t user, const struct listener_input *input,
    const struct audit_by *by, struct err *err)
{
	struct listener_input in = *input;
	const char *languages = NULL;
	enum verification v;
	struct stmt *q;
	enum rc rc;

	rc = normalize_languages(arena, &in.languages, err);
	if (rc != RC_OK)
		return rc;
	rc = listener_state(db, user, &v);
	if (rc == RC_NOT_FOUND)
		return err_set(err, rc, NULL, "Listener not found");
	if (rc == RC_OK)
		rc = listener_rate_set(db, arena, conf, user, &in.rate, by,
		    err);
	if (rc == RC_OK && (in.bio || in.interests.v))
		rc = set_user(db, arena, user, 0, &in, by->now);
	if (rc == RC_OK && in.languages.v) {
		languages = text_list_join(arena, &in.languages);
		rc = set_languages(db, arena, user, &in.languages);
	}
	if (rc != RC_OK)
		return rc;
	q = stmt_get(db, Q_LISTENER_CHANGE);
	stmt_int(q, ":user", user);
	stmt_text(q, ":languages", languages);
	return stmt_run(q);
}
