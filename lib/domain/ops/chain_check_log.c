#include "domain/ops/chain_check_log.h"

#include <inttypes.h>

#include "base/clock.h"
#include "base/str.h"

#define NIGHT	(3 * HOUR)		/* time of day, UTC */
#define AGAIN	(10 * MINUTE)		/* interval after an error */

enum rc
chain_check_log_get(struct db *db, struct arena *arena, const char *name,
    struct chain_check *p)
{
	struct stmt *q = stmt_get(db, Q_CHAIN_CHECK_LOG_GET);
	const void *head;
	size_t n;

	*p = (struct chain_check){ .checked_at = INT64_MIN,
	    .whole_at = INT64_MIN };
	stmt_text(q, ":name", name);
	if (stmt_row(q)) {
		p->checked_at = stmt_col_int(q, 0);
		p->whole_at = stmt_col_int(q, 1);
		p->links = stmt_col_int(q, 2);
		p->entries = stmt_col_int(q, 3);
		head = stmt_col_blob(q, 4, &n);
		if (n == sizeof(p->head))
			memcpy(&p->head, head, n);
		p->first_wrong = stmt_col_text(q, 5, arena);
	}
	return stmt_done(q);
}

enum rc
chain_check_log_put(struct db *db, const char *name,
    const struct chain_check *p)
{
	struct stmt *q = stmt_get(db, Q_CHAIN_CHECK_LOG_PUT);

	stmt_text(q, ":name", name);
	stmt_int(q, ":checked_at", p->checked_at);
	stmt_int(q, ":whole_at", p->whole_at);
	stmt_int(q, ":links", p->links);
	stmt_int(q, ":entries", p->entries);
	stmt_blob(q, ":head", p->head.b, sizeof(p->head.b));
	stmt_text(q, ":first_wrong", p->first_wrong);
	return stmt_run(q);
}

enum rc
chain_check_log_gauges(struct db *db, struct arena *a, struct buf *out)
{
	static const struct {
		const char *name, *failed, *proved, *whole, *links;
	} gauges[] = {
		{ CHAIN_CHECK_LEDGER, "earmark_ledger_proof_failed",
		    "earmark_ledger_last_proof_timestamp_seconds",
		    "earmark_ledger_last_whole_proof_timestamp_seconds",
		    "earmark_ledger_transfers" },
		{ CHAIN_CHECK_AUDIT, "earmark_audit_proof_failed",
		    "earmark_audit_last_proof_timestamp_seconds",
		    "earmark_audit_last_whole_proof_timestamp_seconds",
		    "earmark_audit_rows" },
	};

	for (size_t i = 0; i < NELEM(gauges); i++) {
		struct chain_check p;
		enum rc rc = chain_check_log_get(db, a, gauges[i].name, &p);

		if (rc != RC_OK)
			return rc;
		/* 0 if the check never ran, so that its age is very high. */
		buf_fmt(out, "%s %d\n%s %" PRId64 "\n%s %" PRId64 "\n%s %"
		    PRId64 "\n", gauges[i].failed, p.first_wrong != NULL,
		    gauges[i].proved, p.checked_at == INT64_MIN ? 0 :
		    p.checked_at / SECOND, gauges[i].whole, p.whole_at ==
		    INT64_MIN ? 0 : p.whole_at / SECOND, gauges[i].links,
		    p.links);
	}
	return RC_OK;
}

/* Returns the number of the night that a time belongs to. */
static int64_t
night(int64_t at)
{
	return (at - NIGHT) / DAY;
}

enum chain_check_need
chain_check_log_need(const struct chain_check *p, int64_t now)
{
	int64_t age;

	if (p->checked_at == INT64_MIN)
		return CHAIN_CHECK_WHOLE;
	age = now - p->checked_at;
	if (p->first_wrong != NULL)
		return age >= 0 && age < AGAIN ? CHAIN_CHECK_FRESH :
		    CHAIN_CHECK_WHOLE;
	if (night(now) != night(p->whole_at))
		return CHAIN_CHECK_WHOLE;
	return age >= 0 && age < MINUTE ? CHAIN_CHECK_FRESH : CHAIN_CHECK_NEW;
}
