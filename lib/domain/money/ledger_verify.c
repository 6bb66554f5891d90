#include <stdarg.h>

#include "base/str.h"
#include "domain/money/ledger.h"
#include "domain/money/wallet.h"

/* An account: what its row says, and what its entries come to so far. */
struct place {
	int64_t account, said, sum;
	bool used;			/* has entries; held: has its session */
	size_t owner;
};

/* A user: the last line, and how many there were; [0] counts all. */
struct owner {
	int64_t user, at;
	int64_t lines[WALLET_ENTRY_ADJUSTMENT + 1];
	size_t first;			/* of its accounts */
};

struct walk {
	struct db *db;
	struct arena *arena;		/* of the sentence */
	struct arena own;
	struct ledger_proof *p;
	struct place *places;
	struct owner *owners;
	size_t nplaces, nowners;
	struct stmt *entries, *lines;
	bool has_entry, has_line;	/* there is a row to look at */
	int64_t topups;
};

/* The first thing that is wrong; false, so that a guard is one line. */
static bool __attribute__((format(printf, 2, 3)))
ledger_verify_wrong(struct walk *w, const char *fmt, ...)
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
ledger_verify_name(struct walk *w, int64_t account)
{
	return account < 16 ? ledger_kind_names[account & 15] :
	    arena_fmt(w->arena, "%s of user %lld",
	    ledger_kind_names[account & 15], (long long)(account >> 4));
}

static struct place *
find_ledger_verify(const struct walk *w, int64_t account)
{
	size_t lo = 0, hi = w->nplaces, mid;

	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		if (w->places[mid].account < account)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < w->nplaces && w->places[lo].account == account ?
	    &w->places[lo] : NULL;
}

/* All accounts, in their order, and their users. */
static enum rc
load_ledger_verify(struct walk *w)
{
	struct stmt *q = stmt_get(w->db, Q_LEDGER_VERIFY_SIZE);
	struct place *p;
	size_t most = stmt_row(q) ? (size_t)stmt_col_int(q, 0) : 0;
	enum rc rc = stmt_done(q);

	if (rc != RC_OK)
		return rc;
	w->places = arena_zalloc(&w->own, most, sizeof(*w->places));
	w->owners = arena_zalloc(&w->own, most, sizeof(*w->owners));
	q = stmt_get(w->db, Q_LEDGER_VERIFY_ACCOUNTS);
	while (w->nplaces < most && stmt_row(q)) {
		p = &w->places[w->nplaces];
		p->account = stmt_col_int(q, 0);
		p->said = stmt_col_int(q, 1);
		if (p->account < LEDGER_WALLET ||
		    (p->account & 15) < LEDGER_WALLET ||
		    (p->account & 15) >= LEDGER_KINDS)
			ledger_verify_wrong(w, "there is no account %lld",
			    (long long)p->account);
		if (w->nowners == 0 || w->owners[w->nowners - 1].user !=
		    p->account >> 4)
			w->owners[w->nowners++] = (struct owner){
			    .user = p->account >> 4, .at = INT64_MIN,
			    .first = w->nplaces };
		p->owner = w->nowners - 1;
		w->nplaces++;
	}
	w->p->accounts = (int64_t)w->nplaces;
	return stmt_done(q);
}

