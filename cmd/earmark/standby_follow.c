#include "cmd/earmark/standby_follow.h"

#include <inttypes.h>
#include <poll.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/int64.h"
#include "base/log.h"
#include "base/str.h"
#include "cmd/earmark/archive_load.h"

#define MEMORY		((size_t)64 << 20)
#define SAVE_EVERY	(2 * SECOND)	/* while there are segments */
#define LOOK_EVERY	(10 * SECOND)	/* for bases, by a command */
#define MEDIA_EVERY	(5 * MINUTE)
#define RETRY_MAX	(30 * SECOND)

struct follower {
	struct standby s;
	const struct hash *key;
	struct arena arena;		/* of one step */
	struct err err;
	bool dirty;			/* the position is not stored */
	int64_t save_due, look_due, media_due;	/* monotonic, ms */
	int64_t wait;			/* ms; 0: no failure */
};

static int64_t
mono(void)
{
	return clock_mono() / 1000;
}

static enum rc
save_position(void *arg)
{
	struct follower *f = arg;
	enum rc rc = standby_save(&f->s, &f->err);

	f->dirty = f->dirty && rc != RC_OK;
	f->save_due = mono() + SAVE_EVERY;
	return rc;
}

static void
begin_step(struct follower *f)
{
	arena_reset(&f->arena);
	err_init(&f->err, &f->arena);
	f->s.replay.arena = &f->arena;
	f->s.replay.err = &f->err;
	f->s.replay.bases = NULL;
}

/* Begins with the newest base, in a new file, and removes the file before. */
static enum rc
load_base(struct follower *f)
{
	struct standby *fresh = arena_new(&f->arena, struct standby);
	struct archive_replay *g = &fresh->replay;
	enum rc rc;

	standby_init(fresh, f->s.conf, f->key);
	standby_source(fresh, f->s.dir, f->s.fetch);
	g->arena = &f->arena;
	g->err = &f->err;
	rc = archive_replay_choose(g);
	if (rc != RC_OK)
		return rc;
	snprintf(fresh->file_base, sizeof(fresh->file_base), "%s", g->base);
	standby_file(fresh);
	(void)unlink(fresh->file);
	db_forget_log(fresh->file);
	rc = archive_replay_base(g);
	if (rc != RC_OK)
		return rc;
	if (f->s.replay.log >= 0)
		close(f->s.replay.log);
	fresh->lock = f->s.lock;
	f->s = *fresh;
	f->s.replay.file = f->s.file;
	f->s.replay.from.part = f->s.part;
	rc = save_position(f);
	if (rc != RC_OK)
		return rc;
	standby_clean(&f->s, false);
	log_info("standby", "base %s was loaded", f->s.file_base);
	return RC_OK;
}

static void
note_complete(struct standby *s, int64_t at)
{
	s->complete_at = int64_max(s->complete_at, at);
}

/* Learns from "head" up to which time the database is complete. */
static enum rc
read_head(struct follower *f)
{
	struct archive_replay *g = &f->s.replay;
	struct archive_point head;
	int64_t at;
	enum rc rc = archive_replay_head(g, g->base, &head, &at);

	if (rc == RC_OK && at > 0 && !archive_replay_before(g->pos, head))
		note_complete(&f->s, at);
	return rc;
}

/* Continues with the next base, or loads the newest one. */
static enum rc
next_base(struct follower *f, const char *base, bool *more)
{
	struct archive_replay *g = &f->s.replay;
	bool limited = g->limit.generation > 0, begun = false, joined = false;
	struct archive_point head;
	int64_t at;
	enum rc rc = RC_OK;

	/* The next base was stored after all segments of this one. */
	rc = archive_replay_next(g, more, save_position, f);
	if (rc != RC_OK || *more)
		return rc;
	if (!limited)
		rc = archive_replay_join(g, base, &begun, &joined,
		    save_position, f);
	if (rc != RC_OK || joined) {
		*more = joined;
		return rc;
	}
	if (begun || limited || g->want.generation == 0) {
		*more = true;
		return load_base(f);
	}
	/* An idle service has written nothing since the base. */
	rc = archive_replay_head(g, base, &head, &at);
	if (rc == RC_OK && head.generation == 1 && head.frames == 0)
		note_complete(&f->s, at);
	return rc;
}

/*
 * Looks for new epochs and bases after the last segment. *more: there are
 * segments to apply.
 */
static enum rc
look(struct follower *f, bool *more)
{
	struct archive_replay *g = &f->s.replay;
	const char *next;
	enum rc rc = archive_replay_choose(g);

	*more = false;
	if (rc == RC_NOT_FOUND && g->bases != NULL) {
		*more = true;
		return load_base(f);
	}
	if (rc == RC_OK && g->limit.generation > 0 &&
	    archive_replay_before(g->limit, g->pos))
		return err_set(&f->err, RC_BAD, "archive_mixed", "the standby "
		    "belongs to another history: it has transactions that "
		    "epoch %" PRId64 " does not have", g->epoch);
	if (rc != RC_OK)
		return rc;
	next = archive_replay_next_base(g);
	return next == NULL ? read_head(f) : next_base(f, next, more);
}

/* Stores the position and learns about the archive, after the last segment. */
static enum rc
idle(struct follower *f, bool *more)
{
	enum rc rc = RC_OK;

	*more = false;
	if (mono() >= f->look_due) {
		rc = look(f, more);
		f->look_due = mono() + (f->s.dir != NULL ? 0 : LOOK_EVERY);
	}
	if (rc == RC_OK && !*more && f->dirty)
		rc = save_position(f);
	if (rc == RC_OK && !*more && mono() >= f->media_due) {
		standby_follow_media(&f->s);
		f->media_due = mono() + MEDIA_EVERY;
	}
	return rc;
}

