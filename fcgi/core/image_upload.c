#include "fcgi/core/image_upload.h"

#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/image_decoder.h"
#include "base/image_store.h"
#include "base/image_type.h"
#include "base/log.h"
#include "base/ratelimit.h"
#include "base/refusal.h"
#include "base/str.h"
#include "fcgi/core/deferred.h"
#include "fcgi/core/multipart.h"

/* An upload between image_upload_begin() and the handler. */
struct upload {
	const char *name;		/* of the stored file */
	int64_t bytes;			/* of the stored files */
	const char *type;
	struct image_decoder decoder;
	struct image_store_files files;
	bool running;
};

/* ms that each upload counts at least, so that few of an account wait. */
#define DECODE_MIN	1000
/*
 * Maximum uploads of an account that wait in a worker: those of three accounts
 * do not fill BODY_FILE_TOTAL.
 */
#define WAITING_MAX	3

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
	int wait = 1;

	if (!first)
		wait = ratelimit_wait(RATELIMIT_PICTURE, req->actor.user, rate,
		    clock_now());
	else if (rate == 0 ||
	    deferred_count_user(req->actor.user) < WAITING_MAX)
		wait = ratelimit_take(RATELIMIT_PICTURE, req->actor.user, rate,
		    clock_now(), &left);
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

/* Creates the files of the image and starts a decoder that writes them. */
static enum rc
start_decoder(struct req *req, struct upload *up)
{
	const char *dir = req->conf->media_dir;
	char *name = arena_alloc(&req->arena, IMAGE_STORE_NAME);
	enum rc rc;
	int slot = image_decoder_slot(req->conf, &rc);

	if (slot < 0)
		return rc;
	image_store_name(up->type, name);
	rc = image_store_create(dir, name, &up->files);
	if (rc == RC_OK) {
		up->name = name;
		req->undo = remove_files;
		rc = image_decoder_start(&up->decoder, slot,
		    &(struct image_decoder_files){ .input = req->body_file.fd,
		    .full = up->files.full, .thumb = up->files.thumb,
		    .folder = up->files.folder });
		if (rc != RC_OK)
			image_store_close(&up->files);
	}
	close(slot);
	return rc;
}

/* Ends the decoder and checks what it wrote. */
static enum rc
end_decoder(struct req *req, struct upload *up)
{
	size_t full = 0, thumb = 0;
	enum rc rc;

	charge_decoder(req, (clock_mono() - up->decoder.began) / 1000 -
	    DECODE_MIN);
	rc = image_decoder_end(&up->decoder, &req->err);
	if (rc == RC_OK) {
		full = image_decoder_check(up->files.full, up->type);
		thumb = image_decoder_check(up->files.thumb, up->type);
	}
	if (rc == RC_OK && (full == 0 || thumb == 0))
		rc = err_set(&req->err, RC_MEDIA, NULL,
		    "The image cannot be decoded");
	up->bytes = (int64_t)(full + thumb);
	/* The files are complete before a row refers to them. */
	image_store_close(&up->files);
	body_file_close(&req->body_file);
	return rc;
}

/* Waits for a decoder and for its result (see fcgi/core/deferred.h). */
static bool
decode_image(struct req *req, bool refuse, int *fd)
{
	struct upload *up = req->prepared;

	req->rc = RC_BUSY;
	if (!up->running && !refuse) {
		/* Earlier pictures of the account may have ended meanwhile. */
		req->rc = check_decoder(req, false);
		if (req->rc != RC_OK)
			return true;
		req->rc = start_decoder(req, up);
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
	req->rc = end_decoder(req, up);
	return true;
}

/*
 * Finds the image in the body, which may be a part of multipart/form-data.
 * Returns false if its type is not known.
 */
static bool
find_image(const struct req *req, const char *body, size_t *begin, size_t *n,
    const char **type)
{
	const char *image = body;

	*n = req->raw_len;
	if (multipart_is(req->content_type) && !multipart_file(
	    req->content_type, body, req->raw_len, &image, n))
		return false;
	*begin = (size_t)(image - body);
	*type = image_type(image, *n);
	return *type != NULL;
}

/* Finds the image in a body in a file, and cuts off what follows it. */
static enum rc
find_in_file(struct req *req, const char **type)
{
	int fd = req->body_file.fd;
	size_t begin, n;
	char *body;
	bool found;

	body = mmap(NULL, req->raw_len, PROT_READ, MAP_SHARED, fd, 0);
	if (body == MAP_FAILED) {
		log_error("image", "mmap: %s", strerror(errno));
		return RC_FAULT;
	}
	found = find_image(req, body, &begin, &n, type);
	munmap(body, req->raw_len);
	if (!found)
		return RC_MEDIA;
	if (lseek(fd, (off_t)begin, SEEK_SET) < 0 ||
	    ftruncate(fd, (off_t)(begin + n)) != 0) {
		log_error("image", "the body: %s", strerror(errno));
		return RC_FAULT;
	}
	return RC_OK;
}

/* Makes req->body_file the input of the decoder. */
static enum rc
make_input(struct req *req, const char **type)
{
	size_t begin, n;

	if (req->raw == NULL)
		return find_in_file(req, type);
	if (!find_image(req, req->raw, &begin, &n, type))
		return RC_MEDIA;
	req->body_file.fd = image_decoder_input(req->raw + begin, n);
	if (req->body_file.fd > 0)
		return RC_OK;
	req->body_file.fd = 0;
	return RC_FAULT;
}

enum rc
image_upload_begin(struct req *req)
{
	struct upload *up = arena_new(&req->arena, struct upload);
	enum rc rc;

	rc = make_input(req, &up->type);
	if (rc != RC_OK)
		return err_set(&req->err, rc, NULL, rc == RC_MEDIA ?
		    "The image must be JPEG, PNG or WebP" : NULL);
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