/* An owner of the accounts that moved, as they were before. */
static enum rc
load_owner(struct walk *w, int64_t user, int64_t from)
{
	struct owner *o = &w->owners[w->nowners++];
	int64_t said[LEDGER_KINDS];
	struct stmt *q;
	enum rc rc = ledger_user(w->db, user, said);

	*o = (struct owner){ .user = user, .at = INT64_MIN,
	    .first = w->nplaces };
	for (int kind = LEDGER_WALLET; kind < LEDGER_KINDS; kind++)
		w->places[w->nplaces++] = (struct place){
		    .account = LEDGER_ACCOUNT(user, kind),
		    .said = said[kind], .sum = said[kind], .used = true,
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
	for (int type = WALLET_ENTRY_TOPUP; type <= WALLET_ENTRY_ADJUSTMENT &&
	    rc == RC_OK;
	    type++) {
		q = stmt_get(w->db, Q_LEDGER_VERIFY_ENTRY_TYPE);
		stmt_int(q, ":user", user);
		stmt_int(q, ":type", type);
		stmt_int(q, ":id", from);
		o->lines[type] = stmt_row(q) ? stmt_col_int(q, 0) : 0;
		rc = stmt_done(q);
	}
	return rc;
}

/* The accounts that moved behind a transfer, and all others of their users. */
static enum rc
load_moved(struct walk *w, int64_t from)
{
	struct stmt *q = stmt_get(w->db, Q_LEDGER_VERIFY_MOVED);
	struct ledger_entry *moved = NULL, *grown;
	size_t n = 0, most = 0, i;
	struct place *p;
	enum rc rc;

	stmt_int(q, ":id", from);
	for (; stmt_row(q); n++) {
		if (n == most) {
			most = most == 0 ? 256 : 2 * most;
			grown = arena_zalloc(&w->own, most, sizeof(*grown));
			if (n > 0)
				memcpy(grown, moved, n * sizeof(*grown));
			moved = grown;
		}
		moved[n].account = stmt_col_int(q, 0);
		moved[n].amount = stmt_col_int(q, 1);
	}
	rc = stmt_done(q);
	w->places = arena_zalloc(&w->own, n * LEDGER_KINDS,
	    sizeof(*w->places));
	w->owners = arena_zalloc(&w->own, n, sizeof(*w->owners));
	for (i = 0; i < n && rc == RC_OK; i++) {
		if (w->nowners == 0 || w->owners[w->nowners - 1].user !=
		    moved[i].account >> 4)
			rc = load_owner(w, moved[i].account >> 4, from);
		p = find_ledger_verify(w, moved[i].account);
		if (p == NULL)
			ledger_verify_wrong(w, "there is no account %lld",
			    (long long)moved[i].account);
		else
			p->sum -= moved[i].amount;
	}
	return rc;
}

/* What a user has, or has earned, after the entries so far. */
static int64_t
has(const struct walk *w, const struct owner *o, bool earned)
{
	int64_t sum = 0;

	for (size_t i = o->first; i < w->nplaces &&
	    w->places[i].account >> 4 == o->user; i++) {
		int64_t kind = w->places[i].account & 15;

		if (earned ? kind == LEDGER_EARNINGS : kind <= LEDGER_HELD)
			sum += w->places[i].sum;
	}
	return sum;
}

/* Add an entry's amount to its account. */
static bool
take_ledger_verify(struct walk *w, const struct transfer *t,
    const struct ledger_entry *e)
{
	struct place *p = find_ledger_verify(w, e->account);
	int64_t kind = e->account & 15;

	if (p == NULL)
		return ledger_verify_wrong(w,
		    "transfer %lld: there is no account %lld", (long long)t->id,
		    (long long)e->account);
	p->used = true;
	if (__builtin_add_overflow(p->sum, e->amount, &p->sum) ||
	    p->sum != e->balance)
		return ledger_verify_wrong(w,
		    "transfer %lld: the balance of %s is %lld, "
		    "the entry says %lld", (long long)t->id,
		    ledger_verify_name(w, e->account), (long long)p->sum,
		    (long long)e->balance);
	if ((kind < LEDGER_OWED && p->sum < 0) ||
	    (kind == LEDGER_OWED && p->sum > 0))
		return ledger_verify_wrong(w,
		    "transfer %lld: the balance of %s is %lld",
		    (long long)t->id, ledger_verify_name(w, e->account),
		    (long long)p->sum);
	return true;
}

/* The entries of a transfer. */
static bool
gather(struct walk *w, struct transfer *t)
{
	struct ledger_entry *e;
	int64_t id, sum = 0;

	for (t->n = 0; w->has_entry; w->has_entry = stmt_row(w->entries)) {
		id = stmt_col_int(w->entries, 0);
		if (id < t->id)
			return ledger_verify_wrong(w,
			    "an entry of transfer %lld, which " "there is not",
			    (long long)id);
		if (id > t->id)
			break;
		if (t->n == LEDGER_ENTRIES ||
		    stmt_col_int(w->entries, 1) != (int64_t)t->n)
			return ledger_verify_wrong(w,
			    "transfer %lld: its entry %lld is " "not its next",
			    (long long)t->id,
			    (long long)stmt_col_int(w->entries, 1));
		e = &t->entries[t->n++];
		e->account = stmt_col_int(w->entries, 2);
		e->amount = stmt_col_int(w->entries, 3);
		e->balance = stmt_col_int(w->entries, 4);
		w->p->entries++;
		if (!take_ledger_verify(w, t, e))
			return false;
		if (__builtin_add_overflow(sum, e->amount, &sum))
			sum = INT64_MAX;
	}
	return sum == 0 && t->n > 0 ? true :
	    ledger_verify_wrong(w, "transfer %lld: its %zu entries sum to %lld",
	    (long long)t->id, t->n, (long long)sum);
}

/* A line against the transfer, which changed a user's money by `amount`. */
static bool
match_ledger_verify(struct walk *w, const struct transfer *t, struct owner *o,
    bool earned, int64_t amount)
{
	struct stmt *q = w->lines;
	enum wallet_entry_type type = wallet_entry_type_of(t->type);
	int64_t at = t->at > o->at ? t->at : o->at;

	if (!w->has_line || stmt_col_int(q, 0) != t->id ||
	    stmt_col_int(q, 1) != o->user)
		return ledger_verify_wrong(w,
		    "transfer %lld: user %lld has no line of it",
		    (long long)t->id, (long long)o->user);
	if (stmt_col_int(q, 2) != at || stmt_col_int(q, 3) != (int64_t)type ||
	    stmt_col_int(q, 4) != earned || stmt_col_int(q, 7) != amount ||
	    stmt_col_int(q, 5) != o->lines[0] + 1 ||
	    stmt_col_int(q, 6) != o->lines[type] + 1 ||
	    stmt_col_int(q, 8) != has(w, o, earned))
		return ledger_verify_wrong(w,
		    "transfer %lld: the line of user %lld does "
		    "not say what it did", (long long)t->id,
		    (long long)o->user);
	o->at = at;
	o->lines[0]++;
	o->lines[type]++;
	w->p->lines++;
	w->has_line = stmt_row(q);
	return true;
}

/* The lines of a transfer: one for each user whose money it changed. */
static bool
check_lines(struct walk *w, const struct transfer *t)
{
	int64_t after = 0, user, amount, earned;
	struct place *p;

	/* Lines come by their users' numbers. */
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
			p = find_ledger_verify(w, t->entries[i].account);
			if (kind <= LEDGER_HELD)
				amount += t->entries[i].amount;
			else if (kind == LEDGER_EARNINGS)
				earned += t->entries[i].amount;
		}
		if ((amount != 0 || earned != 0) && !match_ledger_verify(w, t,
		    &w->owners[p->owner], earned != 0, amount + earned))
			return false;
		after = user;
	}
	if (w->has_line && stmt_col_int(w->lines, 0) <= t->id)
		return ledger_verify_wrong(w,
		    "transfer %lld: a line of user %lld that it "
		    "did not make", (long long)stmt_col_int(w->lines, 0),
		    (long long)stmt_col_int(w->lines, 1));
	return true;
}