static enum rc
step(struct follower *f, bool *more)
{
	struct archive_replay *g = &f->s.replay;
	enum rc rc = archive_replay_next(g, more, save_position, f);

	if (rc != RC_OK)
		return rc;
	if (!*more)
		return idle(f, more);
	note_complete(&f->s, g->complete_at);
	f->dirty = true;
	return mono() >= f->save_due ? save_position(f) : RC_OK;
}

/*
 * Goes back to the stored position after a failure. A newer base replaces one
 * whose segments are damaged or missing.
 */
static enum rc
recover(struct follower *f)
{
	struct archive_replay *g = &f->s.replay;
	const char *dir = f->s.dir, *fetch = f->s.fetch;
	bool bad = f->err.rc == RC_BAD;
	enum rc rc;

	if (g->log >= 0)
		close(g->log);
	g->log = -1;
	begin_step(f);
	rc = standby_load(&f->s, &f->arena, &f->err);
	standby_source(&f->s, dir, fetch);
	if (rc == RC_OK)
		rc = archive_replay_resume(g);
	f->dirty = false;
	if (rc == RC_OK && bad && archive_replay_choose(g) == RC_OK &&
	    archive_replay_next_base(g) != NULL)
		rc = load_base(f);
	return rc;
}

/* Reports a failure once, and waits longer after each. */
static void
failed(struct follower *f)
{
	if (f->wait == 0)
		log_error("standby", "%s", f->err.message != NULL ?
		    f->err.message : rc_message(f->err.rc));
	log_flush();
	f->wait = f->wait == 0 ? SECOND : int64_min(f->wait * 2, RETRY_MAX);
	standby_metrics(&f->s, true);
	poll(NULL, 0, (int)f->wait);
}

static bool
is_final(const struct err *err)
{
	return err->rc == RC_BAD && err->code != NULL &&
	    str_eq(err->code, "archive_mixed");
}

static enum rc
follow_archive(struct follower *f)
{
	bool more = false;
	enum rc rc;

	for (;;) {
		begin_step(f);
		rc = step(f, &more);
		if (rc != RC_OK) {
			if (is_final(&f->err))
				return rc;
			failed(f);
			if (recover(f) != RC_OK && is_final(&f->err))
				return RC_BAD;
			continue;
		}
		if (f->wait > 0)
			log_info("standby", "following again");
		f->wait = 0;
		log_flush();
		if (more)
			continue;
		standby_metrics(&f->s, false);
		poll(NULL, 0, (int)(f->s.conf->archive_interval * SECOND));
	}
}

static enum rc
begin_following(struct follower *f, const char *dir, const char *fetch,
    bool over)
{
	pid_t holder;
	enum rc rc = standby_lock(&f->s, &holder, &f->err);

	if (rc != RC_OK)
		return rc;
	if (over)
		standby_clean(&f->s, true);
	rc = standby_load(&f->s, &f->arena, &f->err);
	standby_source(&f->s, dir, fetch);
	if (rc == RC_NOT_FOUND)
		return load_base(f);
	if (rc == RC_OK && f->s.promoting)
		return err_set(&f->err, RC_CONFLICT, "promoting",
		    "the standby was promoted: complete this by promote, or "
		    "start over with --replace");
	if (rc != RC_OK)
		return rc;
	standby_clean(&f->s, false);
	return archive_replay_resume(&f->s.replay);
}

int
standby_follow(struct cli *cli, const struct hash *key, const char *dir,
    const char *fetch, bool over)
{
	static struct follower f;
	enum rc rc;

	log_init("earmark-standby", (enum log_level)cli->conf->log_level);
	f.key = key;
	arena_init(&f.arena, MEMORY);
	standby_init(&f.s, cli->conf, key);
	/* The options are in the memory of the process. */
	begin_step(&f);
	rc = begin_following(&f, dir, fetch, over);
	if (rc == RC_OK) {
		log_info("standby", "following base %s", f.s.replay.base);
		rc = follow_archive(&f);
	}
	cli->err = f.err;
	return cli_failed(cli, rc);
}

static enum rc
save_standby(void *arg)
{
	struct standby *s = arg;

	return standby_save(s, s->replay.err);
}

enum rc
standby_follow_rest(struct standby *s)
{
	struct archive_replay *g = &s->replay;
	bool applied = true;
	int64_t at;
	enum rc rc = archive_replay_choose(g);

	if (rc == RC_OK && g->want.generation == 0)
		rc = archive_replay_head(g, g->base, &g->want, &at);
	while (rc == RC_OK && applied) {
		rc = archive_replay_next(g, &applied, save_standby, s);
		note_complete(s, g->complete_at);
	}
	return rc == RC_OK ? archive_replay_reached(g) : rc;
}

void
standby_follow_media(struct standby *s)
{
	struct archive_load l = { .dir = s->dir, .fetch = s->fetch,
	    .key = s->replay.from.key, .timeout = s->replay.from.timeout,
	    .arena = s->replay.arena, .at = INT64_MAX };
	const char *lock = arena_fmt(l.arena, "%s-lock", s->file);
	struct err *err = s->replay.err;
	struct db *db = db_open(s->file, lock, DB_SOURCE, err);
	enum rc rc = db == NULL ? RC_FAULT : RC_OK;

	(void)unlink(lock);
	/* The statement is of this schema. */
	if (rc == RC_OK && db_schema_have(db) == db_schema_want())
		rc = archive_load_media(&l, s->conf->media_dir, db, err);
	db_close(db);
	if (rc != RC_OK)
		log_warn("standby", "media files: %s", err->message != NULL ?
		    err->message : rc_message(rc));
	err_init(err, l.arena);
}
