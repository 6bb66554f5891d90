#include "base/image_store.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/hash.h"
#include "base/log.h"
#include "base/random.h"
#include "base/str.h"

static uint32_t
be(const uint8_t *p, int n)
{
	uint32_t v = 0;

	while (n-- > 0)
		v = v << 8 | *p++;
	return v;
}

static uint32_t
le(const uint8_t *p, int n)
{
	uint32_t v = 0;

	while (n-- > 0)
		v = v << 8 | p[n];
	return v;
}

static bool
sides_ok(uint32_t w, uint32_t h)
{
	return w >= 1 && w <= IMAGE_STORE_SIDE && h >= 1 &&
	    h <= IMAGE_STORE_SIDE;
}

/* PNG (RFC 2083): signature, IHDR first, IEND last. */
static bool
png_ok(const uint8_t *p, size_t n)
{
	static const uint8_t begin[] = "\x89PNG\r\n\x1a\n\0\0\0\rIHDR";
	static const uint8_t end[] = "\0\0\0\0IEND\xae\x42\x60\x82";

	return n >= 33 + 12 && memcmp(p, begin, 16) == 0 &&
	    memcmp(p + n - 12, end, 12) == 0 &&
	    sides_ok(be(p + 16, 4), be(p + 20, 4));
}

/*
 * JPEG (ITU T.81): SOI, then segments up to the frame header, which has width
 * and height. EOI is at the end; some cameras add zeros after it.
 */
static bool
jpeg_ok(const uint8_t *p, size_t n)
{
	size_t at = 2, len;
	uint8_t m;

	while (n > 0 && p[n - 1] == 0)
		n--;
	if (n < 20 || be(p, 2) != 0xffd8 || be(p + n - 2, 2) != 0xffd9)
		return false;
	while (at + 9 <= n && p[at] == 0xff) {
		m = p[at + 1];
		if (m == 0xff) {		/* fill byte */
			at++;
			continue;
		}
		if (m < 0xc0 || (m >= 0xd0 && m <= 0xda))
			return false;
		len = be(p + at + 2, 2);
		/* SOF0 to SOF15, without DHT, JPG and DAC. */
		if (m <= 0xcf && m != 0xc4 && m != 0xc8 && m != 0xcc)
			return len >= 8 && sides_ok(be(p + at + 7, 2),
			    be(p + at + 5, 2));
		if (len < 2)
			return false;
		at += 2 + len;
	}
	return false;
}

/* WebP (RFC 9649): RIFF with the size of the file, then VP8, VP8L or VP8X. */
static bool
webp_ok(const uint8_t *p, size_t n)
{
	uint32_t bits;
	size_t whole;

	if (n < 30 || memcmp(p, "RIFF", 4) != 0 ||
	    memcmp(p + 8, "WEBPVP8", 7) != 0)
		return false;
	whole = (size_t)le(p + 4, 4) + 8;
	if (whole != n && whole + 1 != n)
		return false;
	switch (p[15]) {
	case ' ':
		return be(p + 23, 3) == 0x9d012a &&
		    sides_ok(le(p + 26, 2) & 0x3fff, le(p + 28, 2) & 0x3fff);
	case 'L':
		bits = le(p + 21, 4);
		return p[20] == 0x2f && sides_ok((bits & 0x3fff) + 1,
		    (bits >> 14 & 0x3fff) + 1);
	case 'X':
		return sides_ok(le(p + 24, 3) + 1, le(p + 27, 3) + 1);
	default:
		return false;
	}
}

const char *
image_store_type(const void *bytes, size_t n)
{
	if (jpeg_ok(bytes, n))
		return "jpg";
	if (png_ok(bytes, n))
		return "png";
	return webp_ok(bytes, n) ? "webp" : NULL;
}

void
image_store_name(int64_t owner, const void *bytes, size_t n, const char *type,
    char out[IMAGE_STORE_NAME])
{
	struct hash content = hash_sha256(bytes, n), name;
	uint8_t text[sizeof(content.b) + sizeof(owner)], salt[4];
	char hex[IMAGE_STORE_CONTENT + 1], tail[2 * sizeof(salt) + 1];

	memcpy(text, content.b, sizeof(content.b));
	memcpy(text + sizeof(content.b), &owner, sizeof(owner));
	name = hash_sha256(text, sizeof(text));
	hash_hex(name.b, IMAGE_STORE_CONTENT / 2, hex);
	random_bytes(salt, sizeof(salt));
	hash_hex(salt, sizeof(salt), tail);
	snprintf(out, IMAGE_STORE_NAME, "%s-%s.%s", hex, tail, type);
}

