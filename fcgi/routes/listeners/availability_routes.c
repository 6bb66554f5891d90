/*
 * availability_routes: when the caller, a listener, takes calls.
 */
#include "base/clock.h"
#include "base/str.h"
#include "fcgi/core/routes.h"
#include "fcgi/routes/listeners/availability_json.h"

/* An item of weekly (day), or of exceptions (date and until). */
struct window_body {
	const char *day, *date, *until, *from, *to;
};

#define TEXT(n, f) \
	{ .name = #n, .type = F_STR, .flags = (f), .max = 20, \
	    .off = offsetof(struct window_body, n) }
static const struct field weekly_fields[] = {
	{ .name = "day", .type = F_ID, .flags = FIELD_REQUIRED, .max = 20,
	    .off = offsetof(struct window_body, day) },
	TEXT(from, FIELD_REQUIRED), TEXT(to, FIELD_REQUIRED),
};
static const struct field_table weekly_table =
    FIELD_TABLE(weekly_fields, struct window_body);
static const struct field exception_fields[] = {
	TEXT(date, FIELD_REQUIRED), TEXT(until, 0), TEXT(from, 0), TEXT(to, 0),
};
static const struct field_table exception_table =
    FIELD_TABLE(exception_fields, struct window_body);

struct availability_body {
	const char *time_zone;
	struct objv weekly, exceptions;
	int accepting;
	int64_t max_minutes;
};
#define MEMBER(n) .off = offsetof(struct availability_body, n)
static const struct field availability_fields[] = {
	{ .name = "time_zone", .type = F_STR, .flags = FIELD_TRIM | FIELD_CLEAR,
	    .max = 64, MEMBER(time_zone) },
	{ .name = "weekly", .type = F_OBJV, .sub = &weekly_table,
	    .max = 7 * OPENING_WINDOWS, MEMBER(weekly) },
	{ .name = "exceptions", .type = F_OBJV, .sub = &exception_table,
	    .max = OPENING_EXCEPTIONS, MEMBER(exceptions) },
	{ .name = "accepting_calls", .type = F_BOOL, .dflt = -1,
	    MEMBER(accepting) },
	{ .name = "max_minutes_per_day", .type = F_INT, .flags = FIELD_CLEAR,
	    .min = 1, .max = LISTENER_AVAILABILITY_MINUTES, .dflt = FIELD_NONE,
	    MEMBER(max_minutes) },
};
static const struct field_table availability_table =
    FIELD_TABLE(availability_fields, struct availability_body);

/* Adds the error of a member of an item. */
static enum rc
item_error(struct req *req, const char *list, size_t i, const char *member,
    const char *why)
{
	return err_field(&req->err, arena_fmt(&req->arena, "%s[%zu].%s", list,
	    i, member), why);
}

/* Parses "mon", "Monday" or "1" to 0 to 6. Returns -1 if it is not a day. */
static int
parse_day(const char *text)
{
	static const char *const names[] = { "monday", "tuesday", "wednesday",
	    "thursday", "friday", "saturday", "sunday" };

	if (text[0] >= '1' && text[0] <= '7' && text[1] == '\0')
		return text[0] - '1';
	for (int day = 0; day < 7; day++)
		if (str_eq_nocase(text, availability_days[day]) ||
		    str_eq_nocase(text, names[day]))
			return day;
	return -1;
}

/* Parses "2026-12-24" to days since 1970-01-01. */
static bool
parse_date(const char *text, int *day)
{
	int64_t ms;

	if (strlen(text) != 10 || !clock_parse(text, &ms))
		return false;
	*day = (int)(ms / DAY);
	return true;
}

/* Adds the window of an item to a day. */
static enum rc
add_window(struct req *req, const char *list, size_t i,
    const struct window_body *in, struct opening_day *day)
{
	int from = opening_hours_time(in->from, false);
	int to = opening_hours_time(in->to, true);

	if (from < 0)
		item_error(req, list, i, "from", "must be like 09:00");
	if (to < 0)
		item_error(req, list, i, "to", "must be like 17:00");
	if (from < 0 || to < 0)
		return RC_INVALID;
	if (day->n == OPENING_WINDOWS)
		return err_field(&req->err, list,
		    "must have at most 8 items for a day");
	if (!opening_hours_window(from, to, &day->v[day->n]))
		return item_error(req, list, i, "to", "must differ from from; "
		    "a complete day is 00:00 to 24:00");
	day->n++;
	return RC_OK;
}

