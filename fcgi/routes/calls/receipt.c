#include "fcgi/routes/calls/receipt.h"

#include <inttypes.h>

#include "base/clock.h"
#include "base/hash.h"
#include "domain/calls/call.h"

static const char *const ended_by[] = {
	[SESSION_CAUSE_CUSTOMER] = "the customer",
	[SESSION_CAUSE_LISTENER] = "the listener",
	[SESSION_CAUSE_MONEY] = "the end of the balance",
	[SESSION_CAUSE_BAN] = "a ban of one party",
	[SESSION_CAUSE_DELETED] = "the deletion of the account of one party",
	[SESSION_CAUSE_OPERATOR] = "the operator",
	[SESSION_CAUSE_LEFT] = "both parties leaving the call",
	[SESSION_CAUSE_LOST_CUSTOMER] = "the lost connection of the customer",
	[SESSION_CAUSE_LOST_LISTENER] = "the lost connection of the listener",
	[SESSION_CAUSE_OUTAGE] = "an outage of the service",
	[SESSION_CAUSE_FAILED] = "a failure of the connection",
	[SESSION_CAUSE_MAX_MINUTES] = "the maximum length",
	[SESSION_CAUSE_DAILY_SPEND] = "the daily limit of the customer",
	[SESSION_CAUSE_BLOCKED] = "a block between the parties",
};

/* The numbers of a receipt line. INT64_MIN is null. */
struct sums {
	int64_t ms, minutes, amount;
};
#define MS(n)		((struct sums){ (n), INT64_MIN, INT64_MIN })
#define MINUTES(n)	((struct sums){ INT64_MIN, (n), INT64_MIN })
#define AMOUNT(n)	((struct sums){ INT64_MIN, INT64_MIN, (n) })

static void write_line(struct req *, const char *, struct sums, const char *,
    ...) __attribute__((format(printf, 4, 5)));

static void
write_line(struct req *req, const char *what, struct sums sums, const char *fmt,
    ...)
{
	struct json_write *j = &req->j;
	va_list ap;

	json_write_obj(j, NULL);
	json_write_str(j, "what", what);
	va_start(ap, fmt);
	json_write_str(j, "text", arena_vfmt(&req->arena, fmt, ap));
	va_end(ap);
	json_write_opt(j, "milliseconds", sums.ms);
	json_write_opt(j, "minutes", sums.minutes);
	json_write_opt(j, "amount", sums.amount);
	json_write_obj_end(j);
}

/*
 * Returns a time with milliseconds, "2024-06-23T10:12:07.042Z". They are needed
 * because billing counts milliseconds.
 */
static const char *
time_text(struct req *req, int64_t ms)
{
	char text[CLOCK_TEXT];

	clock_text(ms, text);
	text[CLOCK_TEXT - 2] = '\0';
	return arena_fmt(&req->arena, "%s.%03dZ", text, (int)(ms % SECOND));
}

static const char *
plural(int64_t n)
{
	return n == 1 ? "" : "s";
}

/* Writes what is not billed besides the free time. */
static void
write_pause_lines(struct req *req, const struct session *s)
{
	if (s->billed_from > s->started_at)
		write_line(req, "start", MS(s->billed_from - s->started_at),
		    s->cause == SESSION_CAUSE_FAILED ?
		    "No conversation took place. This time is free." :
		    "The time before the conversation began is free.");
	if (s->paused_ms > 0)
		write_line(req, "outage", MS(s->paused_ms),
		    "An outage of the service, which is free.");
	if (s->waived && s->cause == SESSION_CAUSE_LOST_CUSTOMER)
		write_line(req, "lost", MS(INT64_MIN),
		    "The time after the last sign of the customer is free.");
}

static void
write_time_lines(struct req *req, const struct session *s)
{
	const struct bill *b = &s->bill;

	write_line(req, "clock", MS(b->length_ms),
	    "The session ran from %s to %s (server time). It was ended by %s.",
	    time_text(req, s->started_at), time_text(req, s->ended_at),
	    ended_by[s->cause]);
	write_pause_lines(req, s);
	write_line(req, "free", MS(b->free_ms),
	    "Free time: the first %" PRId64 " second%s.",
	    s->tariff.free_ms / SECOND, plural(s->tariff.free_ms / SECOND));
	write_line(req, "billable", MS(b->billable_ms), b->billable_ms == 0 ?
	    "No time is charged." : b->free_ms == 0 ?
	    "The whole time is charged." :
	    "The time after the free time is charged.");
	write_line(req, "minutes", MINUTES(b->minutes),
	    "That is %" PRId64 " started minute%s%s.", b->minutes,
	    plural(b->minutes), b->minutes == 0 || s->tariff.per_second ? "" :
	    ". A minute that has begun counts in full");
	write_line(req, "promotion", MINUTES(b->free_minutes),
	    "%" PRId64 " of them %s paid by a promotion.", b->free_minutes,
	    b->free_minutes == 1 ? "is" : "are");
}

