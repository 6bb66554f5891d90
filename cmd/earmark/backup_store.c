#include "cmd/earmark/backup_store.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/file_copy.h"
#include "base/file_install.h"
#include "base/file_sync.h"
#include "base/folder.h"

#define PART	".part-"		/* incomplete backup */
#define GONE	".gone-"		/* backup that is being removed */
#define DRILL	".drill-"		/* folder of a drill */
#define PREFIX	"earmark-"

enum rc
backup_store_fail(struct err *err, const char *what)
{
	return err_errno(err, RC_BAD, "file", what);
}

enum rc
backup_store_check(const char *dir, const char *advice, struct err *err)
{
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return err_set(err, RC_BAD, "file", "%s: %s: %s", dir,
		    strerror(errno), advice);
	close(fd);
	return RC_OK;
}

/*
 * Parses the time in the name of a backup, in ms. Returns false if it is not
 * such a name.
 */
static bool
name_time(const char *name, int64_t *ms)
{
	char text[BACKUP_STORE_NAME], again[CLOCK_TEXT];

	if (strlen(name) != BACKUP_STORE_NAME - 1 || !str_prefix(name, PREFIX))
		return false;
	snprintf(text, sizeof(text), "%s", name + strlen(PREFIX));
	if (text[13] != '-' || text[16] != '-')
		return false;
	text[13] = text[16] = ':';
	if (!clock_parse(text, ms))
		return false;
	clock_text(*ms, again);
	return str_eq(text, again);
}

static bool
is_incomplete(const char *name)
{
	return str_prefix(name, PART) || str_prefix(name, GONE) ||
	    str_prefix(name, DRILL);
}

/* Removes a file, or a folder with its contents. */
static bool
remove_tree(int dir, const char *name)
{
	struct dirent *e;
	bool good = true;
	DIR *d;
	int fd;

	if (unlinkat(dir, name, 0) == 0 || errno == ENOENT)
		return true;
	if (errno != EISDIR && errno != EPERM)
		return false;
	fd = openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW |
	    O_CLOEXEC);
	d = fd < 0 ? NULL : fdopendir(fd);
	if (d == NULL) {
		if (fd >= 0)
			close(fd);
		return false;
	}
	while (good && (e = readdir(d)) != NULL)
		if (!str_eq(e->d_name, ".") && !str_eq(e->d_name, ".."))
			good = remove_tree(fd, e->d_name);
	closedir(d);
	return good && unlinkat(dir, name, AT_REMOVEDIR) == 0;
}

static int
compare_names(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Lists the entries of a folder that `take` accepts, sorted by name. */
static enum rc
list_entries(int dir, struct arena *a, bool (*take)(const char *),
    struct strv *out, struct err *err)
{
	int fd = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *e;
	enum rc rc = RC_OK;
	size_t cap = 0;

	*out = (struct strv){ 0 };
	if (d == NULL) {
		if (fd >= 0)
			close(fd);
		return backup_store_fail(err, "backups");
	}
	while ((e = folder_next(d)) != NULL) {
		if (!take(e->d_name))
			continue;
		if (out->n == cap) {
			const char **more;

			cap = cap == 0 ? 64 : cap * 2;
			more = arena_zalloc(a, cap, sizeof(*more));
			if (out->n > 0)
				memcpy(more, out->v, out->n * sizeof(*more));
			out->v = more;
		}
		out->v[out->n++] = arena_str(a, e->d_name);
	}
	if (errno != 0)
		rc = backup_store_fail(err, "backups");
	closedir(d);
	if (out->n > 0)
		qsort(out->v, out->n, sizeof(*out->v), compare_names);
	return rc;
}

int
backup_store_open(const char *dir, bool make, struct err *err)
{
	struct strv old;
	struct arena a;
	int fd;

	if (make && ((mkdir(dir, 0700) != 0 && errno != EEXIST) ||
	    !file_sync_parent(dir))) {
		if (errno == ENOENT)
			err_set(err, RC_BAD, "file", "%s: %s: create the "
			    "folder that contains it", dir, strerror(errno));
		else
			backup_store_fail(err, dir);
		return -1;
	}
	fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 || flock(fd, LOCK_EX) != 0) {
		backup_store_fail(err, dir);
		if (fd >= 0)
			close(fd);
		return -1;
	}
	arena_init(&a, 16 << 20);
	if (list_entries(fd, &a, is_incomplete, &old, err) == RC_OK)
		for (size_t i = 0; i < old.n; i++)
			(void)remove_tree(fd, old.v[i]);
	arena_free(&a);
	return fd;
}

