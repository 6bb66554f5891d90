/*
 * ledger_verify: walks transfers, entries and wallet lines in parallel and
 * recomputes hashes and balances.
 */
#include <stdarg.h>

#include "base/str.h"
#include "domain/money/ledger.h"
#include "domain/money/wallet.h"

/* An account: its stored balance, and the sum of its entries so far. */
struct account {
	int64_t account, stored, sum;
	bool used;			/* entries, or a session, refer to it */
	size_t owner;			/* index in owners */
};

/* A user: the time of the last line, and the number of lines by type. */
struct owner {
	int64_t user, at;
	int64_t lines[WALLET_ENTRY_ADJUSTMENT + 1];	/* [0]: all types */
	size_t first;			/* index of its first account */
};

struct walk {
	struct db *db;
	struct arena *arena;		/* holds the text of the error */
	struct arena own;
	struct ledger_proof *p;
	struct account *accounts;	/* by number */
	struct owner *owners;
	size_t naccounts, nowners;
	struct stmt *entries, *lines;
	bool has_entry, has_line;	/* the statement is at a row */
	int64_t topups;
};

/* Keeps the text of the first error. Returns false. */
static bool __attribute__((format(printf, 2, 3)))
set_error(struct walk *w, const char *fmt, ...)
{
	va_list ap;

	if (w->p->wrong == NULL) {
		va_start(ap, fmt);
		w->p->wrong = arena_vfmt(w->arena, fmt, ap);
		va_end(ap);
	}
	return false;
}

static const char *
account_name(struct walk *w, int64_t account)
{
	return account < 16 ? ledger_kind_names[account & 15] :
	    arena_fmt(w->arena, "%s of user %lld",
	    ledger_kind_names[account & 15], (long long)(account >> 4));
}

static struct account *
find_account(const struct walk *w, int64_t account)
{
	size_t lo = 0, hi = w->naccounts, mid;

	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		if (w->accounts[mid].account < account)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < w->naccounts && w->accounts[lo].account == account ?
	    &w->accounts[lo] : NULL;
}

/* Loads all accounts by number, and their users. */
static enum rc
load_accounts(struct walk *w)
{
	struct stmt *q = stmt_get(w->db, Q_LEDGER_VERIFY_SIZE);
	struct account *p;
	size_t max = stmt_row(q) ? (size_t)stmt_col_int(q, 0) : 0;
	enum rc rc = stmt_done(q);

	if (rc != RC_OK)
		return rc;
	w->accounts = arena_zalloc(&w->own, max, sizeof(*w->accounts));
	w->owners = arena_zalloc(&w->own, max, sizeof(*w->owners));
	q = stmt_get(w->db, Q_LEDGER_VERIFY_ACCOUNTS);
	while (w->naccounts < max && stmt_row(q)) {
		p = &w->accounts[w->naccounts];
		p->account = stmt_col_int(q, 0);
		p->stored = stmt_col_int(q, 1);
		if (p->account < LEDGER_WALLET ||
		    (p->account & 15) < LEDGER_WALLET ||
		    (p->account & 15) >= LEDGER_KINDS)
			set_error(w, "account %lld is not possible",
			    (long long)p->account);
		if (w->nowners == 0 || w->owners[w->nowners - 1].user !=
		    p->account >> 4)
			w->owners[w->nowners++] = (struct owner){
			    .user = p->account >> 4, .at = INT64_MIN,
			    .first = w->naccounts };
		p->owner = w->nowners - 1;
		w->naccounts++;
	}
	w->p->accounts = (int64_t)w->naccounts;
	return stmt_done(q);
}

