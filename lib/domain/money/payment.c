#include "domain/money/payment.h"

#include "base/hash.h"
#include "base/str.h"
#include "domain/money/payment_row.h"

#define PENDING_MAX	100		/* payments of one account */

const char *const payment_status_words[] = {
	"pending", "paid", "failed", "expired", NULL
};

const char *
payment_word(int64_t status, int64_t amount, int64_t refunded,
    int64_t disputed)
{
	if (status != PAYMENT_PAID)
		return payment_status_words[status];
	if (disputed > 0)
		return "disputed";
	if (refunded == amount)
		return "refunded";
	return refunded > 0 ? "partially_refunded" : "paid";
}

void
payment_row(struct stmt *q, struct arena *a, struct payment *p)
{
	const void *key;
	size_t n;

	*p = (struct payment){ .id = q_col_int(q, 0), .user = q_col_int(q, 1),
	    .username = q_col_text(q, 2, a),
	    .provider = (enum provider)q_col_int(q, 3),
	    .status = (enum payment_status)q_col_int(q, 4),
	    .amount = q_col_int(q, 5), .currency = q_col_text(q, 6, a),
	    .ref = q_col_text(q, 7, a), .paid_ref = q_col_text(q, 8, a),
	    .secret = q_col_text(q, 9, a), .refunded = q_col_int(q, 11),
	    .disputed = q_col_int(q, 12), .flag = q_col_text(q, 13, a),
	    .error = q_col_text(q, 14, a), .credited_at = q_col_opt(q, 15),
	    .created_at = q_col_int(q, 16), .updated_at = q_col_int(q, 17) };
	key = q_col_blob(q, 10, &n);
	memcpy(p->page_key, key, sizeof(p->page_key));
}

/* Nobody needs so many payments that are neither paid nor expired. */
static enum rc
check_pending(struct db *db, int64_t user, struct err *err)
{
	struct stmt *q = db_q(db, Q_PAYMENT_PENDING_COUNT);
	int64_t n = 0;
	enum rc rc;

	q_int(q, ":user", user);
	q_int(q, ":most", PENDING_MAX);
	if (q_row(q))
		n = q_col_int(q, 0);
	rc = q_done(q);
	if (rc != RC_OK || n < PENDING_MAX)
		return rc;
	err->retry_after = 60;
	return err_set(err, RC_LIMITED, NULL,
	    "Too many payments are pending; pay one of them, or wait");
}

enum rc
payment_begin(struct db *db, struct arena *a, const struct conf *conf,
    int64_t user, enum provider provider, int64_t amount,
    const char *currency, int64_t now, struct payment *p, struct err *err)
{
	uint8_t key[sizeof(p->page_key)];
	struct stmt *q;
	enum rc rc = RC_OK;

	if (amount < conf->pay_least || amount > conf->pay_most)
		rc = err_field(err, "amount", arena_fmt(a,
		    "must be from %lld to %lld", (long long)conf->pay_least,
		    (long long)conf->pay_most));
	if (currency != NULL && !str_eq_nocase(currency, conf->currency))
		rc = err_field(err, "currency", arena_fmt(a, "must be %s",
		    conf->currency));
	if (rc == RC_OK)
		rc = check_pending(db, user, err);
	if (rc != RC_OK)
		return rc;
	rand_bytes(key, sizeof(key));
	q = db_q(db, Q_PAYMENT_ADD);
	q_int(q, ":user", user);
	q_int(q, ":provider", (int64_t)provider);
	q_int(q, ":amount", amount);
	q_text(q, ":currency", conf->currency);
	q_blob(q, ":page_key", key, sizeof(key));
	q_int(q, ":now", now);
	rc = q_run(q);
	return rc == RC_OK ?
	    payment_get(db, a, db_last_id(db), user, p, err) : rc;
}

enum rc
payment_opened(struct db *db, int64_t id, const char *ref, const char *secret,
    int64_t now)
{
	struct stmt *q = db_q(db, Q_PAYMENT_OPENED);

	q_int(q, ":id", id);
	q_text(q, ":ref", ref);
	q_text(q, ":secret", secret);
	q_int(q, ":now", now);
	return q_run(q);
}

enum rc
payment_refused(struct db *db, int64_t id, const char *why, int64_t now)
{
	struct stmt *q = db_q(db, Q_PAYMENT_REFUSED);

	q_int(q, ":id", id);
	q_text(q, ":why", why);
	q_int(q, ":now", now);
	return q_run(q);
}

const char *
payment_idem_key(struct arena *a, const struct payment *p, const char *thing,
    int64_t number)
{
	struct hash h = hash_sha256(p->page_key, sizeof(p->page_key));
	char hex[33];

	hash_hex(h.b, 16, hex);
	return arena_fmt(a, "earmark-%s-%lld-%lld-%s", thing,
	    (long long)p->id, (long long)number, hex);
}

static enum rc
not_found(struct err *err)
{
	return err_set(err, RC_NOT_FOUND, NULL, "Payment not found");
}

enum rc
payment_get(struct db *db, struct arena *a, int64_t id, int64_t user,
    struct payment *p, struct err *err)
{
	struct stmt *q = db_q(db, Q_PAYMENT_GET);
	bool found;
	enum rc rc;

	q_int(q, ":id", id);
	found = q_row(q);
	if (found)
		payment_row(q, a, p);
	rc = q_done(q);
	if (rc != RC_OK)
		return rc;
	return !found || (user != 0 && p->user != user) ? not_found(err) :
	    RC_OK;
}

enum rc
payment_of_page(struct db *db, struct arena *a, int64_t id,
    const uint8_t key[16], struct payment *p, struct err *err)
{
	enum rc rc = payment_get(db, a, id, 0, p, err);

	if (rc != RC_OK)
		return rc;
	return hash_eq(key, p->page_key, sizeof(p->page_key)) ? RC_OK :
	    not_found(err);
}

enum rc
payment_flag(struct db *db, int64_t id, const char *flag, int64_t now)
{
	struct stmt *q = db_q(db, Q_PAYMENT_SET_FLAG);

	q_int(q, ":id", id);
	q_text(q, ":flag", flag);
	q_int(q, ":now", now);
	return q_run(q);
}

enum rc
payment_unflag(struct db *db, struct arena *a, int64_t id, const char *note,
    const struct audit_by *by, struct payment *p, struct err *err)
{
	const char *before = NULL, *after = NULL;
	struct stmt *q;
	enum rc rc = payment_get(db, a, id, 0, p, err);

	if (rc != RC_OK || p->flag == NULL)
		return rc;
	q = db_q(db, Q_PAYMENT_FLAG_SEEN);
	q_int(q, ":id", id);
	q_text(q, ":note", note);
	if (q_row(q)) {
		before = q_col_text(q, 0, a);
		after = q_col_text(q, 1, a);
	}
	rc = q_done(q);
	if (rc == RC_OK)
		rc = payment_flag(db, id, NULL, by->now);
	if (rc == RC_OK)
		rc = audit_add(db, by, "payment.unflag", arena_fmt(a,
		    "payment:%lld", (long long)id), before, after);
	p->flag = NULL;
	p->updated_at = by->now;
	return rc;
}
