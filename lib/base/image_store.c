#include "base/image_store.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/hash.h"
#include "base/log.h"
#include "base/random.h"
#include "base/str.h"

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
	char temp[IMAGE_STORE_THUMB_NAME + 16];
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

bool
image_store_same(const char *a, const char *b)
{
	return strncmp(a, b, IMAGE_STORE_CONTENT) == 0;
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
image_store_thumb(const char *name, char out[IMAGE_STORE_THUMB_NAME])
{
	const char *dot = strrchr(name, '.');
	size_t n = dot == NULL ? strlen(name) : (size_t)(dot - name);

	snprintf(out, IMAGE_STORE_THUMB_NAME, "%.*s" IMAGE_STORE_THUMB "%s",
	    (int)n, name, name + n);
}

static void
drop_file(int at, const char *name)
{
	/* A name with a slash could lead out of the folder. */
	if (strchr(name, '/') == NULL && unlinkat(at, name, 0) != 0 &&
	    errno != ENOENT)
		log_warn("media", "unlink: %s", strerror(errno));
}

void
image_store_drop(const char *dir, const char *name)
{
	int at = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	char thumb[IMAGE_STORE_THUMB_NAME];

	if (at < 0)
		return;
	image_store_thumb(name, thumb);
	drop_file(at, name);
	drop_file(at, thumb);
	close(at);
}

bool
image_store_has(const char *dir, const char *name)
{
	int at = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool found = at >= 0 && strchr(name, '/') == NULL &&
	    faccessat(at, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;

	if (at >= 0)
		close(at);
	return found;
}
