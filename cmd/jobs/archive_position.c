#include "cmd/jobs/archive_position.h"

#include <inttypes.h>
#include <stdio.h>
#include <sys/stat.h>

#include "archive/archive_file.h"
#include "archive/archive_spool.h"
#include "base/log.h"
#include "base/str.h"

#define EMPTIED	"emptied"	/* in the spool: a position, and a stamp */
#define BOOT_ID	"/proc/sys/kernel/random/boot_id"
#define MEMORY	((size_t)1 << 16)
#define STEPS	10000		/* a new random salt is hardly ever so close */

void
archive_position_stamp(const char *file, char out[ARCHIVE_POSITION_STAMP])
{
	FILE *f = fopen(BOOT_ID, "re");
	char boot[40] = "-";
	struct stat st = { .st_size = -1 };

	if (f != NULL) {
		if (fgets(boot, sizeof(boot), f) != NULL)
			boot[strcspn(boot, "\n")] = '\0';
		fclose(f);
	}
	(void)stat(file, &st);
	snprintf(out, ARCHIVE_POSITION_STAMP, "%s:%" PRId64 ".%09ld:%" PRId64
	    ":%" PRIu64, boot, (int64_t)st.st_mtim.tv_sec, st.st_mtim.tv_nsec,
	    (int64_t)st.st_size, (uint64_t)st.st_ino);
}

/* Returns whether a stamp shows that the file has changed since. */
static bool
has_changed(const char *stamp, const char *file)
{
	char now[ARCHIVE_POSITION_STAMP];
	const char *end = strchr(stamp, ':');

	if (end == NULL)
		return false;
	archive_position_stamp(file, now);
	return strncmp(now, stamp, (size_t)(end + 1 - stamp)) == 0 &&
	    !str_eq(now, stamp);
}

static void
position_text(const struct archive_position *at, char *out, size_t size)
{
	snprintf(out, size, "%s %" PRId64 " %" PRId64, at->base,
	    at->generation, at->frames);
}

/* Writes the file EMPTIED. stamp "": the log is not emptied yet. */
static bool
write_emptied(const struct archive_position *at, const struct conf *conf,
    const char *stamp)
{
	char text[ARCHIVE_POSITION_STAMP + 96], position[96];
	struct arena arena;
	struct err err;
	bool good;

	arena_init(&arena, MEMORY);
	err_init(&err, &arena);
	position_text(at, position, sizeof(position));
	snprintf(text, sizeof(text), "%s %s\n", position, stamp);
	good = archive_spool_write(conf, EMPTIED, text, &err) == RC_OK;
	if (!good)
		log_error("archive", "%s", err.message);
	arena_free(&arena);
	return good;
}

void
archive_position_emptied(struct archive_position *at, const struct conf *conf)
{
	if (!at->known || at->frames == 0)
		return;
	at->stamp[0] = '\0';
	at->emptied = write_emptied(at, conf, "");
}

/* Reads whether the log was emptied at this position, and the stamp. */
static void
read_emptied(struct archive_position *at, const struct conf *conf)
{
	char path[ARCHIVE_STORE_PATH], want[96];
	char line[ARCHIVE_POSITION_STAMP + 96] = "";
	size_t n;
	FILE *f;

	snprintf(path, sizeof(path), "%s/" EMPTIED, archive_spool_dir(conf));
	f = fopen(path, "re");
	if (f == NULL)
		return;
	if (fgets(line, sizeof(line), f) == NULL)
		line[0] = '\0';
	fclose(f);
	line[strcspn(line, "\n")] = '\0';
	position_text(at, want, sizeof(want));
	n = strlen(want);
	at->emptied = str_prefix(line, want) &&
	    (line[n] == '\0' || line[n] == ' ');
	if (at->emptied && line[n] == ' ')
		snprintf(at->stamp, sizeof(at->stamp), "%s", line + n + 1);
}