/* Loads a user, its accounts, and its lines up to transfer `from`. */
static enum rc
load_owner(struct walk *w, int64_t user, int64_t from)
{
	struct owner *o = &w->owners[w->nowners++];
	int64_t stored[LEDGER_KINDS];
	struct stmt *q;
	enum rc rc = ledger_user(w->db, user, stored);

	*o = (struct owner){ .user = user, .at = INT64_MIN,
	    .first = w->naccounts };
	for (int kind = LEDGER_WALLET; kind < LEDGER_KINDS; kind++)
		w->accounts[w->naccounts++] = (struct account){
		    .account = LEDGER_ACCOUNT(user, kind),
		    .stored = stored[kind], .sum = stored[kind], .used = true,
		    .owner = w->nowners - 1 };
	if (rc != RC_OK || user == 0)
		return rc;
	q = stmt_get(w->db, Q_LEDGER_VERIFY_ENTRY);
	stmt_int(q, ":user", user);
	stmt_int(q, ":id", from);
	if (stmt_row(q)) {
		o->at = stmt_col_int(q, 0);
		o->lines[0] = stmt_col_int(q, 1);
	}
	rc = stmt_done(q);
	for (int type = WALLET_ENTRY_TOPUP;
	    type <= WALLET_ENTRY_ADJUSTMENT && rc == RC_OK; type++) {
		q = stmt_get(w->db, Q_LEDGER_VERIFY_ENTRY_TYPE);
		stmt_int(q, ":user", user);
		stmt_int(q, ":type", type);
		stmt_int(q, ":id", from);
		o->lines[type] = stmt_row(q) ? stmt_col_int(q, 0) : 0;
		rc = stmt_done(q);
	}
	return rc;
}

/*
 * Loads all accounts of the users whose accounts changed after transfer
 * `from`, with the balances that they had then.
 */
static enum rc
load_changed(struct walk *w, int64_t from)
{
	struct stmt *q = stmt_get(w->db, Q_LEDGER_VERIFY_MOVED);
	struct ledger_entry *changed = NULL, *grown;
	size_t n = 0, max = 0, i;
	struct account *p;
	enum rc rc;

	stmt_int(q, ":id", from);
	for (; stmt_row(q); n++) {
		if (n == max) {
			max = max == 0 ? 256 : 2 * max;
			grown = arena_zalloc(&w->own, max, sizeof(*grown));
			if (n > 0)
				memcpy(grown, changed, n * sizeof(*grown));
			changed = grown;
		}
		changed[n].account = stmt_col_int(q, 0);
		changed[n].amount = stmt_col_int(q, 1);
	}
	rc = stmt_done(q);
	w->accounts = arena_zalloc(&w->own, n * LEDGER_KINDS,
	    sizeof(*w->accounts));
	w->owners = arena_zalloc(&w->own, n, sizeof(*w->owners));
	for (i = 0; i < n && rc == RC_OK; i++) {
		if (w->nowners == 0 || w->owners[w->nowners - 1].user !=
		    changed[i].account >> 4)
			rc = load_owner(w, changed[i].account >> 4, from);
		p = find_account(w, changed[i].account);
		if (p == NULL)
			set_error(w, "account %lld is not stored",
			    (long long)changed[i].account);
		else
			p->sum -= changed[i].amount;
	}
	return rc;
}

/* Returns a user's balance, or earnings, after the entries so far. */
static int64_t
user_sum(const struct walk *w, const struct owner *o, bool earned)
{
	int64_t sum = 0;

	for (size_t i = o->first; i < w->naccounts &&
	    w->accounts[i].account >> 4 == o->user; i++) {
		int64_t kind = w->accounts[i].account & 15;

		if (earned ? kind == LEDGER_EARNINGS : kind <= LEDGER_HELD)
			sum += w->accounts[i].sum;
	}
	return sum;
}

