#include "archive/archive_spool.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file_install.h"
#include "base/file_sync.h"
#include "base/folder.h"
#include "base/log.h"
#include "base/str.h"

/*
 * Names: NUMBER~NAME, with '~' in place of '/', and "~stored" at the end of a
 * file that is stored. A file that is being made begins with ".part-".
 */
#define STORED	"~stored"
#define PART	".part-"

const char *
archive_spool_dir(const struct conf *conf)
{
	static char dir[ARCHIVE_STORE_PATH / 2];
	static bool synced;	/* a killed process may have created it */
	bool made;

	snprintf(dir, sizeof(dir), "%s-archive", conf->db_file);
	made = mkdir(dir, 0700) == 0;
	if ((!made && errno != EEXIST) ||
	    ((made || !synced) && !file_sync_parent(dir)))
		log_error("archive", "%s: %s", dir, strerror(errno));
	else
		synced = true;
	return dir;
}

static enum rc
fail(struct err *err, const char *path)
{
	return err_errno(err, RC_FAULT, "archive_spool", path);
}

static int
compare(const void *a, const void *b)
{
	const struct archive_spool_file *x = a, *y = b;

	return x->number < y->number ? -1 : x->number > y->number;
}

/* Reads a name of the folder. Returns false if it is another file. */
static bool
parse(const char *dir, const char *entry, struct archive_spool_file *f)
{
	size_t n = strlen(entry), end = strlen(STORED);
	struct stat st;
	char *rest;

	*f = (struct archive_spool_file){ .number =
	    (int64_t)strtoll(entry, &rest, 10) };
	if (f->number <= 0 || *rest != '~' || n >= sizeof(f->name))
		return false;
	f->stored = n > end && str_eq(entry + n - end, STORED);
	snprintf(f->name, sizeof(f->name), "%.*s",
	    (int)(n - (size_t)(rest + 1 - entry) - (f->stored ? end : 0)),
	    rest + 1);
	for (char *p = f->name; *p != '\0'; p++)
		if (*p == '~')
			*p = '/';
	snprintf(f->path, sizeof(f->path), "%s/%s", dir, entry);
	if (stat(f->path, &st) != 0)
		return false;
	f->bytes = st.st_size;
	f->at = (int64_t)st.st_mtim.tv_sec * 1000 +
	    st.st_mtim.tv_nsec / 1000000;
	return true;
}

/*
 * Returns whether a file is an incomplete one of the archiver. The process that
 * stores files has others, which it may be writing.
 */
static bool
is_part(const char *entry)
{
	static const char *const parts[] = { "segment", "base", "conf", "copy" };

	if (!str_prefix(entry, PART))
		return false;
	for (size_t i = 0; i < NELEM(parts); i++)
		if (str_prefix(entry + strlen(PART), parts[i]))
			return true;
	return false;
}

enum rc
archive_spool_list(const struct conf *conf, struct arena *a, bool clean,
    struct archive_spool_files *files, struct err *err)
{
	const char *dir = archive_spool_dir(conf);
	struct archive_spool_file f, *more;
	DIR *d = opendir(dir);
	size_t cap = 0;
	struct dirent *e;
	enum rc rc;

	*files = (struct archive_spool_files){ .n = 0 };
	if (d == NULL)
		return fail(err, dir);
	while ((e = folder_next(d)) != NULL) {
		if (clean && is_part(e->d_name))
			(void)unlinkat(dirfd(d), e->d_name, 0);
		if (e->d_name[0] == '.' || !parse(dir, e->d_name, &f))
			continue;
		if (files->n == cap) {
			cap = cap == 0 ? 16 : cap * 2;
			more = arena_zalloc(a, cap, sizeof(*more));
			if (files->n > 0)
				memcpy(more, files->v,
				    files->n * sizeof(*more));
			files->v = more;
		}
		files->v[files->n++] = f;
		if (!f.stored)
			files->bytes += f.bytes;
	}
	rc = errno == 0 ? RC_OK : fail(err, dir);
	closedir(d);
	if (files->n > 0)
		qsort(files->v, files->n, sizeof(*files->v), compare);
	return rc;
}

void
archive_spool_part(const struct conf *conf, const char *what,
    char out[ARCHIVE_STORE_PATH])
{
	snprintf(out, ARCHIVE_STORE_PATH, "%s/" PART "%s",
	    archive_spool_dir(conf), what);
}

/* Renames a file in the folder durably. */
static enum rc
move(const char *from, const char *to, struct err *err)
{
	return rename(from, to) == 0 && file_sync_parent(to) ? RC_OK :
	    fail(err, to);
}

enum rc
archive_spool_add(const struct conf *conf, const char *part, int64_t number,
    const char *name, struct err *err)
{
	char to[ARCHIVE_STORE_PATH], flat[ARCHIVE_STORE_NAME];

	snprintf(flat, sizeof(flat), "%s", name);
	for (char *p = flat; *p != '\0'; p++)
		if (*p == '/')
			*p = '~';
	snprintf(to, sizeof(to), "%s/%012lld~%s", archive_spool_dir(conf),
	    (long long)number, flat);
	return move(part, to, err);
}

enum rc
archive_spool_write(const struct conf *conf, const char *name,
    const char *text, struct err *err)
{
	char to[ARCHIVE_STORE_PATH];

	snprintf(to, sizeof(to), "%s/%s", archive_spool_dir(conf), name);
	return file_install_bytes(AT_FDCWD, to, 0600, text, strlen(text)) &&
	    file_sync_parent(to) ? RC_OK : fail(err, to);
}

enum rc
archive_spool_stored(struct archive_spool_file *f, struct err *err)
{
	char to[ARCHIVE_STORE_PATH];

	if ((size_t)snprintf(to, sizeof(to), "%s" STORED, f->path) >=
	    sizeof(to))
		return err_set(err, RC_FAULT, "archive_spool", "a long path");
	/* Not synced: a file that is stored again replaces itself. */
	if (rename(f->path, to) != 0)
		return fail(err, to);
	snprintf(f->path, sizeof(f->path), "%s", to);
	f->stored = true;
	return RC_OK;
}

void
archive_spool_remove(const struct archive_spool_file *f)
{
	(void)unlink(f->path);
}

void
archive_spool_forget(const struct conf *conf)
{
	char dir[ARCHIVE_STORE_PATH];

	snprintf(dir, sizeof(dir), "%s-archive", conf->db_file);
	(void)folder_remove(dir);
}