/* A top-up says what its payment says. */
static bool
check_topup(struct walk *w, const struct transfer *t)
{
	struct stmt *q = stmt_get(w->db, Q_LEDGER_VERIFY_PAYMENT);
	bool good;

	stmt_int(q, ":id", t->reference);
	good = stmt_row(q) && t->n == 2 && !stmt_is_null(q, 2);
	for (size_t i = 0; good && i < t->n; i++)
		good = t->entries[i].account ==
		    LEDGER_HOUSE(LEDGER_GATEWAY) ||
		    (t->entries[i].account == LEDGER_ACCOUNT(stmt_col_int(q, 0),
		    LEDGER_WALLET) && t->entries[i].amount ==
		    stmt_col_int(q, 1));
	if (stmt_done(q) != RC_OK)
		good = false;
	w->topups++;
	return good ? true : ledger_verify_wrong(w,
	    "transfer %lld: payment %lld was not " "credited like that",
	    (long long)t->id, (long long)t->reference);
}

/* One transfer, behind the one whose hash is in the proof. */
static bool
check_transfer(struct walk *w, struct stmt *q)
{
	struct transfer t = { .id = stmt_col_int(q, 0),
	    .reference = stmt_col_opt(q, 2), .at = stmt_col_int(q, 3) };
	int64_t type = stmt_col_int(q, 1);
	struct hash hash;
	const void *said;
	size_t len = 0;

	if (t.id != w->p->transfers + 1)
		return ledger_verify_wrong(w, "transfer %lld is missing",
		    (long long)w->p->transfers + 1);
	if (type < TRANSFER_TOPUP || type >= TRANSFER_TYPES)
		return ledger_verify_wrong(w,
		    "transfer %lld: there is no type %lld", (long long)t.id,
		    (long long)type);
	t.type = (enum transfer_type)type;
	t.note = stmt_col_peek(q, 4);
	stmt_col_blob(q, 4, &len);
	/* The digest is of what C sees of the text. */
	if (t.note != NULL && (len > LEDGER_NOTE_MAX || strlen(t.note) != len))
		return ledger_verify_wrong(w,
		    "transfer %lld: no note is like that", (long long)t.id);
	if (!gather(w, &t))
		return false;
	hash = ledger_hash(&w->p->head, &t);
	said = stmt_col_blob(q, 5, &len);
	if (len != sizeof(hash) || memcmp(said, hash.b, len) != 0)
		return ledger_verify_wrong(w,
		    "transfer %lld: its hash is not that of what " "it says",
		    (long long)t.id);
	w->p->head = hash;
	w->p->transfers++;
	return check_lines(w, &t) &&
	    (t.type != TRANSFER_TOPUP || check_topup(w, &t));
}

