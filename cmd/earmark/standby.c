#include "cmd/earmark/standby.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stddef.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file_sync.h"
#include "base/str.h"

#define LINE	8192

/* The numbers of the position file. */
static const struct {
	const char *name;
	size_t off;
} numbers[] = {
	{ "epoch", offsetof(struct standby, replay.epoch) },
	{ "base_epoch", offsetof(struct standby, replay.base_epoch) },
	{ "base_history", offsetof(struct standby, replay.base_history) },
	{ "needs", offsetof(struct standby, replay.needs) },
	{ "page_size", offsetof(struct standby, replay.page_size) },
	{ "generation", offsetof(struct standby, replay.pos.generation) },
	{ "frames", offsetof(struct standby, replay.pos.frames) },
	{ "limit_generation",
	    offsetof(struct standby, replay.limit.generation) },
	{ "limit_frames", offsetof(struct standby, replay.limit.frames) },
	{ "committed_at", offsetof(struct standby, replay.committed_at) },
	{ "complete_at", offsetof(struct standby, complete_at) },
};

/* The texts, in their arrays; salts are hexadecimal. */
struct texts {
	char base[ARCHIVE_STORE_BASE], file[ARCHIVE_STORE_BASE];
	char salt[20], base_salt[20];
	char dir[LINE], fetch[LINE], promoting[8];
};

static const struct {
	const char *name;
	size_t off, size;
} texts[] = {
#define TEXT_OF(member) { #member, offsetof(struct texts, member), \
	    sizeof(((struct texts *)NULL)->member) }
	TEXT_OF(base), TEXT_OF(file), TEXT_OF(salt), TEXT_OF(base_salt),
	TEXT_OF(dir), TEXT_OF(fetch), TEXT_OF(promoting),
#undef TEXT_OF
};

static void
path_of(const struct conf *conf, const char *what, char *out, size_t size)
{
	snprintf(out, size, "%s.standby-%s", conf->db_file, what);
}

static enum rc
fail(struct err *err, const char *path)
{
	return err_errno(err, RC_FAULT, "standby", path);
}

bool
standby_exists(const struct conf *conf)
{
	char path[ARCHIVE_STORE_PATH];

	path_of(conf, "position", path, sizeof(path));
	return access(path, F_OK) == 0;
}

bool
standby_only(const struct conf *conf)
{
	return standby_exists(conf) && access(conf->db_file, F_OK) != 0;
}

pid_t
standby_process(const struct conf *conf)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	char path[ARCHIVE_STORE_PATH];
	pid_t holder = 0;
	int fd;

	path_of(conf, "lock", path, sizeof(path));
	fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return 0;
	if (fcntl(fd, F_GETLK, &lock) == 0 && lock.l_type != F_UNLCK)
		holder = lock.l_pid;
	close(fd);
	return holder;
}

void
standby_init(struct standby *s, const struct conf *conf,
    const struct hash *key)
{
	*s = (struct standby){ .conf = conf, .lock = -1,
	    .replay = { .at = INT64_MAX, .log = -1 } };
	snprintf(s->part, sizeof(s->part), "%s.standby-part-%d", conf->db_file,
	    (int)getpid());
	s->replay.from.key = key;
	s->replay.from.part = s->part;
	s->replay.from.timeout = conf->archive_timeout;
	s->replay.file = s->file;
}

void
standby_source(struct standby *s, const char *dir, const char *fetch)
{
	s->dir = s->replay.from.dir = dir;
	s->fetch = s->replay.from.fetch = fetch;
}

void
standby_file(struct standby *s)
{
	path_of(s->conf, s->file_base, s->file, sizeof(s->file));
}

enum rc
standby_lock(struct standby *s, pid_t *holder, struct err *err)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	char path[ARCHIVE_STORE_PATH];

	*holder = 0;
	path_of(s->conf, "lock", path, sizeof(path));
	if (s->lock < 0)
		s->lock = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC,
		    0600);
	if (s->lock < 0)
		return fail(err, path);
	if (fcntl(s->lock, F_SETLK, &lock) == 0)
		return RC_OK;
	if (errno != EACCES && errno != EAGAIN)
		return fail(err, path);
	if (fcntl(s->lock, F_GETLK, &lock) == 0 && lock.l_type != F_UNLCK)
		*holder = lock.l_pid;
	return err_set(err, RC_CONFLICT, "following",
	    "another process follows the archive");
}

