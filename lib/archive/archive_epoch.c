#include "archive/archive_epoch.h"

#include <inttypes.h>
#include <unistd.h>

#include "archive/archive_file.h"
#include "archive/archive_text.h"
#include "base/int64.h"

#define NAME	32
/* Maximum time of a command in seconds: the start of the service waits for it. */
#define TIMEOUT	20

static void
file_name(int64_t number, char out[NAME])
{
	snprintf(out, NAME, "epoch-%" PRId64, number);
}

const char *
archive_epoch_name(struct arena *a, const char *name, int64_t number)
{
	return number <= 1 ? name : arena_fmt(a, "%s-%" PRId64, name, number);
}

enum rc
archive_epoch_get(const struct archive_source *s, int64_t number,
    struct epoch *e, struct err *err)
{
	struct archive_reader *r;
	char name[NAME];
	enum rc rc;

	file_name(number, name);
	rc = archive_store_get(s->dir, s->fetch, s->timeout, name, s->part,
	    err);
	if (rc != RC_OK)
		return rc;
	r = archive_file_open(s->part, s->key, err);
	(void)unlink(s->part);
	if (r == NULL)
		return err_set(err, err->rc, err->code, "%s: %s", name,
		    err->message);
	*e = (struct epoch){ .number = archive_file_number(r, "epoch"),
	    .id = archive_file_number(r, "history"),
	    .base_at = archive_file_number(r, "base_at"),
	    .generation = archive_file_number(r, "generation"),
	    .frames = archive_file_number(r, "end") };
	archive_file_close(r);
	return e->number == number && e->id > 0 ? RC_OK :
	    err_set(err, RC_BAD, "archive_mixed", "%s is of another epoch",
	    name);
}

enum rc
archive_epoch_put(const struct conf *conf, const struct archive_source *s,
    const struct epoch *e, struct err *err)
{
	struct epoch there;
	char lines[256], name[NAME];
	enum rc rc;

	if (e->number <= 1)
		return RC_OK;
	rc = archive_epoch_get(s, e->number, &there, err);
	if (rc == RC_OK)
		return there.id == e->id ? RC_OK : err_set(err, RC_CONFLICT,
		    "fenced", "another machine was promoted to epoch %" PRId64,
		    e->number);
	if (rc != RC_NOT_FOUND)
		return rc;
	file_name(e->number, name);
	snprintf(lines, sizeof(lines), "kind epoch\nepoch %" PRId64
	    "\nhistory %" PRId64 "\nbase_at %" PRId64 "\ngeneration %" PRId64
	    "\nend %" PRId64 "\n", e->number, e->id, e->base_at,
	    e->generation, e->frames);
	return archive_text_put(conf, s->key, s->part, name, lines, "", err);
}

enum rc
archive_epoch_check(const struct archive_source *s, const struct epoch *mine,
    int64_t *newer, struct err *err)
{
	struct epoch there = { .number = 0 };
	enum rc rc = RC_NOT_FOUND;

	*newer = 0;
	if (mine->number > 1) {
		rc = archive_epoch_get(s, mine->number, &there, err);
		if (rc == RC_OK && there.id == mine->id)
			rc = RC_NOT_FOUND;
	}
	if (rc == RC_NOT_FOUND)
		rc = archive_epoch_get(s, mine->number + 1, &there, err);
	if (rc != RC_OK)
		return rc == RC_NOT_FOUND ? RC_OK : rc;
	*newer = there.number;
	return err_set(err, RC_CONFLICT, "fenced", "another machine was "
	    "promoted to epoch %" PRId64 ", this database is of epoch %"
	    PRId64, there.number, mine->number);
}

bool
archive_epoch_source(const struct conf *conf, const struct hash *key,
    const char *part, struct archive_source *s)
{
	bool dir = conf->archive_dir[0] != '\0';

	*s = (struct archive_source){ .key = key, .part = part,
	    .timeout = int64_min(conf->archive_timeout, TIMEOUT),
	    .dir = dir ? conf->archive_dir : NULL,
	    .fetch = dir ? NULL : conf->archive_fetch };
	return dir || conf->archive_fetch[0] != '\0';
}