static enum rc
fault(const char *what)
{
	enum rc rc = errno == ENOSPC || errno == EDQUOT ? RC_FULL : RC_FAULT;

	log_error("media", "%s: %s", what, strerror(errno));
	return rc;
}

static enum rc
write_all_image_store(int fd, const char *p, size_t n)
{
	ssize_t wrote;

	/*
	 * nginx runs as another user. Only the unguessable name protects the
	 * file.
	 */
	if (fchmod(fd, 0644) != 0)
		return fault("fchmod");
	while (n > 0) {
		wrote = write(fd, p, n);
		if (wrote < 0 && errno == EINTR)
			continue;
		if (wrote < 0)
			return fault("write");
		p += wrote;
		n -= (size_t)wrote;
	}
	return fsync(fd) != 0 ? fault("fsync") : RC_OK;
}

/*
 * Renames the written file temp to name. To replace a file, exchanges the two
 * names atomically, which fails if name does not exist.
 */
static enum rc
rename_file(int at, const char *temp, const char *name, bool replace)
{
	if (!replace)
		return renameat(at, temp, at, name) != 0 ? fault("rename") :
		    RC_OK;
	if (renameat2(at, temp, at, name, RENAME_EXCHANGE) != 0)
		return errno == ENOENT ? RC_NOT_FOUND : fault("exchange");
	/* The temporary name now refers to the old content. */
	return unlinkat(at, temp, 0) != 0 ? fault("unlink") : RC_OK;
}

static enum rc
write_file(const char *dir, const char *name, const void *bytes, size_t n,
    bool replace)
{
	char temp[IMAGE_STORE_NAME + 16];
	int at, fd;
	enum rc rc;

	if (replace)
		snprintf(temp, sizeof(temp), IMAGE_STORE_LEFT, name);
	else
		snprintf(temp, sizeof(temp), ".%s.%d", name, (int)getpid());
	at = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (at < 0)
		return fault("open");
	fd = openat(at, temp, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW |
	    O_CLOEXEC, 0600);
	rc = fd < 0 ? fault("create") : write_all_image_store(fd, bytes, n);
	if (fd >= 0 && close(fd) != 0 && rc == RC_OK)
		rc = fault("close");
	if (rc == RC_OK)
		rc = rename_file(at, temp, name, replace);
	if (rc == RC_OK && fsync(at) != 0)
		rc = fault("fsync");
	if (rc != RC_OK && fd >= 0)
		unlinkat(at, temp, 0);
	close(at);
	return rc;
}

enum rc
image_store_put(const char *dir, const char *name, const void *bytes, size_t n)
{
	return write_file(dir, name, bytes, n, false);
}

enum rc
image_store_replace(const char *dir, const char *name, const void *bytes,
    size_t n)
{
	return write_file(dir, name, bytes, n, true);
}

static enum rc
read_all(int fd, struct arena *a, size_t max, uint8_t **bytes, size_t *n)
{
	struct stat st;
	ssize_t got = 1;

	if (fstat(fd, &st) != 0)
		return fault("stat");
	if (!S_ISREG(st.st_mode))
		return RC_NOT_FOUND;
	if (st.st_size < 0 || (uint64_t)st.st_size > max)
		return RC_TOO_LARGE;
	*bytes = arena_alloc(a, (size_t)st.st_size + 1);
	for (*n = 0; got > 0 && *n < (size_t)st.st_size; *n += (size_t)got) {
		got = read(fd, *bytes + *n, (size_t)st.st_size - *n);
		if (got < 0)
			return fault("read");
	}
	return RC_OK;
}

enum rc
image_store_get(const char *dir, const char *name, struct arena *a, size_t max,
    uint8_t **bytes, size_t *n)
{
	int at = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC), fd;
	enum rc rc;

	if (at < 0)
		return fault("open");
	fd = strchr(name, '/') != NULL ? -1 :
	    openat(at, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	close(at);
	if (fd < 0)
		return RC_NOT_FOUND;
	rc = read_all(fd, a, max, bytes, n);
	close(fd);
	return rc;
}

void
image_store_drop(const char *dir, const char *name)
{
	int at = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (at < 0)
		return;
	/* A name with a slash could lead out of the folder. */
	if (strchr(name, '/') == NULL && unlinkat(at, name, 0) != 0 &&
	    errno != ENOENT)
		log_warn("media", "unlink: %s", strerror(errno));
	close(at);
}
