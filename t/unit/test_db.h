/* test_db: a new database in a new folder for a unit test. */
#ifndef T_UNIT_TEST_DB_H
#define T_UNIT_TEST_DB_H

#include "unit.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "db/db.h"

struct test_db {
	char dir[64], file[96], lock[96];
	struct arena arena;
	struct err err;
	struct db *db;
};

/* Creates the database and applies all migrations. */
static inline void
test_db_open(struct test_db *f)
{
	int from, to;

	log_init("unit", LOG_ERROR);
	snprintf(f->dir, sizeof(f->dir), "/tmp/earmark-unit.XXXXXX");
	assert_non_null(mkdtemp(f->dir));
	snprintf(f->file, sizeof(f->file), "%s/db", f->dir);
	snprintf(f->lock, sizeof(f->lock), "%s/lock", f->dir);
	arena_init(&f->arena, 16 << 20);
	err_init(&f->err, &f->arena);
	f->db = db_open(f->file, f->lock, DB_MIGRATE, &f->err);
	assert_non_null(f->db);
	assert_int_equal(db_migrate(f->db, &f->err, &from, &to), RC_OK);
}

static inline void
test_db_close(struct test_db *f)
{
	static const char *const names[] = { "db", "db-wal", "db-shm", "lock" };
	char path[128];

	db_close(f->db);
	for (size_t i = 0; i < NELEM(names); i++) {
		snprintf(path, sizeof(path), "%s/%s", f->dir, names[i]);
		unlink(path);
	}
	rmdir(f->dir);
	arena_free(&f->arena);
}

#endif
