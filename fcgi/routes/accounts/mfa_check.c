#include "fcgi/routes/accounts/mfa_check.h"

#include "base/log.h"
#include "crypto/secret_box.h"
#include "crypto/totp.h"
#include "domain/common/identifier.h"

enum rc
mfa_check(struct req *req, int64_t user, const char *text,
    struct mfa_code *out)
{
	struct hash key = mfa_key(req->conf);
	uint8_t secret[MFA_SEALED_MAX];
	struct mfa_factor *f = &out->factor;
	enum rc rc;

	*out = (struct mfa_code){ .from = req->remote_addr, .step = -1,
	    .text = identifier_clean_code(&req->arena, text) };
	rc = mfa_factor_get(req->db, user, f);
	if (rc != RC_OK || f->created_at == 0)
		return rc;
	if (!secret_box_open(&key, user, f->sealed, f->n, secret)) {
		log_error("mfa", "the secret of user %lld cannot be decrypted; "
		    "was the secret key replaced?", (long long)user);
		return RC_FAULT;
	}
	out->step = totp_step(secret, f->n - SECRET_BOX_MORE, out->text,
	    req->now);
	explicit_bzero(secret, sizeof(secret));
	return RC_OK;
}