/* Transfers, entries and lines lie in the same order: one walk along them. */
static enum rc
walk_ledger_verify(struct walk *w)
{
	struct stmt *q = stmt_get(w->db, Q_LEDGER_VERIFY_TRANSFERS);
	/* All of them: also those whose number is none. */
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
		ledger_verify_wrong(w,
		    "an entry of transfer %lld, which there is not",
		    (long long)stmt_col_int(w->entries, 0));
	if (w->has_line)
		ledger_verify_wrong(w,
		    "a line of transfer %lld, which there is not",
		    (long long)stmt_col_int(w->lines, 0));
	rc = stmt_done(q);
	entries = stmt_done(w->entries);
	lines = stmt_done(w->lines);
	return rc != RC_OK ? rc : entries != RC_OK ? entries : lines;
}

static void
check_accounts(struct walk *w)
{
	for (size_t i = 0; i < w->nplaces; i++) {
		const struct place *p = &w->places[i];

		if (!p->used)
			ledger_verify_wrong(w, "%s has no entries",
			    ledger_verify_name(w, p->account));
		else if (p->said != p->sum)
			ledger_verify_wrong(w,
			    "the balance of %s is %lld, its row says " "%lld",
			    ledger_verify_name(w, p->account),
			    (long long)p->sum, (long long)p->said);
		w->p->sum += p->said;
	}
	if (w->p->sum != 0)
		ledger_verify_wrong(w, "all balances sum to %lld",
		    (long long)w->p->sum);
}

