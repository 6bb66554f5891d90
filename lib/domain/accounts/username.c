#include "domain/accounts/username.h"

#include "base/random.h"
#include "base/str.h"
#include "domain/accounts/security_log.h"
#include "domain/common/identifier.h"

void
username_generate(char out[USERNAME_GENERATED])
{
	static const char chars[] = "23456789abcdefghjkmnpqrstuvwxyz";
	char *at = stpcpy(out, "user_");

	while (at < out + USERNAME_GENERATED - 1)
		*at++ = chars[random_below(sizeof(chars) - 1)];
	*at = '\0';
}

static enum rc
run_for(struct db *db, enum stmt_id id, int64_t user)
{
	struct stmt *q = stmt_get(db, id);

	stmt_int(q, ":user", user);
	return stmt_run(q);
}

enum rc
username_set_generated(struct db *db, int64_t user)
{
	return run_for(db, Q_USERNAME_SET_GENERATED, user);
}

enum rc
username_unset_generated(struct db *db, int64_t user)
{
	return run_for(db, Q_USERNAME_UNSET_GENERATED, user);
}

enum rc
username_choose(struct db *db, struct arena *a, int64_t user,
    const char *username, int64_t now, struct err *err)
{
	struct stmt *q;
	bool generated;
	enum rc rc;

	if (!identifier_check_username(a, &username, err))
		return RC_INVALID;
	q = stmt_get(db, Q_USERNAME_IS_GENERATED);
	stmt_int(q, ":user", user);
	generated = stmt_row(q);
	rc = stmt_done(q);
	if (rc != RC_OK)
		return rc;
	if (!generated)
		return err_set(err, RC_FORBIDDEN, "username_fixed",
		    "The username was chosen before and cannot be changed");
	q = stmt_get(db, Q_USERNAME_CHANGE);
	stmt_int(q, ":user", user);
	stmt_text(q, ":username", username);
	stmt_int(q, ":now", now);
	rc = stmt_run(q);
	if (rc == RC_CONFLICT)
		return err_set(err, rc, "username_taken",
		    "This username is taken");
	if (rc == RC_OK)
		rc = username_unset_generated(db, user);
	return rc == RC_OK ? security_log_add(db, user,
	    SECURITY_USERNAME_CHANGED, 0, username, now) : rc;
}
