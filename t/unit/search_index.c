/*
 * search_index: an index that is rebuilt contains the changes that happen
 * meanwhile, and searches use the old table until it is replaced.
 */
#include "test_db.h"

#include "base/clock.h"
#include "base/str.h"
#include "db/internal.h"
#include "db/search_index.h"

#define ROWS	250		/* three batches */

static struct test_db f;

static void
run(const char *format, ...)
{
	char sql[2000];
	va_list args;

	va_start(args, format);
	vsnprintf(sql, sizeof(sql), format, args);
	va_end(args);
	if (sqlite3_exec(f.db->sql, sql, NULL, NULL, NULL) != SQLITE_OK)
		fail_msg("%s: %s", sql, sqlite3_errmsg(f.db->sql));
}

static int64_t
number(const char *sql)
{
	char out[32];
	int64_t n = -1;

	assert_int_equal(db_ask(f.db, sql, out, sizeof(out)), RC_OK);
	assert_true(str_int(out, &n));
	return n;
}

static void
add_user(int id)
{
	run("INSERT INTO user(id, uuid, status, roles, username, bio, "
	    "referral_code, created_at, updated_at) VALUES (%d, randomblob(16),"
	    " 1, 3, 'u%d', 'bio w%d', 'c%d', 1, 1)", id, id, id % 7, id);
}

static void
add_listener(int id)
{
	run("INSERT INTO listener(user_id, rate_per_minute, languages, "
	    "registered_at) VALUES (%d, 5, 'en', 1)", id);
}

static void
add_rows(int id)
{
	run("INSERT INTO flyer(id, publisher_id, title, created_at, updated_at)"
	    " VALUES (%d, 1, 'title w%d', 1, 1); "
	    "INSERT INTO destination(id, uuid, name, city, country, created_at,"
	    " updated_at) VALUES (%d, randomblob(16), 'name w%d', 'c', 'd', 1,"
	    " 1); "
	    "INSERT INTO ticket(id, user_id, subject, body, category, status, "
	    "created_at, updated_at) VALUES (%d, 1, 's w%d', 'b', 1, 1, 1, 1); "
	    "INSERT INTO faq(id, category, question, answer, position, "
	    "created_at, updated_at) VALUES (%d, 'c', 'q w%d', 'a', %d, 1, 1)",
	    id, id % 7, id, id % 7, id, id % 7, id, id % 7, id);
}

/* Changes and deletes a row of each table, and adds one. */
static void
change_rows(unsigned *seed)
{
	static int next = ROWS + 1;
	int old = 1 + rand_r(seed) % ROWS, gone = 1 + rand_r(seed) % ROWS;
	int word = rand_r(seed) % 7;

	/* A new listener may be an old user. */
	run("DELETE FROM listener WHERE user_id = %d", gone);
	if (rand_r(seed) % 2)
		add_listener(gone);
	run("UPDATE user SET bio = 'new w%d' WHERE id = %d; "
	    "UPDATE flyer SET title = 'new w%d' WHERE id = %d; "
	    "UPDATE destination SET name = 'new w%d' WHERE id = %d; "
	    "UPDATE faq SET answer = 'new w%d' WHERE id = %d; "
	    "INSERT INTO ticket_reply(ticket_id, author_id, kind, body, "
	    "created_at) SELECT id, 1, 1, 'new w%d', 1 FROM ticket "
	    "WHERE id = %d", word, old, word, old, word, old, word, old, word,
	    old);
	gone = 1 + rand_r(seed) % ROWS;
	run("DELETE FROM flyer WHERE id = %d; "
	    "DELETE FROM destination WHERE id = %d; "
	    "DELETE FROM faq WHERE id = %d; DELETE FROM ticket WHERE id = %d",
	    gone, gone, gone, gone);
	add_user(next);
	add_listener(next);
	add_rows(next++);
}

/* Compares each index with the rows that it is made of. */
static void
check_indexes(void)
{
	static const char *const tables[][3] = {
		{ "flyer_text", "title", "flyer" },
		{ "destination_text", "name", "destination" },
		{ "faq_text", "question || ' ' || answer", "faq" },
		{ "listener_text", "bio", "user" },
		{ "ticket_text", "subject || ' ' || body || ' ' || coalesce("
		    "(SELECT group_concat(r.body, ' ') FROM ticket_reply AS r "
		    "WHERE r.ticket_id = x.id), '')", "ticket" },
	};
	char sql[600];

	for (size_t i = 0; i < NELEM(tables); i++) {
		const char *const *t = tables[i];

		run("INSERT INTO %s(%s) VALUES ('integrity-check')", t[0],
		    t[0]);
		for (int word = 0; word < 7; word++) {
			snprintf(sql, sizeof(sql), "WITH a AS (SELECT rowid AS "
			    "id FROM %s WHERE %s MATCH '\"w%d\"*'), b AS (SELECT"
			    " id FROM %s AS x WHERE %s LIKE '%%w%d%%' AND (%d OR "
			    "id IN (SELECT user_id FROM listener))) SELECT "
			    "(SELECT count(*) FROM (SELECT id FROM a EXCEPT "
			    "SELECT id FROM b)) + (SELECT count(*) FROM (SELECT"
			    " id FROM b EXCEPT SELECT id FROM a))", t[0], t[0],
			    word, t[2], t[1], word, i != 3);
			if (number(sql) != 0)
				fail_msg("%s differs", t[0]);
		}
	}
}

static int
rebuild(unsigned *seed)
{
	bool more = true, outdated = true;
	int steps = 0;

	for (; more; steps++) {
		assert_int_equal(db_write(f.db), RC_OK);
		assert_int_equal(search_index_step(f.db, &more), RC_OK);
		if (rand_r(seed) % 4 == 0) {
			db_rollback(f.db);	/* as if it was killed */
			more = true;
		} else {
			assert_int_equal(db_commit(f.db), RC_OK);
		}
		assert_int_equal(db_write(f.db), RC_OK);
		change_rows(seed);
		assert_int_equal(db_commit(f.db), RC_OK);
		check_indexes();
	}
	assert_int_equal(db_read(f.db), RC_OK);
	assert_int_equal(search_index_outdated(f.db, &outdated), RC_OK);
	db_read_end(f.db);
	assert_false(outdated);
	return steps;
}

static void
changes_during_a_rebuild(void **state)
{
	const char *given = getenv("SEED");
	int64_t schema, start = clock_now();
	unsigned seed;

	(void)state;
	assert_true(given == NULL || str_int(given, &start));
	seed = (unsigned)start;
	printf("# SEED=%u\n", seed);
	test_db_open(&f);
	run("BEGIN");
	for (int id = 1; id <= ROWS; id++) {
		add_user(id);
		add_listener(id);
		add_rows(id);
	}
	run("COMMIT");
	check_indexes();
	schema = number("SELECT count(*) FROM sqlite_schema");
	run("UPDATE search_index SET version = 0");
	assert_true(rebuild(&seed) > 25);
	/* A second rebuild finds the tables as the first one left them. */
	run("UPDATE search_index SET version = 0");
	rebuild(&seed);
	assert_int_equal(number("SELECT count(*) FROM sqlite_schema"), schema);
	assert_int_equal(number("SELECT count(*) FROM sqlite_schema WHERE "
	    "name GLOB '*_text_next*'"), 0);
	test_db_close(&f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(changes_during_a_rebuild),
	};

	return cmocka_run_group_tests_name("search_index", tests, NULL, NULL);
}