static void
read_weekly(struct req *req, const struct objv *list, struct opening_hours *h)
{
	const struct window_body *in = list->v;

	for (int day = 0; day < 7; day++)
		h->weekly[day].n = 0;
	for (size_t i = 0; i < list->n; i++) {
		int day = parse_day(in[i].day);

		if (day < 0)
			item_error(req, "weekly", i, "day",
			    "must be mon, tue, wed, thu, fri, sat or sun");
		else
			add_window(req, "weekly", i, &in[i], &h->weekly[day]);
	}
}

/* Parses the dates of an exception. */
static enum rc
read_dates(struct req *req, size_t i, const struct window_body *in, int *first,
    int *last)
{
	if (!parse_date(in->date, first))
		return item_error(req, "exceptions", i, "date",
		    "must be a date like 2026-12-24");
	*last = *first;
	if (in->until != NULL && !parse_date(in->until, last))
		return item_error(req, "exceptions", i, "until",
		    "must be a date like 2026-12-24");
	return *last < *first ? item_error(req, "exceptions", i, "until",
	    "must not be before date") : RC_OK;
}

/*
 * Returns the exception with these dates that has hours too, or a new one. The
 * list has at most OPENING_EXCEPTIONS items, so there is space.
 */
static struct opening_exception *
get_exception(struct opening_hours *h, int first, int last, bool closed)
{
	struct opening_exception *x;

	for (x = h->v; x < h->v + h->n; x++)
		if (x->first == first && x->last == last && x->day.n > 0 &&
		    !closed)
			return x;
	h->n++;
	*x = (struct opening_exception){ .first = first, .last = last };
	return x;
}

static void
read_exceptions(struct req *req, const struct objv *list,
    struct opening_hours *h)
{
	const struct window_body *in = list->v;
	struct opening_exception *x;
	int first = 0, last = 0;

	h->n = 0;
	for (size_t i = 0; i < list->n; i++) {
		bool closed = in[i].from == NULL && in[i].to == NULL;

		if (read_dates(req, i, &in[i], &first, &last) != RC_OK)
			continue;
		if (!closed && (in[i].from == NULL || in[i].to == NULL)) {
			item_error(req, "exceptions", i, in[i].from == NULL ?
			    "from" : "to", "is required with the other time");
			continue;
		}
		x = get_exception(h, first, last, closed);
		if (!closed)
			add_window(req, "exceptions", i, &in[i], &x->day);
	}
}

static enum rc
get_availability(struct req *req)
{
	struct listener_availability *a = arena_alloc(&req->arena, sizeof(*a));
	enum rc rc;

	rc = listener_availability_get(req->db, &req->arena, req->actor.user,
	    req->now, a, &req->err);
	if (rc != RC_OK)
		return rc;
	availability_json_render(&req->j, NULL, a);
	return req_etag_body(req);
}

static enum rc
put_availability(struct req *req)
{
	struct listener_availability *a = arena_alloc(&req->arena, sizeof(*a));
	const struct availability_body *in = req->body;
	enum rc rc;

	rc = listener_availability_get(req->db, &req->arena, req->actor.user,
	    req->now, a, &req->err);
	if (rc != RC_OK)
		return rc;
	if (in->time_zone != NULL) {
		a->own_zone = in->time_zone[0] != '\0';
		a->time_zone = a->own_zone ? in->time_zone : NULL;
	}
	if (in->weekly.v != NULL)
		read_weekly(req, &in->weekly, &a->hours);
	if (in->exceptions.v != NULL)
		read_exceptions(req, &in->exceptions, &a->hours);
	if (in->accepting >= 0)
		a->accepting = in->accepting != 0;
	if (in->max_minutes != FIELD_NONE)
		a->max_minutes = in->max_minutes == FIELD_CLEARED ? INT64_MIN :
		    in->max_minutes;
	if (req->err.fields != NULL)
		return RC_INVALID;
	rc = listener_availability_put(req->db, req->actor.user, req->now, a,
	    &req->err);
	if (rc == RC_OK)
		availability_json_render(&req->j, NULL, a);
	return rc;
}

static const struct route routes[] = {
	{ .method = "GET", .path = "/listeners/availability",
	    .prefix = PREFIX_APP, .role = ROLE_LISTENER, .tx = TX_READ,
	    .handler = get_availability },
	{ .method = "PUT", .path = "/listeners/availability",
	    .prefix = PREFIX_APP, .role = ROLE_LISTENER, .tx = TX_WRITE,
	    .body = &availability_table, .handler = put_availability },
};

const struct route_table availability_routes = ROUTE_TABLE(routes);
