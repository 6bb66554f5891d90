#include "base/image_store.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/hash.h"
#include "base/log.h"
#include "base/random.h"
#include "base/str.h"

#define HEAD	32			/* hexadecimal digits before the '-' */
#define TAIL	8			/* and after it */
#define TEMP_NAME (IMAGE_STORE_THUMB_NAME + 16)

void
image_store_name(const char *type, char out[IMAGE_STORE_NAME])
{
	uint8_t bytes[(HEAD + TAIL) / 2];
	char hex[HEAD + TAIL + 1];

	random_bytes(bytes, sizeof(bytes));
	hash_hex(bytes, sizeof(bytes), hex);
	snprintf(out, IMAGE_STORE_NAME, "%.*s-%s.%s", HEAD, hex, hex + HEAD,
	    type);
}

bool
image_store_parse(const char *file, char out[IMAGE_STORE_NAME])
{
	static const char digits[] = "0123456789abcdef";
	static const char *const types[] = { ".jpg", ".png", ".webp" };
	const char *end = file + HEAD + 1 + TAIL;
	size_t i;

	if (strspn(file, digits) != HEAD || file[HEAD] != '-' ||
	    strspn(file + HEAD + 1, digits) != TAIL)
		return false;
	if (str_prefix(end, IMAGE_STORE_THUMB))
		end += strlen(IMAGE_STORE_THUMB);
	for (i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (str_eq(end, types[i])) {
			snprintf(out, IMAGE_STORE_NAME, "%.*s%s",
			    HEAD + 1 + TAIL, file, types[i]);
			return true;
		}
	return false;
}

static enum rc
fault(const char *what)
{
	enum rc rc = rc_errno(errno, RC_FAULT);

	log_error("media", "%s: %s", what, strerror(errno));
	return rc;
}

/* Writes the name of a file that is not complete. Nobody opens such names. */
static void
temp_name(const char *name, char out[TEMP_NAME])
{
	snprintf(out, TEMP_NAME, ".%s.%d", name, (int)getpid());
}

/*
 * Creates a file, which is locked before it gets its name. Returns its
 * descriptor, or -1 with errno.
 */
static int
create_locked(int at, const char *name)
{
	char temp[TEMP_NAME];
	int fd;

	temp_name(name, temp);
	fd = openat(at, temp, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW |
	    O_CLOEXEC, 0600);
	/*
	 * nginx runs as another user. Only the unguessable name protects the
	 * file.
	 */
	if (fd < 0 || (flock(fd, LOCK_EX | LOCK_NB) == 0 &&
	    fchmod(fd, 0644) == 0 && renameat(at, temp, at, name) == 0))
		return fd;
	unlinkat(at, temp, 0);
	close(fd);
	return -1;
}

enum rc
image_store_create(const char *dir, const char *name,
    struct image_store_files *f)
{
	char thumb[IMAGE_STORE_THUMB_NAME];
	enum rc rc;

	image_store_thumb(name, thumb);
	*f = (struct image_store_files){ -1, -1, -1 };
	f->folder = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (f->folder < 0)
		return fault("open");
	f->full = create_locked(f->folder, name);
	if (f->full >= 0)
		f->thumb = create_locked(f->folder, thumb);
	if (f->thumb >= 0)
		return RC_OK;
	rc = fault("create");
	if (f->full >= 0)
		unlinkat(f->folder, name, 0);
	image_store_close(f);
	return rc;
}

void
image_store_close(struct image_store_files *f)
{
	if (f->full >= 0)
		close(f->full);
	if (f->thumb >= 0)
		close(f->thumb);
	if (f->folder >= 0)
		close(f->folder);
	*f = (struct image_store_files){ -1, -1, -1 };
}

bool
image_store_complete(int fd)
{
	return flock(fd, LOCK_SH | LOCK_NB) == 0 || errno != EWOULDBLOCK;
}

static bool
same_bytes(int a, int b)
{
	char x[16384], y[sizeof(x)];
	ssize_t n;

	do {
		n = read(a, x, sizeof(x));
		if (n < 0 || read(b, y, sizeof(y)) != n ||
		    memcmp(x, y, (size_t)n) != 0)
			return false;
	} while (n > 0);
	return true;
}

/* Returns a descriptor, or -1 with errno. */
static int
open_image(const char *dir, const char *name)
{
	int at = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC), fd = -1, saved;

	if (at < 0)
		return -1;
	errno = ENOENT;
	if (strchr(name, '/') == NULL)
		fd = openat(at, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK |
		    O_CLOEXEC);
	saved = errno;
	close(at);
	errno = saved;
	return fd;
}

bool
image_store_same(const char *dir, const char *name, const char *other)
{
	int a = open_image(dir, name), b = open_image(dir, other);
	struct stat x, y;
	bool same;

	/* Other images almost never have the same size. */
	same = a >= 0 && b >= 0 && fstat(a, &x) == 0 && fstat(b, &y) == 0 &&
	    S_ISREG(x.st_mode) && x.st_size == y.st_size && same_bytes(a, b);
	if (a >= 0)
		close(a);
	if (b >= 0)
		close(b);
	return same;
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
	int fd = open_image(dir, name);
	enum rc rc;

	/* ELOOP: a link; ENXIO: a socket. The folder must exist, however. */
	if (fd < 0 && (errno == ENOENT || errno == ELOOP || errno == ENXIO) &&
	    access(dir, X_OK) == 0)
		return RC_NOT_FOUND;
	if (fd < 0)
		return fault("open");
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
