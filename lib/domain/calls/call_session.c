/* call_session: starts and ends the session of a call. */
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

enum rc
call_media_failed(struct db *db, struct arena *arena, const struct conf *conf,
    int64_t id, int64_t user, int64_t now, struct call *c, struct err *err)
{
	struct session s;
	bool first;
	enum rc rc = call_get(db, arena, id, user, c, err);

	if (rc != RC_OK || c->state == CALL_ENDED)
		return rc;
	if (c->state != CALL_ACCEPTED) {
		err->state = call_state_names[c->state];
		return err_set(err, RC_CONFLICT, "call_state",
		    "The call is %s", err->state);
	}
	rc = session_media_failed(db, conf, c->session, user, now, &s, &first,
	    err);
	return rc == RC_OK ? call_get(db, arena, id, user, c, err) : rc;
}