static void
write_money_lines(struct req *req, const struct session *s)
{
	const struct bill *b = &s->bill;
	int64_t paid = b->minutes - b->free_minutes;

	write_line(req, "rate", AMOUNT(s->tariff.rate),
	    "The rate per minute, fixed at the start%s.",
	    s->tariff.per_second ? "; each started second costs a sixtieth of "
	    "it, and the sum is rounded up" : "");
	if (s->tariff.per_second)
		write_line(req, "cost", AMOUNT(b->cost),
		    "The cost, billed per second.");
	else
		write_line(req, "cost", AMOUNT(b->cost), "The cost of %"
		    PRId64 " minute%s at this rate.", paid, plural(paid));
}

static enum rc
write_refund_lines(struct req *req, const struct session *s)
{
	struct session_refund *list;
	size_t n;
	enum rc rc;

	rc = session_refunds(req->db, &req->arena, s, &list, &n);
	for (size_t i = 0; rc == RC_OK && i < n; i++)
		write_line(req, "refund", AMOUNT(-list[i].amount),
		    "Refunded on %s: %s", time_text(req, list[i].at),
		    list[i].reason ? list[i].reason : "no reason was given");
	return rc;
}

static enum rc
write_lines(struct req *req, const struct session *s,
    enum session_json_viewer viewer, int64_t reversed)
{
	int64_t percent = s->tariff.commission;
	enum rc rc = RC_OK;

	write_time_lines(req, s);
	write_money_lines(req, s);
	if (viewer != SESSION_JSON_LISTENER) {
		write_line(req, "bonus", AMOUNT(s->cost_bonus),
		    "Part of the cost paid with bonus money.");
		write_line(req, "wallet", AMOUNT(s->bill.cost - s->cost_bonus),
		    "Part of the cost paid from the wallet.");
		rc = write_refund_lines(req, s);
	}
	if (viewer != SESSION_JSON_CUSTOMER) {
		write_line(req, "gross", AMOUNT(s->bill.gross),
		    "The cost plus the discount of the promotion. This amount "
		    "is shared.");
		write_line(req, "fee", AMOUNT(-s->bill.fee),
		    "The platform keeps %" PRId64 ".%02" PRId64 " percent.",
		    percent / 100, percent % 100);
		write_line(req, "earned", AMOUNT(s->bill.earned),
		    "The listener earns the rest.");
		if (reversed > 0)
			write_line(req, "reversed", AMOUNT(-reversed),
			    "Earnings that the operator reversed.");
	}
	return rc;
}

struct media {
	struct media_seen *list;
	size_t n;
};

/* Writes the joins and leaves that the media network reported. */
static void
write_media(struct req *req, const struct session *s, const struct media *m)
{
	struct json_write *j = &req->j;
	size_t i;

	json_write_arr(j, "media");
	for (i = 0; i < m->n; i++) {
		json_write_obj(j, NULL);
		json_write_str(j, "who", m->list[i].user == s->customer ?
		    "customer" : "listener");
		json_write_str(j, "what", m->list[i].what == MEDIA_JOINED ?
		    "joined" : "left");
		json_write_time(j, "at", m->list[i].at);
		json_write_obj_end(j);
	}
	json_write_arr_end(j);
}

enum rc
receipt_render(struct req *req, const struct session *s,
    enum session_json_viewer viewer)
{
	struct json_write *j = &req->j;
	struct media m = { 0 };
	int64_t reversed = 0;
	enum rc rc = RC_OK;

	if (s->state == SESSION_LIVE)
		return err_set(&req->err, RC_CONFLICT, "session_live",
		    "The session has not ended yet");
	if (s->call != INT64_MIN)
		rc = call_media_seen(req->db, &req->arena, s->call, &m.list,
		    &m.n);
	if (rc == RC_OK && viewer != SESSION_JSON_CUSTOMER)
		rc = session_reversed(req->db, s->id, &reversed);
	if (rc == RC_OK)
		rc = req_etag(req, 4, (int64_t)viewer,
		    (int64_t)session_json_hash(s, HASH_FAST_SEED),
		    (int64_t)m.n, reversed);
	if (rc != RC_OK)
		return rc;
	json_write_obj(j, NULL);
	session_json_members(req, s, viewer);
	json_write_arr(j, "lines");
	rc = write_lines(req, s, viewer, reversed);
	json_write_arr_end(j);
	if (rc == RC_OK)
		write_media(req, s, &m);
	json_write_obj_end(j);
	return rc;
}
