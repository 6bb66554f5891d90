#include "base/clock.h"
#include "fcgi/routes/listeners/availability_json.h"

const char *const availability_days[] = {
	"mon", "tue", "wed", "thu", "fri", "sat", "sun", NULL
};

/* Writes "from" and "to". The end on the next day has the time of that day. */
static void
render_window(struct json_write *j, const struct opening_window *w)
{
	char text[6];

	opening_hours_time_text(w->from, text);
	json_write_str(j, "from", text);
	opening_hours_time_text(w->to > 1440 ? w->to - 1440 : w->to, text);
	json_write_str(j, "to", text);
}

static void
render_date(struct json_write *j, const char *key, int day)
{
	char text[CLOCK_TEXT];

	clock_text(day * DAY, text);
	json_write_strn(j, key, text, 10);
}

/* Writes one object for each window, or one without times. */
static void
render_exception(struct json_write *j, const struct opening_exception *x)
{
	int i = 0;

	do {
		json_write_obj(j, NULL);
		render_date(j, "date", x->first);
		render_date(j, "until", x->last);
		if (x->day.n > 0) {
			render_window(j, &x->day.v[i]);
		} else {
			json_write_null(j, "from");
			json_write_null(j, "to");
		}
		json_write_obj_end(j);
	} while (++i < x->day.n);
}

void
availability_json_render(struct json_write *j, const char *key,
    const struct listener_availability *a)
{
	const struct opening_hours *h = &a->hours;

	json_write_obj(j, key);
	json_write_str(j, "time_zone", a->time_zone);
	json_write_arr(j, "weekly");
	for (int day = 0; day < 7; day++)
		for (int i = 0; i < h->weekly[day].n; i++) {
			json_write_obj(j, NULL);
			json_write_str(j, "day", availability_days[day]);
			render_window(j, &h->weekly[day].v[i]);
			json_write_obj_end(j);
		}
	json_write_arr_end(j);
	json_write_arr(j, "exceptions");
	for (int i = 0; i < h->n; i++)
		render_exception(j, &h->v[i]);
	json_write_arr_end(j);
	json_write_bool(j, "accepting_calls", a->accepting);
	json_write_opt(j, "max_minutes_per_day", a->max_minutes);
	json_write_int(j, "minutes_used", a->used_ms / MINUTE);
	json_write_time(j, "limit_until", a->limit_until);
	json_write_time(j, "next_available_at", a->next);
	json_write_obj_end(j);
}
