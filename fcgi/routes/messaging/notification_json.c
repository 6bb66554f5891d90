#include "fcgi/routes/messaging/notification_json.h"

void
notification_json_render(struct json_write *j, const struct notification *n)
{
	json_write_obj(j, NULL);
	json_write_int(j, "id", n->id);
	json_write_str(j, "kind", notice_kind_names[n->kind - 1]);
	json_write_str(j, "title", n->title);
	json_write_str(j, "body", n->body);
	json_write_raw(j, "data", n->data);
	json_write_time(j, "created_at", n->created_at);
	json_write_time(j, "read_at", n->read_at);
	json_write_obj_end(j);
}

static void
render_hour(struct json_write *j, const char *key, int64_t minutes)
{
	char text[8];

	if (minutes == INT64_MIN) {
		json_write_null(j, key);
		return;
	}
	snprintf(text, sizeof(text), "%02d:%02d", (int)(minutes / 60) % 24,
	    (int)(minutes % 60));
	json_write_str(j, key, text);
}

void
notification_json_preference(struct json_write *j, const char *key,
    const struct preference *p, int64_t now)
{
	json_write_obj(j, key);
	json_write_arr(j, "kinds");
	for (int k = 1; k <= NOTICE_KINDS; k++) {
		json_write_obj(j, NULL);
		json_write_str(j, "kind", notice_kind_names[k - 1]);
		for (int c = 0; c < CHANNELS; c++)
			json_write_bool(j, channel_names[c],
			    preference_allows(p, (enum notice_kind)k,
			    1u << c) != 0);
		json_write_obj_end(j);
	}
	json_write_arr_end(j);
	render_hour(j, "quiet_start", p->quiet_start);
	render_hour(j, "quiet_end", p->quiet_end);
	json_write_int(j, "utc_offset_minutes", preference_offset(p, now) /
	    MINUTE);
	json_write_obj_end(j);
}
