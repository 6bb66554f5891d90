/*
 * payment_flag: flags of payments, and captured amounts that an administrator
 * accepts.
 */
#include "base/str.h"
#include "domain/money/payment_row.h"
#include "domain/money/wallet_close.h"

enum rc
payment_flag(struct db *db, int64_t id, const char *flag, int64_t now)
{
	return payment_flag_captured(db, id, flag, NULL, now);
}

enum rc
payment_flag_captured(struct db *db, int64_t id, const char *flag,
    const struct payment_event *ev, int64_t now)
{
	struct stmt *q = stmt_get(db, Q_PAYMENT_FLAG_ADD);
	bool captured = ev != NULL && ev->amount > 0 && ev->currency != NULL;

	stmt_int(q, ":payment", id);
	stmt_text(q, ":flag", flag);
	stmt_opt(q, ":amount", captured ? ev->amount : INT64_MIN);
	stmt_text(q, ":currency", captured ? ev->currency : NULL);
	stmt_text(q, ":paid_ref", captured ? ev->paid_ref : NULL);
	stmt_int(q, ":now", now);
	return stmt_run(q);
}

/* Writes an audit row with the flags before and after a change. */
static enum rc
audit_flags(struct db *db, struct arena *a, const struct payment *before,
    const char *action, const char *note, const struct audit_by *by)
{
	const char *from = NULL, *to = NULL;
	struct stmt *q = stmt_get(db, Q_PAYMENT_FLAG_AUDIT);
	enum rc rc;

	stmt_int(q, ":id", before->id);
	stmt_text(q, ":flags", before->flags);
	stmt_int(q, ":amount", before->amount);
	stmt_text(q, ":note", note);
	if (stmt_row(q)) {
		from = stmt_col_text(q, 0, a);
		to = stmt_col_text(q, 1, a);
	}
	rc = stmt_done(q);
	return rc == RC_OK ? audit_add(db, by, action, arena_fmt(a,
	    "payment:%lld", (long long)before->id), from, to) : rc;
}

enum rc
payment_unflag(struct db *db, struct arena *a, int64_t id, const char *note,
    const struct audit_by *by, struct payment *p, struct err *err)
{
	struct payment before;
	struct stmt *q;
	enum rc rc = payment_get(db, a, id, 0, &before, err);

	*p = before;
	if (rc != RC_OK || p->flag == NULL)
		return rc;
	q = stmt_get(db, Q_PAYMENT_FLAG_CLEAR);
	stmt_int(q, ":payment", id);
	rc = stmt_run(q);
	if (rc == RC_OK)
		rc = audit_flags(db, a, &before, "payment.unflag", note, by);
	return rc == RC_OK ? payment_get(db, a, id, 0, p, err) : rc;
}

/* An amount that the provider captured, as a flag stored it. */
struct captured {
	int64_t flag, amount;
	const char *currency, *paid_ref;
	size_t n;			/* number of different ones */
};

/* Finds the captured amount of a payment's flags; amount 0: the only one. */
static enum rc
find_captured(struct db *db, struct arena *a, int64_t id, int64_t amount,
    struct captured *c)
{
	struct stmt *q = stmt_get(db, Q_PAYMENT_FLAG_CAPTURED);

	*c = (struct captured){ .n = 0 };
	stmt_int(q, ":payment", id);
	stmt_int(q, ":amount", amount);
	while (stmt_row(q)) {
		if (c->n > 0 && stmt_col_int(q, 1) == c->amount)
			continue;
		c->n++;
		c->flag = stmt_col_int(q, 0);
		c->amount = stmt_col_int(q, 1);
		c->currency = stmt_col_text(q, 2, a);
		c->paid_ref = stmt_col_text(q, 3, a);
	}
	return stmt_done(q);
}

/* Checks that a captured amount can be credited. */
static enum rc
check_accept(struct db *db, struct arena *a, const struct payment *p,
    int64_t amount, struct captured *c, struct err *err)
{
	bool closed;
	enum rc rc;

	if (p->credited_at != INT64_MIN)
		return err_set(err, RC_CONFLICT, "not_acceptable",
		    "The payment is credited already");
	rc = wallet_close_deleted(db, p->user, &closed);
	if (rc == RC_OK && closed)
		return err_set(err, RC_CONFLICT, "account_deleted",
		    "The account is deleted. Refund the payment at the "
		    "provider");
	if (rc == RC_OK)
		rc = find_captured(db, a, p->id, amount, c);
	if (rc != RC_OK)
		return rc;
	if (c->n == 0)
		return err_set(err, RC_CONFLICT, "not_acceptable",
		    "The provider has not reported this amount");
	if (c->n > 1)
		return err_set(err, RC_CONFLICT, "not_acceptable",
		    "The provider reported several amounts. Name one of them");
	if (!str_eq_nocase(c->currency, p->currency))
		return err_set(err, RC_CONFLICT, "not_acceptable",
		    "The captured money is in %s, the payment in %s",
		    c->currency, p->currency);
	return RC_OK;
}

/* Sets the amount of a payment and deletes the flag that named it. */
static enum rc
take_captured(struct db *db, const struct payment *p, const struct captured *c,
    int64_t now)
{
	struct stmt *q = stmt_get(db, Q_PAYMENT_ACCEPT);
	enum rc rc;

	stmt_int(q, ":id", p->id);
	stmt_int(q, ":amount", c->amount);
	stmt_int(q, ":now", now);
	rc = stmt_run(q);
	if (rc != RC_OK)
		return rc;
	q = stmt_get(db, Q_PAYMENT_FLAG_DROP);
	stmt_int(q, ":id", c->flag);
	return stmt_run(q);
}

enum rc
payment_accept(struct db *db, struct arena *a, const struct conf *conf,
    int64_t id, int64_t amount, const char *note, const struct audit_by *by,
    struct payment *p, struct err *err)
{
	struct captured c = { .n = 0 };
	struct payment before;
	bool late;
	enum rc rc = payment_get(db, a, id, 0, &before, err);

	if (rc == RC_OK)
		rc = check_accept(db, a, &before, amount, &c, err);
	if (rc == RC_OK)
		rc = take_captured(db, &before, &c, by->now);
	if (rc == RC_OK)
		rc = payment_get(db, a, id, 0, p, err);
	if (rc == RC_OK)
		rc = payment_credit(db, a, conf, p, c.paid_ref, by->now,
		    &late, err);
	if (rc == RC_CONFLICT && err->rc != rc)
		return err_set(err, rc, "not_acceptable",
		    "%s belongs to another payment, too", c.paid_ref);
	if (rc == RC_OK)
		rc = audit_flags(db, a, &before, "payment.accept", note, by);
	return rc == RC_OK ? payment_get(db, a, id, 0, p, err) : rc;
}
