/* stmt: rows are limited by a budget and by the limits of arenas. */
#include "unit.h"

#include "db/internal.h"
#include "test_db.h"

#define NOTE	1000			/* bytes of an answer */

static struct test_db f;

/* Inserts ten FAQ entries, each with an answer of NOTE bytes. */
static void
fill(void)
{
	char note[NOTE + 1];
	int i;

	memset(note, 'x', NOTE);
	note[NOTE] = '\0';
	assert_int_equal(db_write(f.db), RC_OK);
	for (i = 0; i < 10; i++) {
		struct stmt *q = stmt_get(f.db, Q_FAQ_ADD);

		stmt_text(q, ":category", "c");
		stmt_text(q, ":question", "q");
		stmt_text(q, ":answer", note);
		stmt_int(q, ":position", i);
		stmt_int(q, ":published", 1);
		stmt_int(q, ":now", i);
		assert_int_equal(stmt_run(q), RC_OK);
	}
	assert_int_equal(db_commit(f.db), RC_OK);
}

static struct stmt *
all(void)
{
	struct stmt *q = stmt_get(f.db, Q_FAQ_LIST);

	stmt_int(q, ":drafts", 0);
	stmt_int(q, ":position", INT64_MIN);
	stmt_int(q, ":id", INT64_MIN);
	stmt_int(q, ":limit", 100);
	stmt_int(q, ":offset", 0);
	return q;
}

/* Column of the answer in faq_list. */
#define ANSWER	3

/* Reads rows into the arena until there are no more. */
static int
read_rows(struct stmt *q, struct arena *a)
{
	int n = 0;

	for (; stmt_row(q); n++)
		assert_int_equal(strlen(stmt_col_text(q, ANSWER, a)), NOTE);
	return n;
}

static void
a_budget_cuts_the_rows(void **state)
{
	static const struct {
		size_t bytes;
		int rows;
		bool cut;
	} cases[] = {
		{ 0, 1, true }, { NOTE, 1, true }, { NOTE + 1, 2, true },
		{ 5 * (NOTE + 1), 6, true }, { 9 * (NOTE + 1) - 1, 9, true },
		{ 9 * (NOTE + 1), 10, false }, { SIZE_MAX / 4, 10, false },
	};
	struct arena a;
	struct stmt *q;
	size_t i;

	(void)state;
	arena_init(&a, 1 << 20);
	arena_alloc(&a, 5000);		/* earlier allocations do not count */
	assert_int_equal(db_read(f.db), RC_OK);
	for (i = 0; i < NELEM(cases); i++) {
		q = all();
		stmt_budget(q, &a, cases[i].bytes);
		assert_int_equal(read_rows(q, &a), cases[i].rows);
		assert_int_equal(stmt_cut(q), cases[i].cut);
		assert_int_equal(stmt_done(q), RC_OK);
	}
	/* The next use of the statement has no budget. */
	q = all();
	assert_int_equal(read_rows(q, &a), 10);
	assert_false(stmt_cut(q));
	assert_int_equal(stmt_done(q), RC_OK);
	db_read_end(f.db);
	arena_free(&a);
}

static void
an_exceeded_arena_ends_all_statements(void **state)
{
	struct arena a;
	struct stmt *q;

	(void)state;
	log_init("unit", LOG_ERROR + 1);
	arena_init(&a, 3 * NOTE);
	assert_int_equal(db_read(f.db), RC_OK);
	q = all();
	assert_int_equal(read_rows(q, &a), 3);
	assert_int_equal(stmt_done(q), RC_FAULT);
	/*
	 * Other statements of the same work return no rows, even with other
	 * arenas.
	 */
	q = stmt_get(f.db, Q_FAQ_LAST);
	assert_false(stmt_row(q));
	assert_int_equal(stmt_done(q), RC_FAULT);
	/* Later work is not affected, and the statements are reset. */
	arena_reset(&a);
	q = all();
	assert_true(stmt_row(q));
	assert_int_equal(stmt_done(q), RC_OK);
	db_read_end(f.db);
	/* Later work is not affected either if the arena is not reset. */
	arena_alloc(&a, 4 * NOTE);
	assert_int_equal(db_read(f.db), RC_OK);
	q = all();
	assert_true(stmt_row(q));
	assert_int_equal(stmt_done(q), RC_OK);
	db_read_end(f.db);
	arena_free(&a);
	log_init("unit", LOG_ERROR);
}

/* Makes the query of the foreign key check fail. */
static int
deny(void *arg, int action, const char *table, const char *column,
    const char *schema, const char *trigger)
{
	(void)arg;
	(void)column;
	(void)schema;
	(void)trigger;
	return action == SQLITE_READ &&
	    str_eq(table, "pragma_foreign_key_check") ? SQLITE_DENY : SQLITE_OK;
}

/* A check that could not run is not reported as successful. */
static void
a_failed_check_is_a_fault(void **state)
{
	(void)state;
	assert_int_equal(db_verify(f.db, &f.err), RC_OK);
	sqlite3_set_authorizer(f.db->sql, deny, NULL);
	assert_int_equal(db_verify(f.db, &f.err), RC_FAULT);
	assert_string_equal(f.err.code, "foreign_key");
	sqlite3_set_authorizer(f.db->sql, NULL, NULL);
	assert_int_equal(db_verify(f.db, &f.err), RC_OK);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_budget_cuts_the_rows),
		cmocka_unit_test(an_exceeded_arena_ends_all_statements),
		cmocka_unit_test(a_failed_check_is_a_fault),
	};
	int failed;

	test_db_open(&f);
	fill();
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	test_db_close(&f);
	return failed;
}
