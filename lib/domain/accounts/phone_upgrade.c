#include "domain/accounts/phone_upgrade.h"

#include <inttypes.h>

#include "base/log.h"
#include "base/str.h"
#include "domain/accounts/account.h"
#include "domain/common/audit.h"
#include "domain/common/kv_setting.h"

#define BATCH 50

struct stored {
	int64_t user;
	const char *phone;
	bool proved;
};

enum rc
phone_upgrade_pending(struct job_run *run)
{
	int64_t last;
	enum rc rc = kv_setting_get(run->db, PHONE_UPGRADE, 0, &last);

	run->work = rc == RC_OK && last != INT64_MAX;
	return rc;
}

static enum rc
store(struct job_run *run, int64_t user, const char *phone)
{
	const struct audit_by by = { .now = run->now };
	struct stmt *q = stmt_get(run->db, Q_PHONE_UPGRADE_SET);
	enum rc rc;

	stmt_int(q, ":id", user);
	stmt_text(q, ":phone", phone);
	stmt_int(q, ":now", run->now);
	rc = stmt_run(q);
	run->done++;
	return rc == RC_OK ? audit_add(run->db, &by, "user.phone_upgrade",
	    arena_fmt(run->arena, "user:%" PRId64, user), NULL, NULL) : rc;
}

/* Converts one number. Increments *left if that is not possible. */
static enum rc
convert(struct job_run *run, const struct stored *s, int64_t *left)
{
	struct account owner = { .id = 0 };
	enum rc rc = RC_OK;
	char *text;

	if (identifier_read(run->arena, run->conf->default_country, s->phone,
	    &text) != ID_PHONE) {
		log_warn("phone", "the phone number of account %" PRId64
		    " is impossible, so it cannot be used to sign in", s->user);
		++*left;
		return RC_OK;
	}
	if (str_eq(text, s->phone))
		return RC_OK;
	if (s->proved)
		rc = account_owner(run->db, run->arena, OUTBOX_SMS, text,
		    &owner);
	if (rc != RC_OK || owner.id == 0)
		return rc == RC_OK ? store(run, s->user, text) : rc;
	log_warn("phone", "accounts %" PRId64 " and %" PRId64 " have the same "
	    "phone number in two forms; the first cannot use it to sign in",
	    s->user, owner.id);
	++*left;
	return RC_OK;
}

enum rc
phone_upgrade_run(struct job_run *run)
{
	struct stored found[BATCH];
	int64_t last, left;
	size_t n = 0, i;
	struct stmt *q;
	enum rc rc;

	rc = kv_setting_get(run->db, PHONE_UPGRADE, 0, &last);
	if (rc == RC_OK)
		rc = kv_setting_get(run->db, PHONE_UPGRADE_LEFT, 0, &left);
	if (rc != RC_OK || last == INT64_MAX)
		return rc;
	q = stmt_get(run->db, Q_PHONE_UPGRADE_NEXT);
	stmt_int(q, ":after", last);
	stmt_int(q, ":max", BATCH);
	for (; n < BATCH && stmt_row(q); n++)
		found[n] = (struct stored){ stmt_col_int(q, 0),
		    stmt_col_text(q, 1, run->arena), stmt_col_int(q, 2) != 0 };
	rc = stmt_done(q);
	for (i = 0; i < n && rc == RC_OK; i++)
		rc = convert(run, &found[i], &left);
	if (rc == RC_OK)
		rc = kv_setting_put(run->db, PHONE_UPGRADE_LEFT, left);
	run->more = n == BATCH;
	return rc == RC_OK ? kv_setting_put(run->db, PHONE_UPGRADE,
	    run->more ? found[n - 1].user : INT64_MAX) : rc;
}
