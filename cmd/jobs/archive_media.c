#include "cmd/jobs/archive_media.h"

#include <errno.h>
#include <fcntl.h>
#include <search.h>
#include <sys/stat.h>
#include <unistd.h>

#include "archive/archive_file.h"
#include "archive/archive_spool.h"
#include "base/clock.h"
#include "base/folder.h"
#include "base/image_store.h"
#include "base/log.h"
#include "base/metric.h"
#include "base/str.h"

#define LIST		"media"		/* in the spool: names of stored files */

struct archive_media {
	const struct conf *conf;
	const struct hash *key;
	void *names;			/* tsearch(3): of stored files */
	FILE *list;
	int64_t changed;		/* time of the folder at the last look,
					 * ns */
	bool unread;			/* the last look failed */
	metric *failures, *stored;
};

static int
compare_names(const void *a, const void *b)
{
	return strcmp(a, b);
}

static bool
is_stored(const struct archive_media *m, const char *name)
{
	return tfind(name, &m->names, compare_names) != NULL;
}

static void
remember(struct archive_media *m, const char *name)
{
	char *copy = strdup(name);

	if (copy == NULL || tsearch(copy, &m->names, compare_names) == NULL)
		BUG("out of memory");
}

/* Reads the names of the files that are already in the archive. */
static void
load_list(struct archive_media *m)
{
	char line[ARCHIVE_STORE_NAME], path[ARCHIVE_STORE_PATH];

	snprintf(path, sizeof(path), "%s/" LIST, archive_spool_dir(m->conf));
	m->list = fopen(path, "a+e");
	if (m->list == NULL) {
		log_error("archive", "%s: %s", path, strerror(errno));
		return;
	}
	rewind(m->list);
	while (fgets(line, sizeof(line), m->list) != NULL) {
		line[strcspn(line, "\n")] = '\0';
		if (!is_stored(m, line))
			remember(m, line);
	}
}

struct archive_media *
archive_media_new(const struct conf *conf, const struct hash *key)
{
	struct archive_media *m = calloc(1, sizeof(*m));

	if (m == NULL)
		BUG("out of memory");
	m->conf = conf;
	m->key = key;
	m->failures = metric_get("earmark_archive_failures_total");
	m->stored = metric_get("earmark_archive_files_total");
	load_list(m);
	return m;
}

void
archive_media_free(struct archive_media *m)
{
	tdestroy(m->names, free);
	if (m->list != NULL)
		fclose(m->list);
	free(m);
}

/* Stores an open file. */
static enum rc
store_file(struct archive_media *m, int fd, const char *file, struct err *err)
{
	char path[ARCHIVE_STORE_PATH], name[ARCHIVE_STORE_NAME];
	struct archive_writer *w;
	enum rc rc;

	archive_spool_part(m->conf, "medium", path);
	w = archive_file_create(path, "kind media\n", m->key, err);
	if (w == NULL)
		return err->rc;
	rc = archive_file_add_file(w, fd, file, err);
	if (rc == RC_OK)
		rc = archive_file_end(w, true, err);
	else
		(void)archive_file_end(w, false, err);
	snprintf(name, sizeof(name), "media/%s", file);
	if (rc == RC_OK)
		rc = archive_store_put(m->conf, path, name, err);
	(void)unlink(path);
	if (rc != RC_OK)
		return rc;
	remember(m, file);
	if (m->list != NULL) {
		fprintf(m->list, "%s\n", file);
		fflush(m->list);
	}
	metric_add(m->stored, 1);
	return RC_OK;
}

/*
 * Stores a file of the folder. Sets *later if it is not complete yet. The code
 * of *err is ARCHIVE_FILE_SOURCE if the file cannot be read.
 */
static enum rc
put_file(struct archive_media *m, int dir, const char *file, bool *later,
    struct err *err)
{
	struct stat st;
	enum rc rc = RC_OK;
	int fd = -1;

	if (fstatat(dir, file, &st, AT_SYMLINK_NOFOLLOW) == 0) {
		if (!S_ISREG(st.st_mode))
			return RC_OK;
		fd = openat(dir, file, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	}
	if (fd < 0)
		return errno == ENOENT ? RC_OK :	/* removed meanwhile */
		    err_errno(err, RC_FAULT, ARCHIVE_FILE_SOURCE, file);
	if (image_store_complete(fd))
		rc = store_file(m, fd, file, err);
	else
		*later = true;
	close(fd);
	return rc;
}

/* Counts that the folder or a file of it cannot be read, and logs it once. */
static void
note_unread(struct archive_media *m, bool *unread, const struct err *err)
{
	if (!m->unread && !*unread)
		log_error("archive", "media files are missing in the archive: "
		    "%s", err->message);
	if (!*unread)
		metric_add(m->failures, 1);
	*unread = true;
}

/*
 * Stores the new files of a folder. Sets *later and *unread if some could not be
 * stored.
 */
static enum rc
put_folder(struct archive_media *m, DIR *d, const volatile sig_atomic_t *stop,
    bool *later, bool *unread, struct err *err)
{
	enum rc rc = RC_OK;
	struct dirent *e;

	while (rc == RC_OK && !*stop && (e = folder_next(d)) != NULL) {
		if (e->d_name[0] == '.' || strlen(e->d_name) >= 200 ||
		    is_stored(m, e->d_name))
			continue;
		rc = put_file(m, dirfd(d), e->d_name, later, err);
		if (rc != RC_OK && str_eq(err->code, ARCHIVE_FILE_SOURCE)) {
			note_unread(m, unread, err);
			rc = RC_OK;
		}
	}
	if (rc != RC_OK || *stop || errno == 0)
		return rc;
	err_errno(err, RC_FAULT, ARCHIVE_FILE_SOURCE, m->conf->media_dir);
	note_unread(m, unread, err);
	return RC_OK;
}

enum rc
archive_media_put(struct archive_media *m, const volatile sig_atomic_t *stop,
    struct err *err)
{
	DIR *d = opendir(m->conf->media_dir);
	bool later = false, unread = false;
	enum rc rc = RC_OK;
	int64_t changed;
	struct stat st;

	if (d == NULL && errno == ENOENT)
		return RC_OK;
	if (d == NULL || fstat(dirfd(d), &st) != 0) {
		err_errno(err, RC_FAULT, ARCHIVE_FILE_SOURCE,
		    m->conf->media_dir);
		note_unread(m, &unread, err);
		m->unread = true;
		if (d != NULL)
			closedir(d);
		return RC_OK;
	}
	changed = (int64_t)st.st_mtim.tv_sec * 1000000000 + st.st_mtim.tv_nsec;
	if (changed != m->changed)
		rc = put_folder(m, d, stop, &later, &unread, err);
	closedir(d);
	/*
	 * A file that was added in the same tick of the file system's clock
	 * does not change the time, so a fresh time is not trusted.
	 */
	if (rc == RC_OK && !*stop && !later && !unread &&
	    clock_now() - changed / 1000000 > SECOND)
		m->changed = changed;
	if (rc == RC_OK && m->unread && !unread)
		log_info("archive", "all media files can be read again");
	m->unread = rc == RC_OK ? unread : m->unread || unread;
	return rc;
}
