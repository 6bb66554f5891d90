#include "domain/ops/import.h"

#include "domain/accounts/account.h"
#include "domain/accounts/profile.h"
#include "domain/common/audit.h"
#include "domain/common/favoritable.h"
#include "domain/common/role.h"
#include "json/json_build.h"

static const char *const sexes[] = { "male", "female", "other", NULL };

#define TEXT(word, m, flag, most) \
	{ .name = (word), .type = F_STR, .flags = FIELD_TRIM | (flag), \
	    .off = offsetof(struct import_listener, m), .min = 1, \
	    .max = (most) }

static const struct field fields[] = {
	TEXT("username", username, FIELD_REQUIRED, USERNAME_MAX),
	TEXT("email", email, 0, EMAIL_MAX),
	TEXT("phone", phone, 0, IDENTIFIER_MAX),
	TEXT("country", country, 0, 60),
	TEXT("preferred_language", preferred_language, 0, 60),
	{ .name = "sex", .type = F_ENUM, .words = sexes, .dflt = -1,
	    .off = offsetof(struct import_listener, sex) },
	{ .name = "verified", .type = F_BOOL, .dflt = 1,
	    .off = offsetof(struct import_listener, verified) },
	TEXT("bio", input.bio, FIELD_CTL, BIO_MAX),
	{ .name = "languages", .type = F_STRV, .flags = FIELD_REQUIRED,
	    .off = offsetof(struct import_listener, input.languages),
	    .min = 1, .max = 20, .max2 = 60 },
	{ .name = "interests", .type = F_STRV,
	    .off = offsetof(struct import_listener, input.interests),
	    .max = INTERESTS_MAX, .max2 = INTEREST_MAX },
	{ .name = "rate_per_minute", .type = F_INT, .flags = FIELD_REQUIRED,
	    .off = offsetof(struct import_listener, input.rate.rate),
	    .min = 0, .max = LISTENER_RATE_MAX, .dflt = FIELD_NONE },
};
const struct field_table import_listener_table =
    FIELD_TABLE(fields, struct import_listener);

enum rc
import_owner(struct db *db, struct arena *arena, const char *field,
    const char *username, int64_t *id, struct err *err)
{
	char *name = arena_str(arena, username);
	struct stmt *q = stmt_get(db, Q_IMPORT_OWNER);
	enum rc rc;

	str_lower(name);
	stmt_text(q, ":username", name);
	*id = stmt_row(q) ? stmt_col_int(q, 0) : 0;
	rc = stmt_done(q);
	return rc != RC_OK || *id != 0 ? rc :
	    err_field(err, field, "must be the username of an active account");
}

/* Normalizes a row, or adds fields to err. */
static enum rc
normalize(struct arena *arena, const struct conf *conf,
    struct import_listener *l, struct err *err)
{
	identifier_check_username(arena, &l->username, err);
	if (l->email != NULL)
		identifier_check_email(arena, &l->email, err);
	if (l->phone != NULL)
		identifier_check_phone(arena, conf->default_country, &l->phone,
		    err);
	profile_check_country(arena, &l->country, err);
	profile_check_language(&l->preferred_language, err);
	listener_rate_check(arena, conf, &l->input.rate, err);
	return err->fields == NULL ? RC_OK : RC_INVALID;
}

enum rc
import_listener_put(struct db *db, struct arena *arena,
    const struct conf *conf, struct import_listener *l, int64_t now, enum put *put, struct err *err)
{
	struct account_new new;
	struct account_match match;
	struct stmt *q;
	enum rc rc;

	listener_rate_init(&l->input.rate.rates);
	rc = normalize(arena, conf, l, err);
	if (rc == RC_OK)
		rc = account_find(db, arena, ID_USERNAME, l->username, &match);
	if (rc != RC_OK)
		return rc;
	*put = PUT_SAME;
	if (match.owner.id != 0)
		return match.owner.roles & role_bit("listener") ? RC_OK :
		    err_field(err, "username",
		    "belongs to a user who is not a listener");
	*put = PUT_ADDED;
	new = (struct account_new){ .username = l->username,
	    .sex = l->sex < 0 ? NULL : sexes[l->sex], .country = l->country,
	    .preferred_language = l->preferred_language, .email = l->email,
	    .phone = l->phone, .roles = role_bit("customer"),
	    .status = USER_ACTIVE, .proved = true };
	rc = account_add(db, &new, now, err);
	if (rc == RC_OK)
		rc = listener_register(db, arena, new.id, &l->input, now, err);
	if (rc != RC_OK || !l->verified)
		return rc;
	q = stmt_get(db, Q_IMPORT_VERIFY);
	stmt_int(q, ":id", new.id);
	stmt_int(q, ":now", now);
	return stmt_run(q);
}

enum rc
import_begin(struct db *db, enum favorite_kind kind)
{
	if (kind == FAVORITE_FLYER)
		return stmt_run(stmt_get(db, Q_IMPORT_FLYERS));
	if (kind == FAVORITE_DESTINATION)
		return stmt_run(stmt_get(db, Q_IMPORT_DESTINATIONS));
	return RC_OK;
}

enum rc
import_end(struct db *db, enum favorite_kind kind)
{
	static const enum stmt_id flyers[] = {
		Q_IMPORT_FLYERS_COUNTER, Q_IMPORT_FLYERS_TEXT
	};
	static const enum stmt_id destinations[] = {
		Q_IMPORT_DESTINATIONS_COUNTER, Q_IMPORT_DESTINATIONS_TEXT
	};
	const enum stmt_id *deferred = kind == FAVORITE_FLYER ? flyers :
	    kind == FAVORITE_DESTINATION ? destinations : NULL;
	struct stmt *q;
	enum rc rc;

	if (deferred == NULL)
		return RC_OK;
	rc = stmt_run(stmt_get(db, deferred[0]));
	if (rc == RC_OK)
		rc = stmt_run(stmt_get(db, deferred[1]));
	if (rc != RC_OK)
		return rc;
	q = stmt_get(db, Q_IMPORT_END);
	stmt_int(q, ":kind", kind);
	return stmt_run(q);
}

enum rc
import_audit_begin(struct db *db, struct arena *arena, const char *kind,
    int64_t rows, int64_t now)
{
	return audit_add(db, &(struct audit_by){ .now = now }, "import.begin",
	    kind, NULL, json_build_object(arena, JSON_OBJECT(
	    JSON_INT("rows", rows))));
}

enum rc
import_audit(struct db *db, struct arena *arena, const char *kind,
    const struct import_count *n, int64_t now)
{
	return audit_add(db, &(struct audit_by){ .now = now }, "import", kind,
	    NULL, json_build_object(arena, JSON_OBJECT(
	    JSON_INT("rows", n->rows), JSON_INT("added", n->added),
	    JSON_INT("changed", n->changed))));
}
