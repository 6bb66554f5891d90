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
