#include "cmd/earmark/backup_load.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "domain/ops/backup_log.h"

/* Reads a file of the backup and verifies its digest. Copies it if to >= 0. */
static enum rc
load_file(int from, const char *name, int to, const char *to_name,
    mode_t mode, struct backup_loaded *u, struct err *err)
{
	const struct hash *want = &backup_store_find(&u->files, name)->hash;
	struct backup_store_file is;
	enum rc rc = to < 0 ? backup_store_read(from, name, want, &is, err) :
	    backup_store_copy(from, name, want, to, to_name, mode, &is, err);

	if (rc == RC_NOT_FOUND)
		return err_set(err, rc, "backup", "the backup does not contain "
		    "%s", name);
	if (rc == RC_OK)
		u->bytes += is.bytes;
	return rc;
}

/* Returns whether a folder has a media file with the content of the backup. */
static bool
has_file(int dir, const char *name, const struct hash *want,
    struct arena *arena)
{
	struct backup_store_file is;
	struct err unread;

	err_init(&unread, arena);
	return backup_store_read(dir, name, want, &is, &unread) == RC_OK;
}

/* Opens the folder that contains a file. Returns the descriptor, or -1. */
static int
open_parent(const char *file)
{
	char name[4096];
	char *slash;

	snprintf(name, sizeof(name), "%s", file);
	slash = strrchr(name, '/');
	if (slash == NULL)
		return -1;
	slash[slash == name] = '\0';
	return open(name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

struct db *
backup_load_db(int from, const char *file, struct arena *a,
    struct backup_loaded *u, struct err *err)
{
	const char *lock = arena_fmt(a, "%s-lock", file);
	struct db *db;
	int to;
	enum rc rc;

	*u = (struct backup_loaded){ .bytes = 0 };
	rc = backup_store_read_sums(from, a, &u->files, err);
	if (rc != RC_OK)
		return NULL;
	to = open_parent(file);
	if (to < 0) {
		backup_store_fail(err, file);
		return NULL;
	}
	rc = load_file(from, BACKUP_STORE_DB, to, strrchr(file, '/') + 1,
	    0600, u, err);
	close(to);
	if (rc != RC_OK)
		return NULL;
	/*
	 * Other programs do not use this database, so it has its own lock file.
	 */
	db = db_open(file, lock, DB_MIGRATE, err);
	unlink(lock);
	if (db == NULL)
		return NULL;
	rc = db_migrate(db, err, &u->from, &u->to);
	if (rc == RC_OK)
		rc = database_check_run(db, a, &u->proof, err);
	if (rc == RC_OK)
		return db;
	if (err->message == NULL)
		err_set(err, rc, "backup", "%s", rc_message(rc));
	db_close(db);
	return NULL;
}

struct names {
	struct arena *arena;
	const struct backup_store_files *files;
	const char *missing;		/* the first missing file */
	int64_t n;			/* number of missing files */
};

static void
find_missing(void *arg, const char *image)
{
	struct names *names = arg;
	const char *name = arena_fmt(names->arena, BACKUP_STORE_MEDIA "/%s",
	    image);

	if (backup_store_find(names->files, name) != NULL)
		return;
	names->n++;
	if (names->missing == NULL)
		names->missing = name;
}

enum rc
backup_load_media(int from, int to, struct db *db, struct backup_loaded *u,
    struct err *err)
{
	const size_t prefix = strlen(BACKUP_STORE_MEDIA "/");
	struct names names = { .files = &u->files, .arena = err->arena };
	enum rc rc = RC_OK;

	for (size_t i = 0; i < u->files.n && rc == RC_OK; i++) {
		const char *name = u->files.v[i].name;
		bool media = str_prefix(name, BACKUP_STORE_MEDIA "/");
		bool put = media && to >= 0 && !has_file(to, name + prefix,
		    &u->files.v[i].hash, err->arena);

		/* nginx reads media files as another user. */
		if (!str_eq(name, BACKUP_STORE_DB))
			rc = load_file(from, name, put ? to :
			    -1, name + prefix, 0644, u, err);
	}
	if (rc == RC_OK && to >= 0 && fsync(to) != 0)
		rc = backup_store_fail(err, BACKUP_STORE_MEDIA);
	if (rc == RC_OK)
		rc = backup_log_images(db, find_missing, &names);
	if (rc == RC_OK && names.n > 0)
		rc = err_set(err, RC_FAULT, "backup", "the backup does not "
		    "contain %lld media files of the database, such as %s",
		    (long long)names.n, names.missing);
	return rc;
}
