#include "fcgi/routes/messaging/notification_json.h"

void
notification_render(struct jout *j, const struct notification *n)
{
	jout_obj(j, NULL);
	jout_int(j, "id", n->id);
	jout_str(j, "kind", notice_kind_words[n->kind - 1]);
	jout_str(j, "title", n->title);
	jout_str(j, "body", n->body);
	jout_raw(j, "data", n->data);
	jout_time(j, "created_at", n->created_at);
	jout_time(j, "read_at", n->read_at);
	jout_obj_end(j);
}
