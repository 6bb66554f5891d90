/*
 * archive_replay_bases: chooses a base of the archive, and where its history
 * ends.
 */
#include <inttypes.h>

#include "base/str.h"
#include "cmd/earmark/archive_replay.h"

#define LIST	((size_t)256 * 1024)	/* maximum size of the list of bases */

/* Reads the files of the epochs until there is no further one. */
static enum rc
read_epochs(struct archive_replay *g)
{
	enum rc rc = RC_OK;

	for (g->epoch = 1; g->epoch <= ARCHIVE_REPLAY_EPOCHS; g->epoch++) {
		rc = archive_epoch_get(&g->from, g->epoch + 1,
		    &g->epochs[g->epoch - 1], g->err);
		if (rc != RC_OK)
			return rc == RC_NOT_FOUND ? RC_OK : rc;
	}
	return err_set(g->err, RC_BAD, "archive_mixed",
	    "the archive has too many epochs");
}

/*
 * Sets the limit of the base: where the first epoch began that continues the
 * history of this base.
 */
static void
find_limit(struct archive_replay *g)
{
	char name[ARCHIVE_STORE_BASE];

	for (int64_t i = 0; i < g->epoch - 1; i++) {
		const struct epoch *e = &g->epochs[i];
		struct archive_point end = { e->generation, e->frames };

		if (e->base_at <= 0)
			continue;
		archive_store_base_name(e->base_at, name);
		if (!str_eq(name, g->base) || (g->limit.generation > 0 &&
		    !archive_replay_before(end, g->limit)))
			continue;
		g->limit = g->want = end;
	}
}

struct base_line {
	char name[ARCHIVE_STORE_BASE], before[ARCHIVE_STORE_BASE];
	int64_t at;
	struct archive_point before_end;
};

static bool
parse_line(const char *line, struct base_line *b)
{
	return sscanf(line, "%23s %" SCNd64 " %23s %" SCNd64 " %" SCNd64,
	    b->name, &b->at, b->before, &b->before_end.generation,
	    &b->before_end.frames) == 5 && archive_store_is_base(b->name);
}

/* Returns whether the first segment of a base is in the archive. */
static bool
has_segments(struct archive_replay *g, const char *base)
{
	char name[ARCHIVE_STORE_NAME];
	struct archive_reader *r;
	enum rc rc;

	archive_store_segment(base, 1, 0, name);
	rc = archive_replay_get(g, name, &r);
	archive_file_close(r);
	/* Another error is reported when the segment is applied. */
	return rc != RC_NOT_FOUND;
}

/*
 * Chooses the base before the newest one if the newest one has no segments yet.
 * While a base is made, segments continue the base before it, which is then
 * newer than the new base alone.
 */
static void
prefer_segments(struct archive_replay *g, const struct base_line *chosen,
    const struct base_line *last)
{
	if (!str_eq(chosen->before, last->name) || has_segments(g, g->base))
		return;
	snprintf(g->base, sizeof(g->base), "%s", last->name);
	g->want = chosen->before_end;
}

/* Chooses a base of the list, and finds out up to where it must reach. */
static enum rc
scan_list(struct archive_replay *g, char *text)
{
	bool keep = g->base[0] != '\0', found = false;
	struct base_line b, chosen = { .at = 0 }, last = { .at = 0 };
	char *line, *rest;

	for (line = strtok_r(text, "\n", &rest); line != NULL;
	    line = strtok_r(NULL, "\n", &rest)) {
		if (!parse_line(line, &b))
			return err_set(g->err, RC_BAD, "archive_damaged",
			    "the list of bases has an invalid line");
		if (found && str_eq(b.before, g->base))
			g->want = b.before_end;
		if (keep) {
			found |= str_eq(b.name, g->base);
			continue;
		}
		if (b.at > g->at)
			break;
		found = true;
		last = chosen;
		chosen = b;
		snprintf(g->base, sizeof(g->base), "%s", b.name);
		g->want = (struct archive_point){ .generation = 0 };
	}
	if (found && !keep && g->want.generation == 0)
		prefer_segments(g, &chosen, &last);
	return found ? RC_OK : err_set(g->err, RC_NOT_FOUND, "archive_base",
	    "the archive has no base that is old enough");
}

enum rc
archive_replay_choose(struct archive_replay *g)
{
	char *text = arena_zalloc(g->arena, LIST, 1);
	struct archive_reader *r;
	size_t n;
	enum rc rc = read_epochs(g);

	g->limit = g->want = (struct archive_point){ .generation = 0 };
	if (rc == RC_OK)
		rc = archive_replay_get(g, archive_epoch_name(g->arena,
		    "bases", g->epoch), &r);
	if (rc != RC_OK)
		return rc;
	rc = archive_file_read(r, text, LIST - 1, &n, g->err);
	archive_file_close(r);
	if (rc != RC_OK)
		return rc;
	g->bases = arena_strn(g->arena, text, n);
	rc = scan_list(g, text);
	if (rc == RC_OK)
		find_limit(g);
	return rc;
}

const char *
archive_replay_next_base(const struct archive_replay *g)
{
	bool found = false;
	struct base_line b;
	const char *line, *end;

	for (line = g->bases; (end = strchr(line, '\n')) != NULL;
	    line = end + 1) {
		if (!parse_line(line, &b))
			return NULL;
		if (found)
			return arena_fmt(g->arena, "%s", b.name);
		found = str_eq(b.name, g->base);
	}
	return NULL;
}
