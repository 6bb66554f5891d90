#include "fcgi/core/image_upload.h"

#include "base/clock.h"
#include "base/image_decoder.h"
#include "base/image_store.h"
#include "base/image_type.h"
#include "base/ratelimit.h"
#include "base/refusal.h"
#include "fcgi/core/multipart.h"

/* An upload between image_upload_begin() and the handler. */
struct upload {
	const char *name;		/* of the stored file */
	int64_t bytes;			/* of the stored files */
	const char *type, *raw;
	size_t len;
	struct image_decoder decoder;
	bool running;
};

/* ms that each upload counts at least, so that few of an account wait. */
#define DECODE_MIN	1000

/* Counts ms of decoders. */
static void
charge_decoder(struct req *req, int64_t ms)
{
	if (ms > 0 && req->conf->picture_seconds > 0)
		ratelimit_charge(RATELIMIT_PICTURE, req->actor.user,
		    req->conf->picture_seconds * SECOND, ms, clock_now());
}

/*
 * Checks the time that decoders took for the account. A hostile picture keeps
 * one busy for seconds, and there are few. first: counts the upload.
 */
static enum rc
check_decoder(struct req *req, bool first)
{
	int64_t rate = req->conf->picture_seconds * SECOND, left;
	int wait = first ? ratelimit_take(RATELIMIT_PICTURE, req->actor.user,
	    rate, clock_now(), &left) : ratelimit_wait(RATELIMIT_PICTURE,
	    req->actor.user, rate, clock_now());

	if (wait == 0) {
		charge_decoder(req, first ? DECODE_MIN - 1 : 0);
		return RC_OK;
	}
	refusal_count(REFUSED_PICTURE);
	err_set(&req->err, RC_LIMITED, NULL, NULL);
	req->err.retry_after = wait;
	return RC_LIMITED;
}

static const struct upload *
upload_of(const struct req *req)
{
	return req->prepared;
}

static void
remove_files(struct req *req)
{
	image_store_drop(req->conf->media_dir, upload_of(req)->name);
}

/* Stores the image and its thumbnail. */
static enum rc
store_result(struct req *req, struct upload *up,
    const struct image_decoder_result *r)
{
	char *name = arena_alloc(&req->arena, IMAGE_STORE_NAME);
	char thumb[IMAGE_STORE_THUMB_NAME];
	enum rc rc;

	image_store_name(req->actor.user, r->full, r->nfull, up->type, name);
	image_store_thumb(name, thumb);
	up->name = name;
	up->bytes = (int64_t)(r->nfull + r->nthumb);
	req->undo = remove_files;
	rc = image_store_put(req->conf->media_dir, thumb, r->thumb, r->nthumb);
	return rc == RC_OK ? image_store_put(req->conf->media_dir, name,
	    r->full, r->nfull) : rc;
}

/* Waits for a decoder and for its result (see fcgi/core/deferred.h). */
static bool
decode_image(struct req *req, bool refuse, int *fd)
{
	struct upload *up = req->prepared;
	struct image_decoder_result result;

	req->rc = RC_BUSY;
	if (!up->running && !refuse) {
		/* Earlier pictures of the account may have ended meanwhile. */
		req->rc = check_decoder(req, false);
		if (req->rc != RC_OK)
			return true;
		req->rc = image_decoder_start(&up->decoder, req->conf, up->raw,
		    up->len);
		up->running = req->rc == RC_OK;
		if (req->rc == RC_BUSY)
			return false;
	}
	if (!up->running) {
		err_set(&req->err, req->rc, NULL, NULL);
		return true;
	}
	if (!refuse && !image_decoder_ended(&up->decoder)) {
		*fd = up->decoder.exited;
		return false;
	}
	charge_decoder(req, (clock_mono() - up->decoder.began) / 1000 -
	    DECODE_MIN);
	req->rc = image_decoder_end(&up->decoder, &req->arena, up->type,
	    &result, &req->err);
	if (req->rc == RC_OK)
		req->rc = store_result(req, up, &result);
	return true;
}

enum rc
image_upload_begin(struct req *req)
{
	struct upload *up = arena_new(&req->arena, struct upload);
	enum rc rc;

	up->raw = req->raw;
	up->len = req->raw_len;
	if (multipart_is(req->content_type) && !multipart_file(
	    req->content_type, req->raw, req->raw_len, &up->raw, &up->len))
		up->len = 0;
	up->type = image_type(up->raw, up->len);
	if (up->type == NULL)
		return err_set(&req->err, RC_MEDIA, NULL,
		    "The image must be JPEG, PNG or WebP");
	rc = check_decoder(req, true);
	if (rc != RC_OK)
		return rc;
	req->prepared = up;
	req->deferred = decode_image;
	return RC_OK;
}

const char *
image_upload_name(const struct req *req)
{
	return upload_of(req)->name;
}

int64_t
image_upload_bytes(const struct req *req)
{
	return upload_of(req)->bytes;
}

void
image_upload_discard(struct req *req)
{
	req->after = remove_files;
}
