#include "archive/archive_file.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zstd.h>

#include "base/str.h"
#include "base/write_all.h"

#define MAGIC		"earmark-archive 1\n"
#define CHUNK		((size_t)64 * 1024)
#define LEVEL		1
#define LEVEL_FAST	(-3)
/* An encrypted chunk: its length as 4 bytes, then its bytes with the tag. */
#define SEALED		(CHUNK + crypto_secretstream_xchacha20poly1305_ABYTES)

struct archive_writer {
	int fd;
	char *path;
	struct hashing *digest;
	ZSTD_CCtx *zstd;
	bool sealed;
	crypto_secretstream_xchacha20poly1305_state state;
	char header[ARCHIVE_FILE_HEADER];
	uint8_t plain[CHUNK];		/* compressed, not yet written */
	size_t used;
	uint8_t out[SEALED + 4];
	bool failed;
};

struct archive_reader {
	FILE *f;
	char header[ARCHIVE_FILE_HEADER];
	int64_t left;			/* bytes of the body not yet read */
	ZSTD_DCtx *zstd;
	bool sealed, last;
	crypto_secretstream_xchacha20poly1305_state state;
	uint8_t in[SEALED];
	uint8_t plain[CHUNK];
	ZSTD_inBuffer input;
	bool ended;			/* the zstd frame is complete */
};

static enum rc
fail(struct err *err, const char *path)
{
	return err_errno(err, errno == ENOENT ? RC_NOT_FOUND : RC_FAULT,
	    "archive", path);
}

static enum rc
damaged(struct err *err, const char *path, const char *why)
{
	return err_set(err, RC_BAD, "archive_damaged", "%s is damaged: %s",
	    path, why);
}

static bool
put(struct archive_writer *w, const void *data, size_t n)
{
	hash_more(w->digest, data, n);
	w->failed = w->failed || !write_all(w->fd, data, n);
	return !w->failed;
}

/* Writes the collected bytes of the body, as one encrypted chunk or as is. */
static bool
flush(struct archive_writer *w, bool last)
{
	unsigned long long n = w->used;
	uint8_t tag = last ? crypto_secretstream_xchacha20poly1305_TAG_FINAL :
	    crypto_secretstream_xchacha20poly1305_TAG_MESSAGE;

	if (!w->sealed) {
		put(w, w->plain, w->used);
		w->used = 0;
		return !w->failed;
	}
	/* Each chunk also authenticates the header lines. */
	crypto_secretstream_xchacha20poly1305_push(&w->state, w->out + 4, &n,
	    w->plain, w->used, (const uint8_t *)w->header, strlen(w->header),
	    tag);
	for (int i = 0; i < 4; i++)
		w->out[i] = (uint8_t)(n >> (8 * i));
	w->used = 0;
	return put(w, w->out, (size_t)n + 4);
}

static void
writer_free(struct archive_writer *w)
{
	struct hash unused;

	if (w->fd >= 0)
		close(w->fd);
	if (w->digest != NULL) {
		unused = hash_end(w->digest);
		(void)unused;
	}
	ZSTD_freeCCtx(w->zstd);
	sodium_memzero(&w->state, sizeof(w->state));
	free(w->path);
	free(w);
}

struct archive_writer *
archive_file_create(const char *path, const char *lines,
    const struct hash *key, struct err *err)
{
	uint8_t start[crypto_secretstream_xchacha20poly1305_HEADERBYTES];
	struct archive_writer *w = calloc(1, sizeof(*w));

	if (w == NULL)
		BUG("out of memory");
	w->path = strdup(path);
	w->zstd = ZSTD_createCCtx();
	if (w->path == NULL || w->zstd == NULL || sodium_init() < 0)
		BUG("out of memory");
	ZSTD_CCtx_setParameter(w->zstd, ZSTD_c_compressionLevel, LEVEL);
	w->sealed = key != NULL;
	if ((size_t)snprintf(w->header, sizeof(w->header), MAGIC "%s%s\n",
	    lines, w->sealed ? "encrypted yes\n" : "") >= sizeof(w->header))
		BUG("a long header of the archive");
	w->digest = hash_begin();
	w->fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW |
	    O_CLOEXEC, 0600);
	if (w->fd < 0 || !put(w, w->header, strlen(w->header))) {
		fail(err, path);
		writer_free(w);
		return NULL;
	}
	if (!w->sealed)
		return w;
	crypto_secretstream_xchacha20poly1305_init_push(&w->state, start,
	    key->b);
	if (put(w, start, sizeof(start)))
		return w;
	fail(err, path);
	writer_free(w);
	return NULL;
}

void
archive_file_fast(struct archive_writer *w)
{
	ZSTD_CCtx_setParameter(w->zstd, ZSTD_c_compressionLevel, LEVEL_FAST);
}

