#include "fcgi/routes/accounts/account_json.h"

#include "domain/accounts/account_admin.h"
#include "domain/common/role.h"
#include "fcgi/routes/listeners/listener_json.h"

void
account_json_roles(struct json_write *j, unsigned roles)
{
	int i;

	json_write_arr(j, "roles");
	for (i = 0; i < ROLES; i++)
		if (roles & 1u << i)
			json_write_str(j, NULL, role_names[i]);
	json_write_arr_end(j);
}

void
account_json_render(struct req *req, const char *key, const struct account *acc)
{
	struct json_write *j = &req->j;

	json_write_obj(j, key);
	json_write_int(j, "user_id", acc->id);
	json_write_uuid(j, "uuid", &acc->uuid);
	json_write_str(j, "username", acc->username);
	json_write_str(j, "email", acc->email);
	json_write_str(j, "phone", acc->phone);
	json_write_str(j, "sex", acc->sex);
	json_write_str(j, "bio", acc->bio);
	json_write_strv(j, "interests", &acc->interests);
	listener_json_image(j, req->conf, acc->image);
	json_write_str(j, "preferred_language", acc->preferred_language);
	json_write_str(j, "country", acc->country);
	account_json_roles(j, acc->roles);
	/* An expired ban counts as active. */
	json_write_str(j, "status", user_status_names[account_active(acc,
	    req->now) ? (int)USER_ACTIVE : acc->status]);
	json_write_str(j, "referral_code", acc->referral_code);
	json_write_time(j, "created_at", acc->created_at);
	json_write_obj_end(j);
}

void
account_json_settings(struct json_write *j, const char *key,
    const struct settings *s)
{
	json_write_obj(j, key);
	json_write_str(j, "language", s->language);
	json_write_str(j, "time_zone", s->time_zone);
	json_write_bool(j, "show_last_seen", s->show_last_seen);
	json_write_bool(j, "news", s->news);
	json_write_obj_end(j);
}

void
account_json_security(struct json_write *j, const struct security_row *row)
{
	json_write_obj(j, NULL);
	json_write_int(j, "id", row->id);
	json_write_str(j, "kind", security_kind_names[row->kind - 1]);
	json_write_opt(j, "session_id", row->session);
	json_write_str(j, "detail", row->detail);
	json_write_time(j, "at", row->at);
	json_write_obj_end(j);
}

enum rc
account_json_path_id(struct req *req, int64_t *user)
{
	enum rc rc = req_path_id(req, user, "User not found");

	return rc == RC_OK ? account_admin_known(req->db, *user, &req->err) :
	    rc;
}
