/*
 * admin_templates_routes: previews of the texts of messages, and test messages
 * to the administrator.
 */
#include "base/str.h"
#include "domain/common/identifier.h"
#include "domain/messaging/text_test.h"
#include "fcgi/core/routes.h"

struct choice {
	int channel;
	const char *language;
};
static const struct field choice_fields[] = {
	{ .name = "channel", .type = F_ENUM, .flags = FIELD_REQUIRED,
	    .words = template_channel_names, .dflt = -1,
	    .off = offsetof(struct choice, channel) },
	{ .name = "language", .type = F_STR, .min = 2, .max = 3,
	    .off = offsetof(struct choice, language) },
};
static const struct field_table choice_table =
    FIELD_TABLE(choice_fields, struct choice);

static void
render_type(struct json_write *j, const struct text_type *t)
{
	json_write_obj(j, NULL);
	json_write_str(j, "name", t->name);
	json_write_arr(j, "channels");
	for (unsigned i = 0; i < TEMPLATE_CHANNELS; i++)
		if (t->channels & 1u << i)
			json_write_str(j, NULL, template_channel_names[i]);
	json_write_arr_end(j);
	json_write_str(j, "variables", t->variables);
	json_write_obj_end(j);
}

static enum rc
list_templates(struct req *req)
{
	struct json_write *j = &req->j;
	struct strv languages;
	size_t i;

	text_test_languages(&req->arena, &languages);
	json_write_obj(j, NULL);
	json_write_arr(j, "languages");
	for (i = 0; i < languages.n; i++)
		json_write_str(j, NULL, languages.v[i]);
	json_write_arr_end(j);
	json_write_arr(j, "templates");
	for (i = 0; i < text_types_n; i++)
		render_type(j, &text_types[i]);
	json_write_arr_end(j);
	json_write_obj_end(j);
	return RC_OK;
}

static enum rc
find_preview(struct req *req, const struct choice *in, struct text_preview *p)
{
	return text_test_preview(&req->arena, req->path_arg[0],
	    (enum template_channel)in->channel,
	    in->language == NULL ? "en" : in->language, p, &req->err);
}

static enum rc
preview(struct req *req)
{
	struct json_write *j = &req->j;
	struct text_preview p;
	enum rc rc = find_preview(req, req->query, &p);

	if (rc != RC_OK)
		return rc;
	json_write_obj(j, NULL);
	json_write_str(j, "name", p.type->name);
	json_write_str(j, "channel", template_channel_names[p.file->channel]);
	json_write_str(j, "language", p.file->language);
	json_write_str(j, "source", p.file->own ? "operator" : "built_in");
	json_write_str(j, "error", p.error);
	json_write_str(j, "title", p.text.title);
	json_write_str(j, "body", p.text.body);
	json_write_opt(j, "segments", p.segments == 0 ? INT64_MIN :
	    (int64_t)p.segments);
	json_write_bool(j, "unicode", p.unicode);
	json_write_obj_end(j);
	return RC_OK;
}

static enum rc
send_test(struct req *req)
{
	const struct audit_by by = req_by(req);
	struct text_preview p;
	const char *to;
	enum rc rc = find_preview(req, req->body, &p);

	if (rc == RC_OK)
		rc = text_test_send(req->db, &req->arena, &p, &by, &to,
		    &req->err);
	if (rc != RC_OK)
		return rc;
	json_write_obj(&req->j, NULL);
	json_write_str(&req->j, "sent_to", to == NULL ? NULL :
	    identifier_mask(&req->arena, to));
	json_write_obj_end(&req->j);
	return RC_ACCEPTED;
}

static const struct route routes[] = {
	{ .method = "GET", .path = "/admin/templates", .prefix = PREFIX_APP,
	    .role = ROLE_ADMIN, .tx = TX_READ, .flags = ROUTE_NO_STORE,
	    .handler = list_templates },
	{ .method = "GET", .path = "/admin/templates/{name}",
	    .prefix = PREFIX_APP, .role = ROLE_ADMIN, .tx = TX_READ,
	    .flags = ROUTE_NO_STORE, .query = &choice_table,
	    .handler = preview },
	{ .method = "POST", .path = "/admin/templates/{name}/test",
	    .prefix = PREFIX_APP, .role = ROLE_ADMIN, .tx = TX_WRITE,
	    .body = &choice_table, .handler = send_test },
};

const struct route_table admin_templates_routes = ROUTE_TABLE(routes);