/* Stores one line "name value" of the position. */
static bool
read_line(struct standby *s, struct texts *t, const char *name,
    const char *value)
{
	int64_t n;

	for (size_t i = 0; i < NELEM(numbers); i++)
		if (str_eq(name, numbers[i].name)) {
			if (!str_int(value, &n))
				return false;
			memcpy((char *)s + numbers[i].off, &n, sizeof(n));
			return true;
		}
	for (size_t i = 0; i < NELEM(texts); i++)
		if (str_eq(name, texts[i].name))
			return (size_t)snprintf((char *)t + texts[i].off,
			    texts[i].size, "%s", value) < texts[i].size;
	return true;
}

enum rc
standby_load(struct standby *s, struct arena *a, struct err *err)
{
	struct texts *t = arena_new(a, struct texts);
	char path[ARCHIVE_STORE_PATH], line[LINE + 32];
	bool good = true;
	FILE *f;

	path_of(s->conf, "position", path, sizeof(path));
	f = fopen(path, "re");
	if (f == NULL)
		return errno == ENOENT ? RC_NOT_FOUND : fail(err, path);
	while (good && fgets(line, sizeof(line), f) != NULL) {
		char *value = strchr(line, ' ');

		line[strcspn(line, "\n")] = '\0';
		good = value != NULL;
		if (!good)
			break;
		*value++ = '\0';
		good = read_line(s, t, line, value);
	}
	fclose(f);
	if (!good || !archive_store_is_base(t->base) ||
	    !archive_store_is_base(t->file) ||
	    !hash_unhex(t->salt, s->replay.salt, sizeof(s->replay.salt)) ||
	    !hash_unhex(t->base_salt, s->replay.base_salt,
	    sizeof(s->replay.base_salt)) ||
	    (t->dir[0] == '\0') == (t->fetch[0] == '\0') ||
	    s->replay.pos.generation < 1 || s->replay.pos.frames < 0 ||
	    s->replay.page_size < 512)
		return err_set(err, RC_BAD, "standby", "%s is not valid", path);
	memcpy(s->replay.base, t->base, sizeof(t->base));
	memcpy(s->file_base, t->file, sizeof(t->file));
	s->promoting = str_eq(t->promoting, "yes");
	standby_source(s, t->dir[0] != '\0' ? t->dir : NULL,
	    t->fetch[0] != '\0' ? t->fetch : NULL);
	standby_file(s);
	return RC_OK;
}

static void
write_lines(const struct standby *s, FILE *f)
{
	char salt[17];
	int64_t n;

	for (size_t i = 0; i < NELEM(numbers); i++) {
		memcpy(&n, (const char *)s + numbers[i].off, sizeof(n));
		fprintf(f, "%s %" PRId64 "\n", numbers[i].name, n);
	}
	fprintf(f, "base %s\nfile %s\n", s->replay.base, s->file_base);
	hash_hex(s->replay.salt, sizeof(s->replay.salt), salt);
	fprintf(f, "salt %s\n", salt);
	hash_hex(s->replay.base_salt, sizeof(s->replay.base_salt), salt);
	fprintf(f, "base_salt %s\n", salt);
	if (s->dir != NULL)
		fprintf(f, "dir %s\n", s->dir);
	else
		fprintf(f, "fetch %s\n", s->fetch);
	if (s->promoting)
		fputs("promoting yes\n", f);
}

enum rc
standby_save(struct standby *s, struct err *err)
{
	char path[ARCHIVE_STORE_PATH], part[ARCHIVE_STORE_PATH];
	bool good;
	FILE *f;

	/* A joined log is longer than its position says: see archive_replay. */
	if (s->replay.pos.frames == 0 && s->replay.log >= 0)
		return RC_OK;
	if (s->replay.log >= 0 && fdatasync(s->replay.log) != 0)
		return fail(err, s->file);
	path_of(s->conf, "position", path, sizeof(path));
	path_of(s->conf, "position-part", part, sizeof(part));
	f = fopen(part, "we");
	if (f == NULL)
		return fail(err, part);
	(void)fchmod(fileno(f), 0600);	/* the command may have a secret */
	write_lines(s, f);
	good = fflush(f) == 0 && fsync(fileno(f)) == 0;
	good = fclose(f) == 0 && good && rename(part, path) == 0 &&
	    file_sync_parent(path);
	return good ? RC_OK : fail(err, path);
}

