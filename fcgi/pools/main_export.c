/*
 * earmark-export: prints all data of an account as JSON. `earmark user export`
 * runs it. It is not a pool: it renders what GET /api/v1/me/export returns.
 */
#include <stdio.h>

#include "base/hash.h"
#include "base/log.h"
#include "base/str.h"
#include "domain/calls/session.h"
#include "fcgi/routes/ops/export_routes.h"

static int
fail(const char *why)
{
	fprintf(stderr, "earmark-export: %s\n", why);
	return 1;
}

static int
print_export(const struct conf *conf, struct db *db, int64_t user)
{
	struct req req = { .head = false };
	enum rc rc;

	if (!req_init(&req, db, conf))
		return fail("no memory");
	req.actor.user = user;
	req.actor.active = true;
	rc = db_read(db);
	if (rc == RC_OK) {
		rc = export_routes_write(&req, stdout);
		db_read_end(db);
	}
	return rc == RC_OK ? 0 : fail(rc == RC_NOT_FOUND ?
	    "the account does not exist" : "the data cannot be read or written");
}

int
main(int argc, char **argv)
{
	const struct conf *conf;
	struct arena arena;
	struct err err;
	struct db *db;
	int64_t user;
	int status;

	hash_without_texts();
	if (argc != 4 || !str_eq(argv[1], "-c") || !str_int(argv[3], &user)) {
		fprintf(stderr, "usage: earmark-export -c FILE ACCOUNT\n");
		return 2;
	}
	conf = conf_load(argv[2], stderr);
	if (conf == NULL)
		return 3;
	log_init("export", (enum log_level)conf->log_level);
	session_register(conf);
	arena_init(&arena, 64 * 1024);
	err_init(&err, &arena);
	db = db_open(conf->db_file, conf->lock_file, DB_SERVE, &err);
	status = db == NULL ? fail(err.message) : print_export(conf, db, user);
	db_close(db);
	arena_free(&arena);
	return status;
}