/* Adds an entry's amount to its account and checks the balance. */
static bool
apply_entry(struct walk *w, const struct transfer *t,
    const struct ledger_entry *e)
{
	struct account *p = find_account(w, e->account);

	if (p == NULL)
		return set_error(w, "transfer %lld: account %lld is not stored",
		    (long long)t->id, (long long)e->account);
	p->used = true;
	if (__builtin_add_overflow(p->sum, e->amount, &p->sum) ||
	    p->sum != e->balance)
		return set_error(w, "transfer %lld: the balance of %s is %lld, "
		    "the entry says %lld", (long long)t->id,
		    account_name(w, e->account), (long long)p->sum,
		    (long long)e->balance);
	if (!ledger_sign_ok(t->type, e))
		return set_error(w, "transfer %lld: the balance of %s is %lld",
		    (long long)t->id, account_name(w, e->account),
		    (long long)p->sum);
	return true;
}

/* Reads the entries of a transfer and checks their sum. */
static bool
read_entries(struct walk *w, struct transfer *t)
{
	struct ledger_entry *e;
	int64_t id, sum = 0;

	for (t->n = 0; w->has_entry; w->has_entry = stmt_row(w->entries)) {
		id = stmt_col_int(w->entries, 0);
		if (id < t->id)
			return set_error(w,
			    "an entry of transfer %lld, which is not stored",
			    (long long)id);
		if (id > t->id)
			break;
		if (t->n == LEDGER_ENTRIES ||
		    stmt_col_int(w->entries, 1) != (int64_t)t->n)
			return set_error(w,
			    "transfer %lld: entry %lld is out of order",
			    (long long)t->id,
			    (long long)stmt_col_int(w->entries, 1));
		e = &t->entries[t->n++];
		e->account = stmt_col_int(w->entries, 2);
		e->amount = stmt_col_int(w->entries, 3);
		e->balance = stmt_col_int(w->entries, 4);
		w->p->entries++;
		if (!apply_entry(w, t, e))
			return false;
		if (__builtin_add_overflow(sum, e->amount, &sum))
			sum = INT64_MAX;
	}
	return sum == 0 && t->n > 0 ? true :
	    set_error(w, "transfer %lld: its %zu entries sum to %lld",
	    (long long)t->id, t->n, (long long)sum);
}

/* Checks a line against its transfer, which changed the sum by `amount`. */
static bool
check_line(struct walk *w, const struct transfer *t, struct owner *o,
    bool earned, int64_t amount)
{
	struct stmt *q = w->lines;
	enum wallet_entry_type type = wallet_entry_type_of(t->type);
	int64_t at = t->at > o->at ? t->at : o->at;

	if (!w->has_line || stmt_col_int(q, 0) != t->id ||
	    stmt_col_int(q, 1) != o->user)
		return set_error(w,
		    "transfer %lld: user %lld has no line of it",
		    (long long)t->id, (long long)o->user);
	if (stmt_col_int(q, 2) != at || stmt_col_int(q, 3) != (int64_t)type ||
	    stmt_col_int(q, 4) != earned || stmt_col_int(q, 7) != amount ||
	    stmt_col_int(q, 5) != o->lines[0] + 1 ||
	    stmt_col_int(q, 6) != o->lines[type] + 1 ||
	    stmt_col_int(q, 8) != user_sum(w, o, earned))
		return set_error(w,
		    "transfer %lld: the line of user %lld does not match it",
		    (long long)t->id, (long long)o->user);
	o->at = at;
	o->lines[0]++;
	o->lines[type]++;
	w->p->lines++;
	w->has_line = stmt_row(q);
	return true;
}

