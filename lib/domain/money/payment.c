#include "domain/money/payment.h"

#include "base/hash.h"
#include "base/provider_currency.h"
#include "base/random.h"
#include "base/str.h"
#include "domain/money/payment_row.h"

#define PENDING_MAX	100		/* pending payments of a user */

const char *const payment_status_names[] = {
	"pending", "paid", "failed", "expired", NULL
};

const char *
payment_status_name(int64_t status, int64_t amount, int64_t refunded,
    int64_t disputed)
{
	if (status != PAYMENT_PAID)
		return payment_status_names[status];
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

	*p = (struct payment){ .id = stmt_col_int(q, 0),
	    .user = stmt_col_int(q, 1), .username = stmt_col_text(q, 2, a),
	    .provider = (enum provider)stmt_col_int(q, 3),
	    .status = (enum payment_status)stmt_col_int(q, 4),
	    .amount = stmt_col_int(q, 5), .currency = stmt_col_text(q, 6, a),
	    .ref = stmt_col_text(q, 7, a), .paid_ref = stmt_col_text(q, 8, a),
	    .secret = stmt_col_text(q, 9, a), .refunded = stmt_col_int(q, 11),
	    .disputed = stmt_col_int(q, 12), .flag = stmt_col_text(q, 13, a),
	    .error = stmt_col_text(q, 14, a), .credited_at = stmt_col_opt(q,
	    15),
	    .created_at = stmt_col_int(q, 16), .updated_at = stmt_col_int(q,
	    17), .requested = stmt_col_opt(q, 18),
	    .flags = stmt_col_text(q, 19, a) };
	key = stmt_col_blob(q, 10, &n);
	memcpy(p->page_key, key, sizeof(p->page_key));
}

enum rc
payment_count_pending(struct db *db, int64_t user, int64_t *n)
{
	struct stmt *q = stmt_get(db, Q_PAYMENT_PENDING_COUNT);

	stmt_int(q, ":user", user);
	*n = stmt_row(q) ? stmt_col_int(q, 0) : 0;
	return stmt_done(q);
}

/* Returns RC_LIMITED if a user has PENDING_MAX pending payments. */
static enum rc
check_pending(struct db *db, int64_t user, struct err *err)
{
	int64_t n;
	enum rc rc = payment_count_pending(db, user, &n);

	if (rc != RC_OK || n < PENDING_MAX)
		return rc;
	err->retry_after = 60;
	return err_set(err, RC_LIMITED, NULL,
	    "Too many payments are pending. Pay one of them or wait");
}

enum rc
payment_check_step(struct arena *a, enum provider provider, int64_t amount,
    const char *currency, struct err *err)
{
	int64_t step = provider_currency_step(provider, currency);

	return amount % step == 0 ? RC_OK : err_field(err, "amount",
	    arena_fmt(a, "must be a multiple of %lld", (long long)step));
}

enum rc
payment_begin(struct db *db, struct arena *a, const struct conf *conf,
    int64_t user, enum provider provider, int64_t amount,
    const char *currency, int64_t now, struct payment *p, struct err *err)
{
	uint8_t key[sizeof(p->page_key)];
	struct stmt *q;
	enum rc rc = RC_OK;

	if (amount < conf->pay_min_amount || amount > conf->pay_max_amount)
		rc = err_field(err, "amount", arena_fmt(a,
		    "must be from %lld to %lld",
		    (long long)conf->pay_min_amount,
		    (long long)conf->pay_max_amount));
	else
		rc = payment_check_step(a, provider, amount, conf->currency,
		    err);
	if (currency != NULL && !str_eq_nocase(currency, conf->currency))
		rc = err_field(err, "currency", arena_fmt(a, "must be %s",
		    conf->currency));
	if (rc == RC_OK)
		rc = check_pending(db, user, err);
	if (rc != RC_OK)
		return rc;
	random_bytes(key, sizeof(key));
	q = stmt_get(db, Q_PAYMENT_ADD);
	stmt_int(q, ":user", user);
	stmt_int(q, ":provider", (int64_t)provider);
	stmt_int(q, ":amount", amount);
	stmt_text(q, ":currency", conf->currency);
	stmt_blob(q, ":page_key", key, sizeof(key));
	stmt_int(q, ":now", now);
	rc = stmt_run(q);
	return rc == RC_OK ?
	    payment_get(db, a, db_last_id(db), user, p, err) : rc;
}

enum rc
payment_opened(struct db *db, int64_t id, const char *ref, const char *secret,
    int64_t now)
{
	struct stmt *q = stmt_get(db, Q_PAYMENT_OPENED);

	stmt_int(q, ":id", id);
	stmt_text(q, ":ref", ref);
	stmt_text(q, ":secret", secret);
	stmt_int(q, ":now", now);
	return stmt_run(q);
}

enum rc
payment_refused(struct db *db, int64_t id, const char *why, int64_t now)
{
	struct stmt *q = stmt_get(db, Q_PAYMENT_REFUSED);

	stmt_int(q, ":id", id);
	stmt_text(q, ":why", why);
	stmt_int(q, ":now", now);
	return stmt_run(q);
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
	struct stmt *q = stmt_get(db, Q_PAYMENT_GET);
	bool found;
	enum rc rc;

	stmt_int(q, ":id", id);
	found = stmt_row(q);
	if (found)
		payment_row(q, a, p);
	rc = stmt_done(q);
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
