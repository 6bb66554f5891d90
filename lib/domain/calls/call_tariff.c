/* call_tariff: starts the session of a call by the tariff of the call. */
#include "domain/calls/call.h"

/* Reads the tariff of a call. *known: the call has one. */
static enum rc
load_tariff(struct db *db, int64_t call, struct session_terms *terms,
    struct tariff *t, bool *known)
{
	struct stmt *q = stmt_get(db, Q_CALL_TARIFF);

	*known = false;
	stmt_int(q, ":id", call);
	if (stmt_row(q)) {
		terms->kind = (enum listener_kind)stmt_col_int(q, 0);
		*known = stmt_col_opt(q, 1) != INT64_MIN;
		t->rate = stmt_col_int(q, 1);
		t->commission = stmt_col_int(q, 2);
		t->per_second = stmt_col_int(q, 3) != 0;
		t->free_ms = stmt_col_int(q, 4);
	}
	return stmt_done(q);
}

enum rc
call_start_session(struct db *db, struct arena *arena, const struct conf *conf,
    struct call *c, int64_t device, int64_t now, struct session *s,
    struct err *err)
{
	struct session_request r = { .customer = c->caller,
		.listener = c->callee, .call = c->id,
		.terms = { .expected_rate = INT64_MIN },
		.customer_device = c->caller_device,
		.listener_device = device };
	struct session_offer offer = { .max_ms = 0 };
	struct tariff tariff = { .rate = 0 };
	bool known;
	enum rc rc = load_tariff(db, c->id, &r.terms, &tariff, &known);

	if (rc == RC_OK && known)
		r.agreed = &tariff;
	if (rc == RC_OK)
		rc = session_start(db, arena, conf, &r, now, s, &offer, err);
	c->money_until = now + offer.max_ms;
	/* The listener does not see the balance of the customer. */
	err->needed = err->available = -1;
	return rc;
}