/* Checks that each user whose balance a transfer changed has one line. */
static bool
check_lines(struct walk *w, const struct transfer *t)
{
	int64_t after = 0, user, amount, earned;
	struct account *p;

	/* The lines are sorted by user. */
	for (;;) {
		user = INT64_MAX;
		for (size_t i = 0; i < t->n; i++)
			if (t->entries[i].account >> 4 > after &&
			    t->entries[i].account >> 4 < user)
				user = t->entries[i].account >> 4;
		if (user == INT64_MAX)
			break;
		amount = earned = 0;
		p = NULL;
		for (size_t i = 0; i < t->n; i++) {
			int64_t kind = t->entries[i].account & 15;

			if (t->entries[i].account >> 4 != user)
				continue;
			p = find_account(w, t->entries[i].account);
			if (kind <= LEDGER_HELD)
				amount += t->entries[i].amount;
			else if (kind == LEDGER_EARNINGS)
				earned += t->entries[i].amount;
		}
		if ((amount != 0 || earned != 0) && !check_line(w, t,
		    &w->owners[p->owner], earned != 0, amount + earned))
			return false;
		after = user;
	}
	if (w->has_line && stmt_col_int(w->lines, 0) <= t->id)
		return set_error(w,
		    "transfer %lld: the line of user %lld has no entries",
		    (long long)stmt_col_int(w->lines, 0),
		    (long long)stmt_col_int(w->lines, 1));
	return true;
}

/* Checks a top-up against its payment. */
static bool
check_topup(struct walk *w, const struct transfer *t)
{
	struct stmt *q = stmt_get(w->db, Q_LEDGER_VERIFY_PAYMENT);
	bool good;

	stmt_int(q, ":id", t->reference);
	good = stmt_row(q) && t->n == 2 && !stmt_is_null(q, 2);
	for (size_t i = 0; good && i < t->n; i++)
		good = t->entries[i].account ==
		    LEDGER_OPERATOR(LEDGER_GATEWAY) ||
		    (t->entries[i].account == LEDGER_ACCOUNT(stmt_col_int(q, 0),
		    LEDGER_WALLET) && t->entries[i].amount ==
		    stmt_col_int(q, 1));
	if (stmt_done(q) != RC_OK)
		good = false;
	w->topups++;
	return good ? true : set_error(w,
	    "transfer %lld: it does not match payment %lld",
	    (long long)t->id, (long long)t->reference);
}

/* Checks the transfer that follows the last one of the proof. */
static bool
check_transfer(struct walk *w, struct stmt *q)
{
	struct transfer t = { .id = stmt_col_int(q, 0),
	    .reference = stmt_col_opt(q, 2), .at = stmt_col_int(q, 3) };
	int64_t type = stmt_col_int(q, 1);
	struct hash hash;
	const void *stored;
	size_t len = 0;

	if (t.id != w->p->transfers + 1)
		return set_error(w, "transfer %lld is missing",
		    (long long)w->p->transfers + 1);
	if (type < TRANSFER_TOPUP || type >= TRANSFER_TYPES)
		return set_error(w,
		    "transfer %lld: unknown type %lld", (long long)t.id,
		    (long long)type);
	t.type = (enum transfer_type)type;
	t.note = stmt_col_peek(q, 4);
	stmt_col_blob(q, 4, &len);
	/* The hash covers the note only up to a NUL byte. */
	if (t.note != NULL && (len > LEDGER_NOTE_MAX || strlen(t.note) != len))
		return set_error(w,
		    "transfer %lld: its note is too long or contains NUL",
		    (long long)t.id);
	if (!read_entries(w, &t))
		return false;
	hash = ledger_hash(&w->p->head, &t);
	stored = stmt_col_blob(q, 5, &len);
	if (len != sizeof(hash) || memcmp(stored, hash.b, len) != 0)
		return set_error(w,
		    "transfer %lld: its hash does not match its contents",
		    (long long)t.id);
	w->p->head = hash;
	w->p->transfers++;
	return check_lines(w, &t) &&
	    (t.type != TRANSFER_TOPUP || check_topup(w, &t));
}

