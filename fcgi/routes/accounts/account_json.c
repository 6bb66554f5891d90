#include "fcgi/routes/accounts/account_json.h"

#include "domain/accounts/account_admin.h"
#include "domain/common/role.h"
#include "fcgi/routes/listeners/listener_json.h"

void
account_render(struct req *req, const char *key, const struct account *acc)
{
	struct jout *j = &req->j;
	int i;

	jout_obj(j, key);
	jout_int(j, "user_id", acc->id);
	jout_uuid(j, "uuid", &acc->uuid);
	jout_str(j, "username", acc->username);
	jout_str(j, "email", acc->email);
	jout_str(j, "phone", acc->phone);
	jout_str(j, "sex", acc->sex);
	jout_str(j, "bio", acc->bio);
	jout_strv(j, "interests", &acc->interests);
	card_image(j, req->conf, acc->image);
	jout_str(j, "preferred_language", acc->preferred_language);
	jout_str(j, "country", acc->country);
	jout_arr(j, "roles");
	for (i = 0; i < ROLES; i++)
		if (acc->roles & 1u << i)
			jout_str(j, NULL, role_words[i]);
	jout_arr_end(j);
	/* A ban that has run out is none. */
	jout_str(j, "status", user_status_words[account_active(acc,
	    req->now) ? (int)USER_ACTIVE : acc->status]);
	jout_str(j, "referral_code", acc->referral_code);
	jout_time(j, "created_at", acc->created_at);
	jout_obj_end(j);
}

enum rc
account_path_id(struct req *req, int64_t *user)
{
	enum rc rc = req_path_id(req, user, "User not found");

	return rc == RC_OK ? admin_user_known(req->db, *user, &req->err) : rc;
}