/* What is held is held for a live session, to the unit. */
static enum rc
check_held(struct walk *w)
{
	struct stmt *q = stmt_get(w->db, Q_LEDGER_VERIFY_SESSIONS);
	struct place *p;

	for (size_t i = 0; i < w->nplaces; i++)
		w->places[i].used = false;
	while (stmt_row(q)) {
		p = find_ledger_verify(w, LEDGER_ACCOUNT(stmt_col_int(q, 1),
		    LEDGER_HELD));
		if (p == NULL ? stmt_col_int(q, 2) != 0 : p->used ||
		    p->sum != stmt_col_int(q, 2))
			ledger_verify_wrong(w,
			    "session %lld: %lld is held for it, not %lld",
			    (long long)stmt_col_int(q, 0),
			    (long long)(p == NULL ? 0 : p->sum),
			    (long long)stmt_col_int(q, 2));
		if (p != NULL)
			p->used = true;
	}
	for (size_t i = 0; i < w->nplaces; i++) {
		p = &w->places[i];
		if ((p->account & 15) == LEDGER_HELD && p->sum != 0 &&
		    !p->used)
			ledger_verify_wrong(w,
			    "%lld is held of user %lld, who is in no "
			    "session", (long long)p->sum,
			    (long long)(p->account >> 4));
	}
	return stmt_done(q);
}

/* Credited payments and top-ups, both by the payment's number: one to one. */
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
			ledger_verify_wrong(w,
			    "payment %lld: credited, without a top-up",
			    (long long)payment);
			break;
		}
		n++;
		more = stmt_row(topup);
		if (more && stmt_col_int(topup, 0) == payment)
			ledger_verify_wrong(w,
			    "payment %lld: transfer %lld is a second " "top-up",
			    (long long)payment, (long long)stmt_col_int(topup,
			    1));
	}
	if (more || n != w->topups)
		ledger_verify_wrong(w, "%lld top-ups, %lld credited payments",
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
	/* Of its own: it may be larger than an arena of a request. */
	arena_init(&w.own, SIZE_MAX);
	rc = load_ledger_verify(&w);
	if (rc == RC_OK)
		rc = walk_ledger_verify(&w);
	if (rc == RC_OK && p->wrong == NULL) {
		check_accounts(&w);
		rc = check_held(&w);
	}
	if (rc == RC_OK && p->wrong == NULL)
		rc = check_payments(&w);
	arena_free(&w.own);
	db_read_end(db);
	p->ok = rc == RC_OK && p->wrong == NULL;
	return rc;
}

/* Is the transfer that a proof ended with still the same? */
static enum rc
check_last(struct walk *w)
{
	struct stmt *q = stmt_get(w->db, Q_LEDGER_VERIFY_HASH);
	const void *said = NULL;
	size_t n = 0;

	stmt_int(q, ":id", w->p->transfers);
	if (stmt_row(q))
		said = stmt_col_blob(q, 0, &n);
	if (n != sizeof(w->p->head) || memcmp(said, w->p->head.b, n) != 0)
		ledger_verify_wrong(w,
		    "transfer %lld: its hash is another than when it was "
		    "proved", (long long)w->p->transfers);
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
		rc = load_moved(&w, p->transfers);
	if (rc == RC_OK && p->wrong == NULL)
		rc = walk_ledger_verify(&w);
	for (size_t i = 0; rc == RC_OK && i < w.nplaces; i++)
		if (p->wrong == NULL && w.places[i].said != w.places[i].sum)
			ledger_verify_wrong(&w,
			    "the balance of %s is %lld, its row says " "%lld",
			    ledger_verify_name(&w, w.places[i].account),
			    (long long)w.places[i].sum,
			    (long long)w.places[i].said);
	arena_free(&w.own);
	db_read_end(db);
	p->ok = rc == RC_OK && p->wrong == NULL;
	return rc;
}