static bool
is_backup(const char *name)
{
	int64_t ms;

	return name_time(name, &ms);
}

enum rc
backup_store_list(int dir, struct arena *a, struct strv *out, struct err *err)
{
	return list_entries(dir, a, is_backup, out, err);
}

void
backup_store_next(const struct strv *names, int64_t now,
    char out[BACKUP_STORE_NAME])
{
	char text[CLOCK_TEXT];
	int64_t last;

	/*
	 * Names must be unique and increase, even in the same second or after
	 * the clock was set back.
	 */
	if (names->n > 0 && name_time(names->v[names->n - 1], &last) &&
	    now < last + SECOND)
		now = last + SECOND;
	clock_text(now, text);
	text[13] = text[16] = '-';
	snprintf(out, BACKUP_STORE_NAME, PREFIX "%s", text);
}

enum rc
backup_store_remove(int dir, const char *name, struct err *err)
{
	char gone[64];

	snprintf(gone, sizeof(gone), GONE "%s", name);
	if (renameat(dir, name, dir, gone) != 0 || fsync(dir) != 0)
		return backup_store_fail(err, name);
	return remove_tree(dir, gone) ? RC_OK : backup_store_fail(err, gone);
}

void
backup_store_add(struct backup_store_files *files, struct arena *a,
    const char *name, int64_t bytes, const struct hash *hash)
{
	struct backup_store_file *more;

	if (files->n == files->cap) {
		files->cap = files->cap == 0 ? 64 : files->cap * 2;
		more = arena_zalloc(a, files->cap, sizeof(*more));
		if (files->n > 0)
			memcpy(more, files->v, files->n * sizeof(*more));
		files->v = more;
	}
	files->v[files->n++] = (struct backup_store_file){
	    .name = arena_str(a, name), .bytes = bytes, .hash = *hash };
}

static int
compare_files(const void *a, const void *b)
{
	return strcmp(((const struct backup_store_file *)a)->name,
	    ((const struct backup_store_file *)b)->name);
}

const struct backup_store_file *
backup_store_find(const struct backup_store_files *files, const char *name)
{
	struct backup_store_file key = { .name = name };

	return files->n == 0 ? NULL :
	    bsearch(&key, files->v, files->n, sizeof(key), compare_files);
}

enum rc
backup_store_write_sums(int dir, struct backup_store_files *files,
    struct err *err)
{
	char hex[65];
	struct buf b;
	enum rc rc;

	qsort(files->v, files->n, sizeof(*files->v), compare_files);
	buf_init(&b, (size_t)1 << 30);
	for (size_t i = 0; i < files->n; i++) {
		hash_hex(files->v[i].hash.b, sizeof(files->v[i].hash.b), hex);
		buf_fmt(&b, "%s  %s\n", hex, files->v[i].name);
	}
	rc = b.full ? err_set(err, RC_BAD, "file", "too many files") :
	    backup_store_put(dir, BACKUP_STORE_SUMS, b.data, b.len, err);
	buf_free(&b);
	return rc;
}

/* Returns whether a backup may contain a file with this name. */
static bool
name_valid(const char *name)
{
	const char *media = BACKUP_STORE_MEDIA "/";

	if (str_eq(name, BACKUP_STORE_DB) || str_eq(name, BACKUP_STORE_INFO))
		return true;
	if (!str_prefix(name, media))
		return false;
	name += strlen(media);
	return *name != '\0' && *name != '.' && strchr(name, '/') == NULL &&
	    strlen(name) < 200;
}

