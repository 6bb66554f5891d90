#include "domain/money/ledger.h"

#include "base/str.h"

const char *const ledger_kind_names[] = {
	"", "wallet", "bonus", "held", "earnings", "owed", "fee", "gateway",
	"refunds", "promotion", "adjustment", "payout", "loss", NULL
};

const char *const ledger_transfer_type_names[] = {
	"", "topup", "hold", "release", "session", "refund", "bonus",
	"payout", "adjustment", "reversal", "settlement", "referral", NULL
};

void
ledger_transfer_init(struct transfer *t, enum transfer_type type,
    int64_t reference, int64_t at)
{
	*t = (struct transfer){ .type = type, .reference = reference,
	    .at = at };
}

void
ledger_transfer_add(struct transfer *t, int64_t account, int64_t amount)
{
	struct ledger_entry *e;
	size_t i;

	if (amount == 0)
		return;
	for (i = 0; i < t->n && t->entries[i].account != account; i++)
		;
	if (i == LEDGER_ENTRIES)
		BUG("a transfer has more than %d entries", LEDGER_ENTRIES);
	e = &t->entries[i];
	if (i == t->n) {
		*e = (struct ledger_entry){ account, amount, 0 };
		t->n++;
		return;
	}
	if (__builtin_add_overflow(e->amount, amount, &e->amount))
		BUG("an amount overflows");
	if (e->amount == 0)
		*e = t->entries[--t->n];
}

static uint8_t *
put_int64(uint8_t *p, int64_t v)
{
	for (int shift = 56; shift >= 0; shift -= 8)
		*p++ = (uint8_t)((uint64_t)v >> shift);
	return p;
}

struct hash
ledger_hash(const struct hash *before, const struct transfer *t)
{
	uint8_t text[sizeof(*before) + 6 * 8 + LEDGER_NOTE_MAX +
	    LEDGER_ENTRIES * 3 * 8], *p = text;
	size_t len = t->note == NULL ? 0 : strlen(t->note);

	if (len > LEDGER_NOTE_MAX || t->n > LEDGER_ENTRIES)
		BUG("a transfer has %zu entries and a note of %zu bytes",
		    t->n, len);
	memcpy(p, before, sizeof(*before));
	p = put_int64(p + sizeof(*before), t->id);
	p = put_int64(p, t->type);
	p = put_int64(p, t->reference);
	p = put_int64(p, t->at);
	p = put_int64(p, t->note == NULL ? -1 : (int64_t)len);
	if (len > 0)
		memcpy(p, t->note, len);
	p = put_int64(p + len, (int64_t)t->n);
	for (size_t i = 0; i < t->n; i++) {
		p = put_int64(p, t->entries[i].account);
		p = put_int64(p, t->entries[i].amount);
		p = put_int64(p, t->entries[i].balance);
	}
	return hash_sha256(text, (size_t)(p - text));
}

/* Calls BUG() if a transfer is not balanced. */
static void
check_balanced(const struct transfer *t)
{
	int64_t sum = 0;

	if (t->n < 2)
		BUG("a transfer has only %zu entries", t->n);
	for (size_t i = 0; i < t->n; i++)
		if (__builtin_add_overflow(sum, t->entries[i].amount, &sum))
			BUG("the amounts of a transfer overflow");
	if (sum != 0)
		BUG("a transfer sums to %lld, not to 0", (long long)sum);
}

/* Reads the number and hash of the last transfer; 0 if the ledger is empty. */
static enum rc
ledger_last(struct db *db, int64_t *id, struct hash *hash)
{
	struct stmt *q = stmt_get(db, Q_LEDGER_LAST);
	const void *p;
	size_t n;

	*id = 0;
	memset(hash, 0, sizeof(*hash));
	if (stmt_row(q)) {
		*id = stmt_col_int(q, 0);
		p = stmt_col_blob(q, 1, &n);
		if (n == sizeof(*hash))
			memcpy(hash, p, n);
	}
	return stmt_done(q);
}