/* Walks transfers, entries and lines, which are in the same order. */
static enum rc
walk_transfers(struct walk *w)
{
	struct stmt *q = stmt_get(w->db, Q_LEDGER_VERIFY_TRANSFERS);
	/* A complete walk includes rows with invalid numbers. */
	int64_t first = w->p->transfers == 0 ? INT64_MIN :
	    w->p->transfers + 1;
	enum rc rc, entries, lines;

	w->entries = stmt_get(w->db, Q_LEDGER_VERIFY_ENTRIES);
	w->lines = stmt_get(w->db, Q_LEDGER_VERIFY_WALLET_ENTRIES);
	stmt_int(q, ":first", first);
	stmt_int(w->entries, ":first", first);
	stmt_int(w->lines, ":first", first);
	w->has_entry = stmt_row(w->entries);
	w->has_line = stmt_row(w->lines);
	while (w->p->wrong == NULL && stmt_row(q))
		check_transfer(w, q);
	if (w->has_entry)
		set_error(w, "an entry of transfer %lld, which is not stored",
		    (long long)stmt_col_int(w->entries, 0));
	if (w->has_line)
		set_error(w, "a line of transfer %lld, which is not stored",
		    (long long)stmt_col_int(w->lines, 0));
	rc = stmt_done(q);
	entries = stmt_done(w->entries);
	lines = stmt_done(w->lines);
	return rc != RC_OK ? rc : entries != RC_OK ? entries : lines;
}

/* Checks the stored balances of all accounts, and their sum. */
static void
check_accounts(struct walk *w)
{
	for (size_t i = 0; i < w->naccounts; i++) {
		const struct account *p = &w->accounts[i];

		if (!p->used)
			set_error(w, "%s has no entries",
			    account_name(w, p->account));
		else if (p->stored != p->sum)
			set_error(w,
			    "the balance of %s is %lld, its row says %lld",
			    account_name(w, p->account),
			    (long long)p->sum, (long long)p->stored);
		w->p->sum += p->stored;
	}
	if (w->p->sum != 0)
		set_error(w, "all balances sum to %lld",
		    (long long)w->p->sum);
}

/* Checks that each held balance is the reservation of a live session. */
static enum rc
check_held(struct walk *w)
{
	struct stmt *q = stmt_get(w->db, Q_LEDGER_VERIFY_SESSIONS);
	struct account *p;

	for (size_t i = 0; i < w->naccounts; i++)
		w->accounts[i].used = false;
	while (stmt_row(q)) {
		p = find_account(w, LEDGER_ACCOUNT(stmt_col_int(q, 1),
		    LEDGER_HELD));
		if (p == NULL ? stmt_col_int(q, 2) != 0 : p->used ||
		    p->sum != stmt_col_int(q, 2))
			set_error(w,
			    "session %lld: %lld is held for it, not %lld",
			    (long long)stmt_col_int(q, 0),
			    (long long)(p == NULL ? 0 : p->sum),
			    (long long)stmt_col_int(q, 2));
		if (p != NULL)
			p->used = true;
	}
	for (size_t i = 0; i < w->naccounts; i++) {
		p = &w->accounts[i];
		if ((p->account & 15) == LEDGER_HELD && p->sum != 0 &&
		    !p->used)
			set_error(w,
			    "%lld is held of user %lld, who has no live "
			    "session", (long long)p->sum,
			    (long long)(p->account >> 4));
	}
	return stmt_done(q);
}

/*
 * Checks that deleted accounts have no balance, and that their earnings are
 * payable.
 */
static enum rc
check_closed(struct walk *w)
{
	struct stmt *q = stmt_get(w->db, Q_LEDGER_VERIFY_CLOSED);

	if (stmt_row(q))
		set_error(w, "%lld of %s has no owner: the account is deleted",
		    (long long)stmt_col_int(q, 1),
		    account_name(w, stmt_col_int(q, 0)));
	return stmt_done(q);
}

