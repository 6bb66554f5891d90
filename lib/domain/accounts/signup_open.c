#include "domain/accounts/signup_open.h"

#include "base/str.h"
#include "domain/accounts/account.h"
#include "domain/accounts/signup.h"
#include "domain/accounts/username.h"
#include "domain/common/role.h"
#include "domain/money/returning_user.h"

#define NAME_TRIES	5

enum rc
signup_open_add(struct db *db, struct arena *a, const struct conf *conf,
    struct account_new *n, int64_t now, struct err *err)
{
	char name[USERNAME_GENERATED];
	int i;
	enum rc rc = RC_CONFLICT;

	n->status = USER_ACTIVE;
	n->roles = role_bit("customer");
	n->proved = true;
	for (i = 0; i < NAME_TRIES && rc == RC_CONFLICT; i++) {
		username_generate(name);
		n->username = name;
		rc = account_add(db, n, now, err);
		if (rc == RC_CONFLICT && !str_eq(err->code, "username_taken"))
			return rc;
	}
	n->username = arena_str(a, name);
	if (rc == RC_OK)
		rc = username_set_generated(db, n->id);
	if (rc == RC_OK && (n->email != NULL || n->phone != NULL))
		rc = returning_user_link(db, a, conf, n->id,
		    n->email != NULL ? n->email : n->phone, now, err);
	return rc;
}

enum rc
signup_open(struct db *db, struct arena *a, const struct conf *conf,
    const struct otp_used *used, int64_t referrer, int64_t now,
    int64_t *user, bool *created, struct err *err)
{
	bool email = used->channel == OUTBOX_EMAIL;
	struct account_new n = { .referred_by = referrer,
	    .email = email ? used->identifier : NULL,
	    .phone = email ? NULL : used->identifier };
	struct account_match m;
	enum rc rc;

	*created = false;
	rc = account_find(db, a, used->kind, used->identifier, &m);
	if (rc != RC_OK)
		return rc;
	*user = m.owner.id != 0 ? m.owner.id : m.pending.id;
	if (m.owner.id != 0)
		return RC_OK;
	if (m.pending.id != 0)
		return signup_activate(db, a, conf, &m.pending, used, referrer,
		    now, err);
	rc = signup_open_add(db, a, conf, &n, now, err);
	*user = n.id;
	*created = rc == RC_OK;
	return rc;
}