/* Compresses n bytes. how: ZSTD_e_continue, or ZSTD_e_end at the end. */
static bool
compress_bytes(struct archive_writer *w, const void *data, size_t n,
    ZSTD_EndDirective how)
{
	ZSTD_inBuffer in = { data, n, 0 };
	size_t left;

	do {
		ZSTD_outBuffer out = { w->plain, CHUNK, w->used };

		left = ZSTD_compressStream2(w->zstd, &out, &in, how);
		if (ZSTD_isError(left))
			BUG("zstd: %s", ZSTD_getErrorName(left));
		w->used = out.pos;
		if (w->used == CHUNK && !flush(w, false))
			return false;
	} while (how == ZSTD_e_end ? left > 0 : in.pos < in.size);
	return true;
}

enum rc
archive_file_add(struct archive_writer *w, const void *data, size_t n,
    struct err *err)
{
	if (!w->failed && compress_bytes(w, data, n, ZSTD_e_continue))
		return RC_OK;
	w->failed = true;
	return fail(err, w->path);
}

enum rc
archive_file_add_file(struct archive_writer *w, int fd, const char *name,
    struct err *err)
{
	static char block[256 * 1024];
	enum rc rc = RC_OK;
	ssize_t n;

	while (rc == RC_OK && (n = read(fd, block, sizeof(block))) != 0) {
		if (n > 0)
			rc = archive_file_add(w, block, (size_t)n, err);
		else if (errno != EINTR)
			rc = err_errno(err, RC_FAULT, ARCHIVE_FILE_SOURCE,
			    name);
	}
	return rc;
}

enum rc
archive_file_end(struct archive_writer *w, bool keep, struct err *err)
{
	enum rc rc = RC_OK;
	struct hash sum;

	if (keep && (w->failed || !compress_bytes(w, NULL, 0, ZSTD_e_end) ||
	    !flush(w, true)))
		rc = fail(err, w->path);
	if (keep && rc == RC_OK) {
		sum = hash_end(w->digest);
		w->digest = hash_begin();
		if (!put(w, sum.b, sizeof(sum.b)) || fsync(w->fd) != 0)
			rc = fail(err, w->path);
	}
	if (!keep || rc != RC_OK)
		unlink(w->path);
	writer_free(w);
	return rc;
}

/* Computes the digest of all but the last 32 bytes and compares it. */
static enum rc
verify_digest(struct archive_reader *r, const char *path, int64_t size,
    struct err *err)
{
	int64_t left = size - (int64_t)sizeof(struct hash);
	struct hashing *h;
	struct hash want, is;
	size_t n = 0;

	if (left < (int64_t)strlen(MAGIC))
		return damaged(err, path, "it is too short");
	h = hash_begin();
	while (left > 0) {
		n = left < (int64_t)sizeof(r->in) ? (size_t)left :
		    sizeof(r->in);
		n = fread(r->in, 1, n, r->f);
		if (n == 0)
			break;
		hash_more(h, r->in, n);
		left -= (int64_t)n;
	}
	is = hash_end(h);
	if (left > 0 || fread(want.b, 1, sizeof(want.b), r->f) !=
	    sizeof(want.b))
		return fail(err, path);
	return hash_eq(want.b, is.b, sizeof(is.b)) ? RC_OK :
	    damaged(err, path, "the digest is wrong");
}

/* Reads the header lines, up to the empty line. */
static enum rc
read_header(struct archive_reader *r, const char *path, struct err *err)
{
	size_t n = 0;
	int c;

	if (fseeko(r->f, 0, SEEK_SET) != 0)
		return fail(err, path);
	while (n < sizeof(r->header) - 1 && (c = getc(r->f)) != EOF) {
		r->header[n++] = (char)c;
		if (n > 1 && c == '\n' && r->header[n - 2] == '\n')
			break;
	}
	r->header[n] = '\0';
	if (!str_prefix(r->header, MAGIC) || n < 2 ||
	    r->header[n - 2] != '\n')
		return damaged(err, path, "it is not a file of an archive, or "
		    "of a later version");
	r->left -= (int64_t)(n + sizeof(struct hash));
	return RC_OK;
}

static enum rc
begin_unsealing(struct archive_reader *r, const char *path,
    const struct hash *key, struct err *err)
{
	uint8_t start[crypto_secretstream_xchacha20poly1305_HEADERBYTES];

	if (key == NULL)
		return err_set(err, RC_BAD, "archive_key", "%s is encrypted: "
		    "archive.key_file is needed", path);
	if (r->left < (int64_t)sizeof(start) || fread(start, 1, sizeof(start),
	    r->f) != sizeof(start) ||
	    crypto_secretstream_xchacha20poly1305_init_pull(&r->state, start,
	    key->b) != 0)
		return damaged(err, path, "the encryption header is missing");
	r->left -= (int64_t)sizeof(start);
	return RC_OK;
}

