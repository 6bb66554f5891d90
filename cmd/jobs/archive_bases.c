#include "cmd/jobs/archive_bases.h"

#include <errno.h>
#include <inttypes.h>
#include <unistd.h>

#include "archive/archive_epoch.h"
#include "archive/archive_file.h"
#include "archive/archive_spool.h"
#include "archive/archive_text.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/folder.h"
#include "base/log.h"
#include "base/str.h"

#define BASES		1000		/* lines of the list */
#define LIST_BYTES	((size_t)256 * 1024)
#define LIST		"bases"

struct base_line {
	char name[ARCHIVE_STORE_BASE], before[ARCHIVE_STORE_BASE];
	int64_t at, before_generation, before_end;
};

/* where: the file of the list, for the error. */
static enum rc
parse_line(const char *line, const char *where, struct base_line *v,
    struct err *err)
{
	if (sscanf(line, "%23s %" SCNd64 " %23s %" SCNd64 " %" SCNd64,
	    v->name, &v->at, v->before, &v->before_generation,
	    &v->before_end) == 5 && archive_store_is_base(v->name))
		return RC_OK;
	return err_set(err, RC_BAD, "archive_damaged",
	    "the list of bases %s has an invalid line", where);
}

/* Reads the list of the spool. *n is 0 if it does not exist. */
static enum rc
read_list(const struct archive_bases *b, struct base_line *v, size_t *n,
    struct err *err)
{
	const char *path = arena_fmt(b->arena, "%s/" LIST,
	    archive_spool_dir(b->conf));
	FILE *f = fopen(path, "re");
	char line[256];
	enum rc rc = RC_OK;

	*n = 0;
	if (f == NULL)
		return errno == ENOENT ? RC_OK :
		    err_errno(err, RC_FAULT, "archive", path);
	while (rc == RC_OK && *n < BASES &&
	    fgets(line, sizeof(line), f) != NULL) {
		rc = parse_line(line, path, &v[*n], err);
		++*n;
	}
	if (ferror(f))
		rc = err_errno(err, RC_FAULT, "archive", path);
	fclose(f);
	return rc;
}

/*
 * Reads the list of an earlier epoch from the archive, up to the base with
 * which this epoch began. Returns RC_NOT_FOUND if the archive does not contain
 * it.
 */
static enum rc
fetch_list(const struct archive_bases *b, const struct archive_source *from,
    int64_t epoch, struct base_line *v, size_t *n, struct err *err)
{
	char *text = arena_zalloc(b->arena, LIST_BYTES, 1), *rest = text;
	const char *name = archive_epoch_name(b->arena, LIST, epoch);
	char last[ARCHIVE_STORE_BASE], *line;
	struct archive_reader *r;
	size_t got = 0;
	enum rc rc = archive_store_get(from->dir, from->fetch, from->timeout,
	    name, from->part, err);

	if (rc != RC_OK)
		return rc;
	r = archive_file_open(from->part, from->key, err);
	(void)unlink(from->part);
	if (r == NULL)
		return err->rc;
	rc = archive_file_read(r, text, LIST_BYTES - 1, &got, err);
	archive_file_close(r);
	archive_store_base_name(b->epoch->base_at, last);
	while (rc == RC_OK && *n < BASES - 1 &&
	    (line = strsep(&rest, "\n")) != NULL && *line != '\0') {
		rc = parse_line(line, name, &v[*n], err);
		*n += strcmp(v[*n].name, last) <= 0;
	}
	return rc;
}

/*
 * A standby that was promoted without the archive does not have the list of
 * bases. Continues the list of the newest earlier epoch.
 */
static enum rc
inherit_list(const struct archive_bases *b, struct base_line *v, size_t *n,
    struct err *err)
{
	struct archive_source from;
	char part[ARCHIVE_STORE_PATH];
	enum rc rc = RC_NOT_FOUND;

	archive_spool_part(b->conf, "list", part);
	if (!archive_epoch_source(b->conf, b->key, part, &from))
		return RC_OK;
	for (int64_t i = b->epoch->number - 1; rc == RC_NOT_FOUND && i > 0; i--)
		rc = fetch_list(b, &from, i, v, n, err);
	return rc == RC_NOT_FOUND ? RC_OK : rc;
}

/* Removes a base and its segments from archive.dir. */
static void
remove_base(const struct archive_bases *b, const char *name)
{
	const char *path = arena_fmt(b->arena, "%s/%s", b->conf->archive_dir,
	    name);

	if (folder_remove(path))
		log_info("archive", "base %s was removed after archive.keep",
		    name);
}

/*
 * Returns the number of old bases at the beginning of the list that are not
 * needed to restore any time within archive.keep.
 */
static size_t
expired(const struct conf *conf, const struct base_line *v, size_t n)
{
	int64_t since = clock_now() - conf->archive_keep * DAY;
	size_t i = 0;

	while (conf->archive_keep > 0 && i + 1 < n && v[i + 1].at <= since)
		i++;
	return i;
}

static enum rc
write_list(const struct archive_bases *b, const struct base_line *v, size_t n,
    struct err *err)
{
	struct buf text;
	char part[ARCHIVE_STORE_PATH];
	enum rc rc;

	buf_init(&text, BASES * sizeof(*v));
	for (size_t i = 0; i < n; i++)
		buf_fmt(&text, "%s %" PRId64 " %s %" PRId64 " %" PRId64 "\n",
		    v[i].name, v[i].at, v[i].before, v[i].before_generation,
		    v[i].before_end);
	rc = archive_spool_write(b->conf, LIST, text.data, err);
	archive_spool_part(b->conf, LIST, part);
	if (rc == RC_OK)
		rc = archive_text_put(b->conf, b->key, part,
		    archive_epoch_name(b->arena, LIST, b->epoch->number),
		    "kind bases\n", text.data, err);
	buf_free(&text);
	return rc;
}

enum rc
archive_bases_add(const struct archive_bases *b, const char *path,
    struct err *err)
{
	struct base_line *v = arena_zalloc(b->arena, BASES, sizeof(*v));
	struct archive_reader *r = archive_file_open(path, b->key, err);
	struct base_line added = { .at = 0 };
	size_t n = 0, old;
	enum rc rc;

	if (r == NULL)
		return err->rc;
	(void)archive_file_value(r, "base", added.name, sizeof(added.name));
	(void)archive_file_value(r, "before", added.before,
	    sizeof(added.before));
	added.at = archive_file_number(r, "base_at");
	added.before_generation = archive_file_number(r, "before_generation");
	added.before_end = archive_file_number(r, "before_end");
	archive_file_close(r);
	rc = read_list(b, v, &n, err);
	if (rc == RC_OK && n == 0)
		rc = inherit_list(b, v, &n, err);
	if (rc != RC_OK)
		return rc;
	if (n == 0 || !str_eq(v[n - 1].name, added.name)) {
		if (n == BASES)
			memmove(v, v + 1, --n * sizeof(*v));
		v[n++] = added;
	}
	old = expired(b->conf, v, n);
	rc = write_list(b, v + old, n - old, err);
	for (size_t i = 0; rc == RC_OK && i < old &&
	    b->conf->archive_dir[0] != '\0'; i++)
		remove_base(b, v[i].name);
	return rc;
}
