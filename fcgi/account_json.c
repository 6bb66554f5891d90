#include "fcgi/account_json.h"

static const char *const status_words[] = {
	[USER_PENDING] = "pending_verification", [USER_ACTIVE] = "active",
	[USER_DELETED] = "deleted", [USER_BANNED] = "banned"
};

static const struct {
	unsigned role;
	const char *word;
} roles[] = {
	{ ROLE_CUSTOMER, "customer" }, { ROLE_LISTENER, "listener" },
	{ ROLE_ADMIN, "admin" }, { ROLE_SERVICE, "service" },
};

void
account_render(struct req *req, const char *key, const struct account *acc)
{
	struct jout *j = &req->j;
	size_t i;

	jout_obj(j, key);
	jout_int(j, "user_id", acc->id);
	jout_uuid(j, "uuid", &acc->uuid);
	jout_str(j, "username", acc->username);
	jout_str(j, "email", acc->email);
	jout_str(j, "phone", acc->phone);
	jout_str(j, "sex", acc->sex);
	jout_str(j, "bio", acc->bio);
	jout_strv(j, "interests", &acc->interests);
	jout_str(j, "profile_image_url", acc->image == NULL ? NULL :
	    arena_fmt(&req->arena, "%s/media/%s", req->conf->base_url,
	    acc->image));
	jout_str(j, "preferred_language", acc->preferred_language);
	jout_str(j, "country", acc->country);
	jout_arr(j, "roles");
	for (i = 0; i < NELEM(roles); i++)
		if (acc->roles & roles[i].role)
			jout_str(j, NULL, roles[i].word);
	jout_arr_end(j);
	/* A ban that has run out is none. */
	jout_str(j, "status", status_words[account_active(acc, req->now) ?
	    (int)USER_ACTIVE : acc->status]);
	jout_str(j, "referral_code", acc->referral_code);
	jout_time(j, "created_at", acc->created_at);
	jout_obj_end(j);
}