void
archive_position_load(struct archive_position *at, const struct conf *conf,
    const struct hash *key, struct arena *arena, int64_t *number)
{
	struct archive_spool_files files;
	struct archive_reader *r;
	char salt[17] = "";
	int64_t changes;
	struct err err;

	err_init(&err, arena);
	if (archive_spool_list(conf, arena, true, &files, &err) != RC_OK ||
	    files.n == 0)
		return;
	*number = files.v[files.n - 1].number;
	r = archive_file_open(files.v[files.n - 1].path, key, &err);
	if (r == NULL) {
		log_warn("archive", "%s: a new base is needed", err.message);
		return;
	}
	at->base_at = archive_file_number(r, "base_at");
	at->generation = archive_file_number(r, "generation");
	at->previous = archive_file_number(r, "previous");
	at->frames = archive_file_number(r, "end");
	at->page_size = (int)archive_file_number(r, "page_size");
	changes = archive_file_number(r, "changes");
	at->counted = changes >= 0;
	at->changes = at->counted ? (uint32_t)changes : 0;
	(void)archive_file_value(r, "stamp", at->stamp, sizeof(at->stamp));
	at->known = archive_file_value(r, "base", at->base,
	    sizeof(at->base)) && archive_file_value(r, "salt", salt,
	    sizeof(salt)) && hash_unhex(salt, at->salt, sizeof(at->salt)) &&
	    at->base_at >= 0 && at->generation > 0 &&
	    at->frames >= 0 && at->previous >= 0;
	if (at->known)
		read_emptied(at, conf);
	archive_file_close(r);
}

static uint32_t
first_word(const uint8_t salt[8])
{
	return (uint32_t)salt[0] << 24 | (uint32_t)salt[1] << 16 |
	    (uint32_t)salt[2] << 8 | salt[3];
}

/* Returns how often the log has restarted, unless it began in an empty file. */
static uint32_t
salt_steps(const struct archive_position *at, const struct db_wal *wal)
{
	return first_word(wal->salt) - first_word(at->salt);
}

/*
 * Returns whether the index shows that the present log has all commits since
 * the position. If the index was built again, it counts the commits since then,
 * which are fewer than those in a log that was not empty. Only if the log was
 * empty and the position has no commit, the numbers say nothing.
 */
static bool
has_all(const struct archive_position *at, const struct db_wal *wal,
    uint32_t commits)
{
	return at->counted && wal->changes - at->changes == commits &&
	    (at->changes > 0 || salt_steps(at, wal) < STEPS);
}

/*
 * Returns whether the file of the log still has a frame of the old log after
 * the position. The present log overwrites the old one from its beginning.
 */
static bool
has_more(const struct archive_position *at, struct db *db,
    const struct db_wal *wal)
{
	uint8_t header[16];
	int64_t offset = DB_WAL_HEADER + at->frames *
	    (DB_WAL_FRAME_HEADER + at->page_size);

	return wal->frames <= at->frames && at->page_size == wal->page_size &&
	    offset + DB_WAL_FRAME_HEADER + at->page_size <= db_wal_bytes(db) &&
	    db_wal_read(db, offset, header, sizeof(header)) == RC_OK &&
	    memcmp(header + 8, at->salt, sizeof(at->salt)) == 0;
}

/* Compares a log whose index was built again since the position. */
static const char *
compare_files(const struct archive_position *at, struct db *db,
    const struct conf *conf, const struct db_wal *wal)
{
	if ((at->frames == 0 || at->emptied) &&
	    has_changed(at->stamp, conf->db_file))
		return "another program has changed the database file";
	if (at->frames == 0 || at->emptied)
		return NULL;
	if (salt_steps(at, wal) != 1)
		return "the log was restarted by another program";
	return has_more(at, db, wal) ? "the log was restarted by another "
	    "program before all of it was copied" : NULL;
}

const char *
archive_position_restart(struct archive_position *at, struct db *db,
    const struct conf *conf, const struct db_wal *wal)
{
	char stamp[ARCHIVE_POSITION_STAMP];
	const char *why = NULL;
	uint32_t commits;

	if (db_wal_commits(db, wal, &commits) != RC_OK)
		return "the log cannot be read";
	if (!has_all(at, wal, commits))
		why = at->counted && wal->changes > commits ? "another "
		    "program has run a checkpoint, and transactions are "
		    "missing" : compare_files(at, db, conf, wal);
	if (why != NULL)
		return why;
	if (at->emptied && wal->frames == 0) {
		archive_position_stamp(conf->db_file, stamp);
		(void)write_emptied(at, conf, stamp);
	}
	if (at->frames > 0) {
		at->previous = at->frames;
		at->generation++;
	}
	at->frames = 0;
	at->emptied = false;
	at->stamp[0] = '\0';
	memcpy(at->salt, wal->salt, sizeof(at->salt));
	return NULL;
}