static void
metrics_path(const struct conf *conf, const char *end, char *out, size_t size)
{
	snprintf(out, size, "%s/standby.prom%s", conf->run_dir, end);
}

#define COMPLETE	"earmark_standby_complete_timestamp_seconds"
#define FAILING		"earmark_standby_failing"

void
standby_metrics(const struct standby *s, bool failing)
{
	char path[ARCHIVE_STORE_PATH], part[ARCHIVE_STORE_PATH];
	FILE *f;

	metrics_path(s->conf, "", path, sizeof(path));
	metrics_path(s->conf, ".part", part, sizeof(part));
	f = fopen(part, "we");
	if (f == NULL)
		return;
	fprintf(f, "# HELP " COMPLETE " Time up to which the standby has all "
	    "transactions.\n# TYPE " COMPLETE " gauge\n" COMPLETE " %" PRId64
	    ".%03d\n# HELP " FAILING " Whether the standby cannot read the "
	    "archive.\n# TYPE " FAILING " gauge\n" FAILING " %d\n",
	    s->complete_at / SECOND, (int)(s->complete_at % SECOND), failing);
	/* A textfile collector runs as another user. */
	(void)fchmod(fileno(f), 0644);
	if (fclose(f) != 0 || rename(part, path) != 0)
		(void)unlink(part);
}

bool
standby_failing(const struct conf *conf, int64_t *complete_at)
{
	char path[ARCHIVE_STORE_PATH], line[256];
	int64_t n, ms;
	int failing = 0;
	FILE *f;

	metrics_path(conf, "", path, sizeof(path));
	f = fopen(path, "re");
	if (f == NULL)
		return false;
	while (fgets(line, sizeof(line), f) != NULL)
		if (sscanf(line, COMPLETE " %" SCNd64 ".%3" SCNd64, &n,
		    &ms) == 2 && n * SECOND + ms > *complete_at)
			*complete_at = n * SECOND + ms;
		else
			(void)sscanf(line, FAILING " %d", &failing);
	fclose(f);
	return failing != 0;
}

/* Returns whether a file belongs to the standby's database or position. */
static bool
is_kept(const struct standby *s, const char *name, const char *prefix)
{
	const char *rest = name + strlen(prefix);

	return str_eq(rest, "position") || (s->file_base[0] != '\0' &&
	    str_prefix(rest, s->file_base));
}

void
standby_clean(const struct standby *s, bool all)
{
	const char *slash = strrchr(s->conf->db_file, '/');
	char dir[ARCHIVE_STORE_PATH], prefix[ARCHIVE_STORE_NAME];
	char path[ARCHIVE_STORE_PATH];
	struct dirent *e;
	DIR *d;

	snprintf(dir, sizeof(dir), "%.*s", (int)(slash + 1 - s->conf->db_file),
	    s->conf->db_file);
	snprintf(prefix, sizeof(prefix), "%s.standby-", slash + 1);
	d = opendir(dir);
	if (d == NULL)
		return;
	while ((e = readdir(d)) != NULL)
		if (str_prefix(e->d_name, prefix) &&
		    !str_eq(e->d_name + strlen(prefix), "lock") &&
		    (all || !is_kept(s, e->d_name, prefix)))
			(void)unlinkat(dirfd(d), e->d_name, 0);
	closedir(d);
	if (!all)
		return;
	metrics_path(s->conf, "", path, sizeof(path));
	(void)unlink(path);
}

const char *
standby_state(const struct standby *s, bool failing)
{
	if (s->promoting)
		return "promoting";
	if (standby_process(s->conf) == 0)
		return "stopped";
	return failing ? "failing" : "following";
}
