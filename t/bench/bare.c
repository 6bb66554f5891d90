/*
 * bare: measures saves and unsaves by one process with SQLite alone, one
 * transaction each, with synchronous=FULL. Writes of the pools are compared
 * with it.
 *
 *	bare DATABASE SECONDS FLYER FIRST-USER USERS
 *
 * Prints the same line as the wrk scripts.
 */
#include <inttypes.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define COMMITS_MAX	4000000		/* maximum number of commits */

static uint32_t took[COMMITS_MAX];	/* in microseconds */

static void
die(sqlite3 *db, const char *what)
{
	fprintf(stderr, "bare: %s: %s\n", what,
	    db == NULL ? "?" : sqlite3_errmsg(db));
	exit(1);
}

static int64_t
now_us(clockid_t id)
{
	struct timespec t;

	clock_gettime(id, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static sqlite3_stmt *
prepare(sqlite3 *db, const char *sql)
{
	sqlite3_stmt *s;

	if (sqlite3_prepare_v2(db, sql, -1, &s, NULL) != SQLITE_OK)
		die(db, sql);
	return s;
}

static void
run(sqlite3 *db, sqlite3_stmt *s, int64_t user, int64_t flyer, int64_t at)
{
	sqlite3_bind_int64(s, 1, user);
	sqlite3_bind_int64(s, 2, flyer);
	if (sqlite3_bind_parameter_count(s) > 2)
		sqlite3_bind_int64(s, 3, at);
	if (sqlite3_step(s) != SQLITE_DONE)
		die(db, sqlite3_sql(s));
	sqlite3_reset(s);
}

static void
simple(sqlite3 *db, sqlite3_stmt *s)
{
	if (sqlite3_step(s) != SQLITE_DONE)
		die(db, sqlite3_sql(s));
	sqlite3_reset(s);
}

static int
by_time(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

int
main(int argc, char **argv)
{
	sqlite3_stmt *begin, *commit, *add, *drop, *touch, *log[2];
	int64_t seconds, flyer, first, users, began, t, i = 0;
	sqlite3 *db;
	bool saved;

	if (argc != 6)
		return 2;
	seconds = strtoll(argv[2], NULL, 10);
	flyer = strtoll(argv[3], NULL, 10);
	first = strtoll(argv[4], NULL, 10);
	users = strtoll(argv[5], NULL, 10);
	if (sqlite3_open_v2(argv[1], &db, SQLITE_OPEN_READWRITE, NULL) !=
	    SQLITE_OK)
		die(NULL, argv[1]);
	if (sqlite3_exec(db, "PRAGMA journal_mode=WAL; "
	    "PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;"
	    "PRAGMA temp_store=MEMORY", NULL, NULL, NULL) != SQLITE_OK)
		die(db, "pragmas");
	begin = prepare(db, "BEGIN IMMEDIATE");
	commit = prepare(db, "COMMIT");
	add = prepare(db, "INSERT INTO favorite(user_id, kind, entity_id, "
	    "created_at, updated_at) VALUES (?1, 2, ?2, ?3, ?3)");
	drop = prepare(db, "DELETE FROM favorite WHERE user_id = ?1 "
	    "AND kind = 2 AND entity_id = ?2");
	touch = prepare(db, "UPDATE favoritable SET changed_at = ?3 "
	    "WHERE kind = 2 AND id = ?2 AND ?1 > 0");
	log[0] = prepare(db, "INSERT INTO favorite_log(user_id, kind, "
	    "entity_id, action, at, request_id) VALUES (?1, 2, ?2, 0, ?3, "
	    "'0123456789abcdef0123456789abcdef')");
	log[1] = prepare(db, "INSERT INTO favorite_log(user_id, kind, "
	    "entity_id, action, at, request_id) VALUES (?1, 2, ?2, 1, ?3, "
	    "'0123456789abcdef0123456789abcdef')");
	began = now_us(CLOCK_MONOTONIC);
	do {
		int64_t user = first + i % users;
		int64_t at = now_us(CLOCK_REALTIME) / 1000;

		t = now_us(CLOCK_MONOTONIC);
		/* All users save, then all unsave. */
		saved = i / users % 2 == 0;
		simple(db, begin);
		run(db, saved ? add : drop, user, flyer, at);
		if (sqlite3_changes(db) != 1)
			die(db, "no change");
		if (!saved)
			run(db, touch, user, flyer, at);
		run(db, log[saved], user, flyer, at);
		simple(db, commit);
		took[i++] = (uint32_t)(now_us(CLOCK_MONOTONIC) - t);
		t = now_us(CLOCK_MONOTONIC) - began;
	} while (t < seconds * 1000000 && i < COMMITS_MAX);
	qsort(took, (size_t)i, sizeof(took[0]), by_time);
	printf("RESULT {\"rps\":%.1f,\"n\":%" PRId64 ",\"p50\":%u,\"p90\":%u,"
	    "\"p99\":%u,\"p999\":%u,\"max\":%u,\"err\":0,\"bad\":0,"
	    "\"timeout\":0}\n", (double)i * 1e6 / (double)t, i, took[i / 2],
	    took[i * 9 / 10], took[i * 99 / 100], took[i * 999 / 1000],
	    took[i - 1]);
	sqlite3_finalize(begin);
	sqlite3_finalize(commit);
	sqlite3_finalize(add);
	sqlite3_finalize(drop);
	sqlite3_finalize(touch);
	sqlite3_finalize(log[0]);
	sqlite3_finalize(log[1]);
	return sqlite3_close(db) == SQLITE_OK ? 0 : 1;
}