/* Reads the present balances of a transfer's accounts into its entries. */
static enum rc
load_balances(struct db *db, struct transfer *t)
{
	enum rc rc = RC_OK;

	/* One statement each: SQLite builds a table for an IN list. */
	for (size_t i = 0; rc == RC_OK && i < t->n; i++)
		rc = ledger_balance(db, t->entries[i].account,
		    &t->entries[i].balance);
	return rc;
}

bool
ledger_sign_ok(enum transfer_type type, const struct ledger_entry *e)
{
	switch (e->account & 15) {
	case LEDGER_WALLET:
	case LEDGER_BONUS:
	case LEDGER_HELD:
		return e->balance >= 0;
	case LEDGER_EARNINGS:
		return e->balance >= 0 || e->amount > 0 ||
		    type == TRANSFER_REFUND || type == TRANSFER_ADJUSTMENT;
	case LEDGER_OWED:
		return e->balance <= 0;
	default:
		return true;
	}
}

/* Adds the amounts and checks the sign and the limit of each balance. */
static enum rc
apply_amounts(struct transfer *t, struct err *err)
{
	for (size_t i = 0; i < t->n; i++) {
		struct ledger_entry *e = &t->entries[i];

		if (__builtin_add_overflow(e->balance, e->amount,
		    &e->balance) || e->balance > LEDGER_BALANCE_MAX ||
		    e->balance < -LEDGER_BALANCE_MAX)
			return err_set(err, RC_CONFLICT, "balance_limit",
			    "The balance would exceed the maximum");
		if (!ledger_sign_ok(t->type, e))
			return err_set(err, RC_PAYMENT, "insufficient_balance",
			    "Insufficient balance");
	}
	return RC_OK;
}

/* Inserts the entries, then the transfer. No entry can be added later. */
static enum rc
store_transfer(struct db *db, const struct transfer *t, const struct hash *hash)
{
	struct stmt *q;
	enum rc rc = RC_OK;

	for (size_t i = 0; rc == RC_OK && i < t->n; i++) {
		q = stmt_get(db, Q_LEDGER_ENTRY_ADD);
		stmt_int(q, ":transfer", t->id);
		stmt_int(q, ":n", (int64_t)i);
		stmt_int(q, ":account", t->entries[i].account);
		stmt_int(q, ":amount", t->entries[i].amount);
		stmt_int(q, ":balance", t->entries[i].balance);
		rc = stmt_run(q);
	}
	if (rc != RC_OK)
		return rc;
	q = stmt_get(db, Q_LEDGER_ADD);
	stmt_int(q, ":id", t->id);
	stmt_int(q, ":type", t->type);
	if (t->reference != INT64_MIN)
		stmt_int(q, ":reference", t->reference);
	stmt_int(q, ":at", t->at);
	stmt_text(q, ":note", t->note);
	stmt_blob(q, ":hash", hash->b, sizeof(hash->b));
	return stmt_run(q);
}

enum rc
ledger_post(struct db *db, struct transfer *t, struct err *err)
{
	struct hash hash;
	int64_t before;
	enum rc rc;

	check_balanced(t);
	rc = load_balances(db, t);
	if (rc == RC_OK)
		rc = apply_amounts(t, err);
	if (rc == RC_OK)
		rc = ledger_last(db, &before, &hash);
	if (rc != RC_OK)
		return rc;
	t->id = before + 1;
	hash = ledger_hash(&hash, t);
	return store_transfer(db, t, &hash);
}

enum rc
ledger_user(struct db *db, int64_t user, int64_t balances[LEDGER_KINDS])
{
	struct stmt *q = stmt_get(db, Q_LEDGER_USER);

	memset(balances, 0, LEDGER_KINDS * sizeof(*balances));
	stmt_int(q, ":user", user);
	while (stmt_row(q))
		balances[stmt_col_int(q, 0) % LEDGER_KINDS] = stmt_col_int(q,
		    1);
	return stmt_done(q);
}

enum rc
ledger_balance(struct db *db, int64_t account, int64_t *balance)
{
	struct stmt *q = stmt_get(db, Q_LEDGER_BALANCE);

	*balance = 0;
	stmt_int(q, ":account", account);
	if (stmt_row(q))
		*balance = stmt_col_int(q, 0);
	return stmt_done(q);
}