enum rc
backup_store_read_sums(int dir, struct arena *a,
    struct backup_store_files *files, struct err *err)
{
	int fd = openat(dir, BACKUP_STORE_SUMS, O_RDONLY | O_NOFOLLOW |
	    O_CLOEXEC);
	FILE *f = fd < 0 ? NULL : fdopen(fd, "re");
	enum rc rc = RC_OK;
	struct hash hash;
	char line[512];

	*files = (struct backup_store_files){ 0 };
	if (f == NULL) {
		if (fd >= 0)
			close(fd);
		return errno == ENOENT ? err_set(err, RC_NOT_FOUND, "backup",
		    "not a backup: it does not contain " BACKUP_STORE_SUMS) :
		    backup_store_fail(err, BACKUP_STORE_SUMS);
	}
	while (rc == RC_OK && fgets(line, sizeof(line), f) != NULL) {
		char *name = line + 66, *end = strchr(line, '\n');

		if (end == NULL || end - line < 67 || line[64] != ' ' ||
		    line[65] != ' ') {
			rc = err_set(err, RC_BAD, "backup", BACKUP_STORE_SUMS
			    " is damaged");
			break;
		}
		*end = line[64] = '\0';
		if (!hash_unhex(line, hash.b, sizeof(hash.b)) ||
		    !name_valid(name))
			rc = err_set(err, RC_BAD, "backup", BACKUP_STORE_SUMS
			    " has an invalid line");
		else
			backup_store_add(files, a, name, 0, &hash);
	}
	if (rc == RC_OK && ferror(f))
		rc = backup_store_fail(err, BACKUP_STORE_SUMS);
	fclose(f);
	if (files->n > 0)
		qsort(files->v, files->n, sizeof(*files->v), compare_files);
	if (rc == RC_OK && backup_store_find(files, BACKUP_STORE_DB) == NULL)
		rc = err_set(err, RC_BAD, "backup", BACKUP_STORE_SUMS
		    " does not name the database");
	return rc;
}

enum rc
backup_store_put(int dir, const char *name, const char *text, size_t n,
    struct err *err)
{
	return file_install_bytes(dir, name, 0600, text, n) ? RC_OK :
	    backup_store_fail(err, name);
}

/*
 * Computes the digest of an open file and compares it with `want`, unless that
 * is NULL. Copies the file to `to` unless it is -1.
 */
static enum rc
read_file(int from, const char *name, int to, const struct hash *want,
    struct backup_store_file *out, struct err *err)
{
	struct hashing *h = hash_begin();

	out->bytes = file_copy(from, to, h);
	out->hash = hash_end(h);
	if (out->bytes < 0)
		return backup_store_fail(err, name);
	return want == NULL ||
	    hash_eq(want->b, out->hash.b, sizeof(want->b)) ? RC_OK :
	    err_set(err, RC_FAULT, "backup", "%s of the backup is damaged",
	    name);
}

enum rc
backup_store_read(int dir, const char *name, const struct hash *want,
    struct backup_store_file *out, struct err *err)
{
	int from = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	enum rc rc;

	if (from < 0)
		return errno == ENOENT ? RC_NOT_FOUND :
		    backup_store_fail(err, name);
	rc = read_file(from, name, -1, want, out, err);
	close(from);
	return rc;
}

enum rc
backup_store_copy(int dir, const char *name, const struct hash *want, int to,
    const char *to_name, mode_t mode, struct backup_store_file *out,
    struct err *err)
{
	int from = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	struct file_install f;
	enum rc rc;

	if (from < 0)
		return errno == ENOENT ? RC_NOT_FOUND :
		    backup_store_fail(err, name);
	rc = file_install_begin(&f, to, to_name, mode) ?
	    read_file(from, name, f.fd, want, out, err) :
	    backup_store_fail(err, to_name);
	close(from);
	return file_install_end(&f, rc == RC_OK) || rc != RC_OK ? rc :
	    backup_store_fail(err, to_name);
}

enum rc
backup_store_sync(int dir, const char *name, struct err *err)
{
	int fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	bool good = fd >= 0 && fsync(fd) == 0;

	if (fd >= 0)
		close(fd);
	return good ? RC_OK : backup_store_fail(err, name);
}