struct archive_reader *
archive_file_open(const char *path, const struct hash *key, struct err *err)
{
	struct archive_reader *r = calloc(1, sizeof(*r));
	char yes[4];
	struct stat st;
	enum rc rc = RC_OK;
	int fd;

	if (r == NULL || sodium_init() < 0)
		BUG("out of memory");
	r->zstd = ZSTD_createDCtx();
	if (r->zstd == NULL)
		BUG("out of memory");
	fd = open(path, O_RDONLY | O_CLOEXEC);
	r->f = fd < 0 ? NULL : fdopen(fd, "r");
	if (r->f == NULL || fstat(fd, &st) != 0)
		rc = fail(err, path);
	if (rc == RC_OK)
		rc = verify_digest(r, path, st.st_size, err);
	if (rc == RC_OK) {
		r->left = st.st_size;
		rc = read_header(r, path, err);
	}
	if (rc == RC_OK) {
		r->sealed = archive_file_value(r, "encrypted", yes,
		    sizeof(yes));
		if (r->sealed)
			rc = begin_unsealing(r, path, key, err);
	}
	if (rc == RC_OK)
		return r;
	archive_file_close(r);
	return NULL;
}

bool
archive_file_value(const struct archive_reader *r, const char *name, char *out,
    size_t size)
{
	size_t n = strlen(name);
	const char *p = r->header, *end;

	while ((end = strchr(p, '\n')) != NULL && end != p) {
		if (strncmp(p, name, n) == 0 && p[n] == ' ') {
			p += n + 1;
			return (size_t)snprintf(out, size, "%.*s",
			    (int)(end - p), p) < size;
		}
		p = end + 1;
	}
	return false;
}

int64_t
archive_file_number(const struct archive_reader *r, const char *name)
{
	char text[24];
	int64_t n;

	return archive_file_value(r, name, text, sizeof(text)) &&
	    str_int(text, &n) && n >= 0 ? n : -1;
}

/* Reads and decrypts the next chunk. Returns false if it is not authentic. */
static bool
unseal(struct archive_reader *r)
{
	uint8_t size[4], tag;
	unsigned long long got = 0;
	uint32_t n;

	if (r->last || r->left < 4 || fread(size, 1, 4, r->f) != 4)
		return false;
	n = (uint32_t)size[0] | (uint32_t)size[1] << 8 |
	    (uint32_t)size[2] << 16 | (uint32_t)size[3] << 24;
	r->left -= 4;
	if (n > sizeof(r->in) || (int64_t)n > r->left ||
	    fread(r->in, 1, n, r->f) != n)
		return false;
	r->left -= n;
	if (crypto_secretstream_xchacha20poly1305_pull(&r->state, r->plain,
	    &got, &tag, r->in, n, (const uint8_t *)r->header,
	    strlen(r->header)) != 0)
		return false;
	r->last = tag == crypto_secretstream_xchacha20poly1305_TAG_FINAL;
	r->input = (ZSTD_inBuffer){ r->plain, (size_t)got, 0 };
	return true;
}

static bool
refill(struct archive_reader *r)
{
	size_t n;

	if (r->sealed)
		return unseal(r);
	n = r->left < (int64_t)CHUNK ? (size_t)r->left : CHUNK;
	if (n == 0 || fread(r->plain, 1, n, r->f) != n)
		return false;
	r->left -= (int64_t)n;
	r->input = (ZSTD_inBuffer){ r->plain, n, 0 };
	return true;
}

enum rc
archive_file_read(struct archive_reader *r, void *to, size_t n, size_t *got,
    struct err *err)
{
	ZSTD_outBuffer out = { to, n, 0 };
	size_t left;

	*got = 0;
	while (out.pos < n && !r->ended) {
		if (r->input.pos == r->input.size && !refill(r))
			return err_set(err, RC_BAD, "archive_damaged",
			    r->sealed ? "the file is encrypted with another "
			    "key, or it was changed" : "the file is too "
			    "short");
		left = ZSTD_decompressStream(r->zstd, &out, &r->input);
		if (ZSTD_isError(left))
			return err_set(err, RC_BAD, "archive_damaged",
			    "the compressed data is damaged");
		r->ended = left == 0;
	}
	*got = out.pos;
	return RC_OK;
}

void
archive_file_close(struct archive_reader *r)
{
	if (r == NULL)
		return;
	if (r->f != NULL)
		fclose(r->f);
	ZSTD_freeDCtx(r->zstd);
	sodium_memzero(&r->state, sizeof(r->state));
	free(r);
}