/* Checks that each credited payment has one top-up, and the reverse. */
static enum rc
check_payments(struct walk *w)
{
	struct stmt *paid = stmt_get(w->db, Q_LEDGER_VERIFY_PAID);
	struct stmt *topup = stmt_get(w->db, Q_LEDGER_VERIFY_TOPUPS);
	bool more = stmt_row(topup);
	int64_t payment, n = 0;
	enum rc rc, rc2;

	while (w->p->wrong == NULL && stmt_row(paid)) {
		payment = stmt_col_int(paid, 0);
		if (!more || stmt_col_int(topup, 0) != payment) {
			set_error(w, "payment %lld: credited without a top-up",
			    (long long)payment);
			break;
		}
		n++;
		more = stmt_row(topup);
		if (more && stmt_col_int(topup, 0) == payment)
			set_error(w,
			    "payment %lld: transfer %lld is a second top-up",
			    (long long)payment,
			    (long long)stmt_col_int(topup, 1));
	}
	if (more || n != w->topups)
		set_error(w, "%lld top-ups, %lld credited payments",
		    (long long)w->topups, (long long)n);
	rc = stmt_done(paid);
	rc2 = stmt_done(topup);
	return rc != RC_OK ? rc : rc2;
}

enum rc
ledger_verify(struct db *db, struct arena *arena, struct ledger_proof *p)
{
	struct walk w = { .db = db, .arena = arena, .p = p };
	enum rc rc = db_read(db);

	*p = (struct ledger_proof){ 0 };
	if (rc != RC_OK)
		return rc;
	/* The accounts may need more memory than a request's arena allows. */
	arena_init(&w.own, SIZE_MAX);
	rc = load_accounts(&w);
	if (rc == RC_OK)
		rc = walk_transfers(&w);
	if (rc == RC_OK && p->wrong == NULL) {
		check_accounts(&w);
		rc = check_held(&w);
	}
	if (rc == RC_OK && p->wrong == NULL)
		rc = check_payments(&w);
	if (rc == RC_OK && p->wrong == NULL)
		rc = check_closed(&w);
	arena_free(&w.own);
	db_read_end(db);
	p->ok = rc == RC_OK && p->wrong == NULL;
	return rc;
}

/* Checks that the last transfer of the earlier proof is unchanged. */
static enum rc
check_last(struct walk *w)
{
	struct stmt *q = stmt_get(w->db, Q_LEDGER_VERIFY_HASH);
	const void *stored = NULL;
	size_t n = 0;

	stmt_int(q, ":id", w->p->transfers);
	if (stmt_row(q))
		stored = stmt_col_blob(q, 0, &n);
	if (n != sizeof(w->p->head) || memcmp(stored, w->p->head.b, n) != 0)
		set_error(w,
		    "transfer %lld: its hash changed after it was verified",
		    (long long)w->p->transfers);
	return stmt_done(q);
}

enum rc
ledger_verify_new(struct db *db, struct arena *arena,
    const struct ledger_proof *since, struct ledger_proof *p)
{
	struct walk w = { .db = db, .arena = arena, .p = p };
	enum rc rc = db_read(db);

	*p = (struct ledger_proof){ .transfers = since->transfers,
	    .entries = since->entries, .head = since->head };
	if (rc != RC_OK)
		return rc;
	arena_init(&w.own, SIZE_MAX);
	if (p->transfers > 0)
		rc = check_last(&w);
	if (rc == RC_OK && p->wrong == NULL)
		rc = load_changed(&w, p->transfers);
	if (rc == RC_OK && p->wrong == NULL)
		rc = walk_transfers(&w);
	for (size_t i = 0; rc == RC_OK && i < w.naccounts; i++)
		if (p->wrong == NULL &&
		    w.accounts[i].stored != w.accounts[i].sum)
			set_error(&w,
			    "the balance of %s is %lld, its row says %lld",
			    account_name(&w, w.accounts[i].account),
			    (long long)w.accounts[i].sum,
			    (long long)w.accounts[i].stored);
	arena_free(&w.own);
	db_read_end(db);
	p->ok = rc == RC_OK && p->wrong == NULL;
	return rc;
}
