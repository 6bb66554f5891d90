#include "domain/accounts/profile.h"

#include "base/image_store.h"
#include "domain/common/country.h"
#include "domain/common/language.h"
#include "domain/common/role.h"
#include "domain/common/text_list.h"
#include "domain/messaging/moderation_notice.h"
#include "json/json_build.h"

void
profile_check_country(struct arena *a, const char **country, struct err *err)
{
	char *code;

	if (*country == NULL || (*country)[0] == '\0')
		return;
	if (country_name(*country) == NULL) {
		err_field(err, "country", "must be an ISO 3166 code like IN");
		return;
	}
	code = arena_str(a, *country);
	code[0] = (char)(str_lower_ch(code[0]) - 'a' + 'A');
	code[1] = (char)(str_lower_ch(code[1]) - 'a' + 'A');
	*country = code;
}

void
profile_check_language(const char **language, struct err *err)
{
	const char *code;

	if (*language == NULL || (*language)[0] == '\0')
		return;
	code = language_code(*language);
	if (code == NULL)
		err_field(err, "preferred_language", "must be the code or the "
		    "English name of a language");
	else
		*language = code;
}

static enum rc
change_check(struct arena *a, struct profile_change *c, struct err *err)
{
	if (c->sex != NULL && c->sex[0] != '\0' && !str_eq(c->sex, "male") &&
	    !str_eq(c->sex, "female") && !str_eq(c->sex, "other"))
		err_field(err, "sex", "must be one of male, female, other");
	profile_check_country(a, &c->country, err);
	profile_check_language(&c->preferred_language, err);
	return err->fields == NULL ? RC_OK : RC_INVALID;
}

/* Binds a member: whether it is given, and its new value ("" is null). */
static void
bind_change(struct stmt *q, const char *set, const char *name,
    const char *value)
{
	stmt_int(q, set, value != NULL);
	stmt_text(q, name, value != NULL && value[0] != '\0' ? value : NULL);
}

enum rc
profile_update(struct db *db, struct arena *a, int64_t user,
    struct profile_change *c, int64_t now, struct err *err)
{
	struct stmt *q;
	enum rc rc;

	rc = change_check(a, c, err);
	if (rc != RC_OK)
		return rc;
	q = stmt_get(db, Q_PROFILE_UPDATE);
	stmt_int(q, ":id", user);
	bind_change(q, ":set_sex", ":sex", c->sex);
	bind_change(q, ":set_bio", ":bio", c->bio);
	bind_change(q, ":set_language", ":language", c->preferred_language);
	bind_change(q, ":set_country", ":country", c->country);
	stmt_int(q, ":set_interests", c->interests.v != NULL);
	stmt_text(q, ":interests", c->interests.v == NULL ? NULL :
	    text_list_join(a, &c->interests));
	stmt_int(q, ":now", now);
	return stmt_run(q);
}

static enum rc
get_image(struct db *db, struct arena *a, int64_t user, const char **name)
{
	struct stmt *q = stmt_get(db, Q_PROFILE_IMAGE);

	stmt_int(q, ":id", user);
	*name = stmt_row(q) ? stmt_col_text(q, 0, a) : NULL;
	return stmt_done(q);
}

static enum rc
store_image(struct db *db, int64_t user, const char *name, int64_t now)
{
	struct stmt *q = stmt_get(db, Q_PROFILE_SET_IMAGE);

	stmt_int(q, ":id", user);
	stmt_text(q, ":name", name);
	stmt_int(q, ":now", now);
	return stmt_run(q);
}

enum rc
profile_set_image(struct db *db, struct arena *a, const struct conf *conf,
    int64_t user, const char *name, int64_t now, bool *used)
{
	const char *old;
	enum rc rc = get_image(db, a, user, &old);

	*used = rc == RC_OK && (old == NULL ||
	    !image_store_same(conf->media_dir, old, name));
	return *used ? store_image(db, user, name, now) : rc;
}

enum rc
profile_drop_image(struct db *db, struct arena *a, int64_t user, int64_t now)
{
	const char *old;
	enum rc rc = get_image(db, a, user, &old);

	return rc == RC_OK && old != NULL ? store_image(db, user, NULL, now) :
	    rc;
}

static enum rc
audit_image(struct db *db, struct arena *a, int64_t user, const char *image,
    const char *reason, const struct audit_by *by)
{
	return audit_add(db, by, "user.remove_image", arena_fmt(a,
	    "user:%lld", (long long)user), json_build_object(a, JSON_OBJECT(
	    JSON_STR("image", image))), json_build_object(a, JSON_OBJECT(
	    JSON_STR("image", NULL), JSON_STR("reason", reason))));
}

enum rc
profile_moderate_image(struct db *db, struct arena *a, int64_t user,
    const char *reason, const struct audit_by *by, struct err *err)
{
	struct moderation_notice notice = { .reason = reason };
	const char *old = NULL;
	enum rc rc = role_check_staff(db, user, by, err);

	if (rc == RC_OK)
		rc = get_image(db, a, user, &old);
	if (rc != RC_OK || old == NULL)
		return rc;
	rc = store_image(db, user, NULL, by->now);
	if (rc == RC_OK)
		rc = audit_image(db, a, user, old, reason, by);
	return rc != RC_OK ? rc :
	    moderation_notice_picture(db, a, user, &notice, by->now);
}
